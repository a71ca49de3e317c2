"""Where each parameter lies in a member's row of numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

ALIGNMENT = 16
"""Numbers (64 bytes) to which each parameter is aligned, so that a kernel treats every member's row alike, to the bit."""


@dataclass(frozen=True)
class Layout:
    """The order in which a network's parameters lie one after the other, padded with zeros to whole cache lines.

    Attributes:
        names: of the parameters, as in the plain module's state_dict.
        shapes: of the parameters, without a leading member axis.
        offsets: of each parameter in a row.
        size: numbers in a row, padding included.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    offsets: tuple[int, ...]
    size: int

    @classmethod
    def of(cls, module: nn.Module) -> Self:
        """The layout of a plain module's parameters, in their own order."""
        parameters = dict(module.named_parameters())
        offsets, end = [], 0
        for parameter in parameters.values():
            offsets.append(end)
            end += -(-parameter.numel() // ALIGNMENT) * ALIGNMENT
        return cls(tuple(parameters), tuple(tuple(parameter.shape) for parameter in parameters.values()), tuple(offsets), end)

    @property
    def parameters(self) -> int:
        """Number of parameters, without padding."""
        return sum(math.prod(shape) for shape in self.shapes)

    def views(self, rows: Tensor) -> dict[str, Tensor]:
        """Each parameter [K, *shape] as a view of rows [K, size]."""
        return {
            name: rows[:, offset : offset + math.prod(shape)].unflatten(1, shape)
            for name, shape, offset in zip(self.names, self.shapes, self.offsets, strict=True)
        }

    def pack(self, weights: Mapping[str, Tensor]) -> Tensor:
        """A new row [size] that holds the weights."""
        row = torch.zeros(1, self.size)
        for name, view in self.views(row).items():
            view[0].copy_(weights[name])
        return row[0]

    def unpack(self, row: Tensor) -> dict[str, Tensor]:
        """The weights of a row [size], copied to the CPU."""
        return {name: view[0].to("cpu", copy=True).contiguous() for name, view in self.views(row.unsqueeze(0)).items()}
