"""One split of a data set, ready for one network on one device."""

import torch
from torch import Tensor

from lmc_core.data.augmentation import Draws, shift_flip
from lmc_core.data.normalisation import normalise
from lmc_core.models.stacked.network import StackedNet

KEPT = {"cpu": 1 << 30, "cuda": 8 << 30}
"""Bytes that normalised images may take; a split that would take more stays as bytes and is normalised batch by batch."""
BLOCK = 4096
"""Images that are normalised at a time when a split is made ready."""


class Samples:
    """Images and labels of one split. Whether they are kept normalised or as bytes, the network sees the same bits.

    Args:
        net: whose `arrange` lays them out.
        images: uint8 [N, C, H, W].
        labels: int64 [N].
        statistics: mean and standard deviation of each channel.
        device: where batches are made.
    """

    def __init__(
        self, net: StackedNet, images: Tensor, labels: Tensor, statistics: tuple[tuple[float, ...], tuple[float, ...]], device: torch.device
    ) -> None:
        self._net = net
        self._statistics = statistics
        self._images = images.to(device)
        self._ready: Tensor | None = None
        self.labels = labels.to(device)
        if images.numel() * 4 <= KEPT.get(device.type, KEPT["cuda"]):
            shape = self._prepare(self._images[:1]).shape[1:]
            self._ready = torch.empty((len(images), *shape), device=device)
            for start in range(0, len(images), BLOCK):
                self._ready[start : start + BLOCK] = self._prepare(self._images[start : start + BLOCK])

    def __len__(self) -> int:
        return len(self.labels)

    def chunk(self, start: int, stop: int) -> Tensor:
        """Inputs [stop - start, ...] in the data set's order."""
        return self._ready[start:stop] if self._ready is not None else self._prepare(self._images[start:stop])

    def batch(self, index: Tensor, draws: Draws | None = None) -> Tensor:
        """Inputs [*index.shape, ...] at the indices, moved and mirrored where draws of the same shape say so."""
        flat = index.flatten()
        if draws is not None:
            inputs = self._prepare(
                shift_flip(self._images.index_select(0, flat).view(*index.shape, *self._images.shape[1:]), draws).flatten(0, -4)
            )
        elif self._ready is not None:
            inputs = self._ready.index_select(0, flat)
        else:
            inputs = self._prepare(self._images.index_select(0, flat))
        return inputs.unflatten(0, index.shape)

    def _prepare(self, images: Tensor) -> Tensor:
        return self._net.arrange(normalise(images, *self._statistics))
