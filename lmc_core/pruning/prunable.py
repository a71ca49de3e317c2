"""Which parameters of a network may be pruned, and where they lie in its row of numbers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from lmc_core.data.spec import DatasetFacts
from lmc_core.models.build import module_of
from lmc_core.models.locally_connected import LocallyConnected2d
from lmc_core.models.spec import ArchitectureSpec
from lmc_core.models.stacked.layout import Layout
from lmc_core.pruning.spec import Pruning

WEIGHT_LAYERS = (nn.Linear, nn.Conv2d, LocallyConnected2d)
"""Modules whose weight is a matrix or a kernel."""
NORMS = (nn.LayerNorm,)
EXACT = 1 << 24
"""Up to so many ones add up exactly in float32."""


def prunable_names(module: nn.Module, pruning: Pruning) -> tuple[str, ...]:
    """Names of the parameters that may be pruned, chosen by the types of the modules that own them, in the network's order.

    Weights of matrices and kernels; biases, norms and the classifier, which is the last weight layer, only if asked. What
    belongs to none of these types, such as the class token and the positions of attention, is never pruned.
    """
    owners = {name: owner for name, owner in module.named_modules() if isinstance(owner, WEIGHT_LAYERS + NORMS)}
    classifier = [name for name, owner in owners.items() if isinstance(owner, WEIGHT_LAYERS)][-1]
    names = []
    for name, owner in owners.items():
        if pruning.norms if isinstance(owner, NORMS) else name != classifier or pruning.classifier:
            names += [f"{name}.weight", f"{name}.bias"] if pruning.biases else [f"{name}.weight"]
    return tuple(names)


@dataclass(frozen=True)
class Prunable:
    """The prunable part of a row.

    Attributes:
        layout: of the whole row.
        names: of the tensors that may be pruned, in the layout's order.
    """

    layout: Layout
    names: tuple[str, ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Numbers in each of the tensors."""
        shapes = dict(zip(self.layout.names, self.layout.shapes, strict=True))
        return tuple(math.prod(shapes[name]) for name in self.names)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """Where each of the tensors lies in a row."""
        offsets = dict(zip(self.layout.names, self.layout.offsets, strict=True))
        return tuple(slice(offsets[name], offsets[name] + size) for name, size in zip(self.names, self.sizes, strict=True))

    @property
    def weights(self) -> int:
        """Number of prunable weights, N."""
        return sum(self.sizes)

    def parts(self, row: Tensor) -> Iterator[Tensor]:
        """Each prunable tensor of a row [size], flat, as a view."""
        return (row[here] for here in self.slices)

    def gather(self, row: Tensor) -> Tensor:
        """The prunable numbers [N] of a row [size]; a view where they lie in one piece."""
        parts = tuple(self.parts(row))
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def row(self, values: Tensor) -> Tensor:
        """A new row [size] that holds the values [N] where weights may be pruned, and 1 elsewhere."""
        row = torch.ones(self.layout.size, device=values.device)
        for part, own in zip(self.parts(row), values.split(self.sizes), strict=True):
            part.copy_(own)
        return row

    def nonzero(self, rows: Tensor) -> Tensor:
        """How many prunable weights of each row [..., size] are not 0, as a float64 tensor [...] on their device."""
        return torch.stack([count_nonzero(rows[..., here]) for here in self.slices]).sum(0)


def count_nonzero(values: Tensor) -> Tensor:
    """How many of the values [..., N] are not 0, exactly, in float64 [...]: on a CPU several times faster than torch's own."""
    ones = torch.ne(values, 0, out=values.new_empty(values.shape))
    return ones.sum(-1, dtype=torch.float64 if values.shape[-1] > EXACT else torch.float32).double()


def prunable_of(architecture: ArchitectureSpec, data: DatasetFacts, pruning: Pruning, layout: Layout) -> Prunable:
    """What may be pruned of an architecture's networks."""
    with torch.device("meta"):
        return Prunable(layout, prunable_names(module_of(architecture, data), pruning))
