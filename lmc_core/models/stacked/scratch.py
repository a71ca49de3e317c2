"""Memory that a computation uses again at every step."""

import math

import torch
from torch import Tensor

from lmc_core.models.stacked.layout import ALIGNMENT


class Scratch:
    """Named buffers, made at first use and kept: one scratch belongs to one thread at a time.

    Allocating megabytes at each step costs page faults that rival the products themselves. On a CPU each part along the
    first axis, a member's, begins at a cache line, with unused numbers before it where need be: kernels may treat numbers
    differently by where they lie, and a member's bits must not depend on who is stacked before it.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._buffers: dict[tuple[str, tuple[int, ...], torch.dtype], Tensor] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Tensor:
        """The buffer of this name, shape and type: zero at first, then with whatever it held last."""
        key = (name, shape, dtype)
        buffer = self._buffers.get(key)
        if buffer is None:
            buffer = self._buffers[key] = self._made(shape, dtype)
        return buffer

    def _made(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        numbers = math.prod(shape[1:])
        if self.device.type != "cpu" or numbers % ALIGNMENT == 0:
            return torch.zeros(shape, dtype=dtype, device=self.device)
        rows = torch.zeros((shape[0], -(-numbers // ALIGNMENT) * ALIGNMENT), dtype=dtype)
        return torch.unflatten(rows[:, :numbers], 1, shape[1:])
