"""Memory that a computation uses again at every step."""

import torch
from torch import Tensor


class Scratch:
    """Named buffers, made at first use and kept: one scratch belongs to one thread at a time.

    Allocating megabytes at each step costs page faults that rival the products themselves.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._buffers: dict[tuple[str, tuple[int, ...], torch.dtype], Tensor] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Tensor:
        """The buffer of this name, shape and type: zero at first, then with whatever it held last."""
        key = (name, shape, dtype)
        buffer = self._buffers.get(key)
        if buffer is None:
            buffer = self._buffers[key] = torch.zeros(shape, dtype=dtype, device=self.device)
        return buffer
