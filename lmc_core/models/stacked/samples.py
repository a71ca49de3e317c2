"""One split of a data set, ready for one network on one device."""

import torch
from torch import Tensor

from lmc_core.data.dataset import Dataset
from lmc_core.data.draws import Draws
from lmc_core.data.spec import CATALOG, Split
from lmc_core.models.facts import KEPT_IMAGES
from lmc_core.models.stacked.network import StackedNet

KEPT = {"cpu": KEPT_IMAGES, "cuda": 8 << 30}
"""Bytes that normalised images may take; a split that would take more stays as bytes and is resized and normalised batch by batch."""
BLOCK = 1 << 24
"""Numbers that are normalised at a time when a split is made ready."""


def kept_normalised(numbers: int, device: torch.device) -> bool:
    """Whether a split of so many numbers is kept as float32."""
    return 4 * numbers <= KEPT.get(device.type, KEPT["cuda"])


class Samples:
    """Images and labels of one split. Whether they are kept normalised or as bytes, the network sees the same bits.

    Attributes:
        labels: int64 [N], on the device.
        classes: number of different labels.

    Args:
        net: whose `arrange` lays the images out.
        dataset: the images as bytes.
        split: which of them.
        device: where batches are made.
    """

    def __init__(self, net: StackedNet, dataset: Dataset, split: Split, device: torch.device) -> None:
        images, labels = (dataset.train_images, dataset.train_labels) if split == "train" else (dataset.test_images, dataset.test_labels)
        self.labels = labels.to(device)
        self.classes = CATALOG[dataset.name].classes
        self._net = net
        self._side, self._statistics = images.shape[-1], (dataset.mean, dataset.std)
        self._images = images.to(device)
        self._ready: Tensor | None = None
        one = self._prepare(self._images[:1])
        if kept_normalised(len(images) * one.numel(), device):
            self._ready = torch.empty((len(images), *one.shape[1:]), device=device)
            block = max(1, BLOCK // one.numel())
            for start in range(0, len(images), block):
                self._ready[start : start + block] = self._prepare(self._images[start : start + block])

    def __len__(self) -> int:
        return len(self.labels)

    def chunk(self, start: int, stop: int) -> Tensor:
        """Inputs [stop - start, ...] in the data set's order."""
        return self._ready[start:stop] if self._ready is not None else self._prepare(self._images[start:stop])

    def batch(self, index: Tensor, draws: Draws | None = None) -> Tensor:
        """Inputs [*index.shape, ...] at the indices, augmented where draws of the same shape say so."""
        flat = index.flatten()
        if draws is None and self._ready is not None:
            inputs = self._ready.index_select(0, flat)
        else:
            images = self._images.index_select(0, flat)
            inputs = self._prepare(images if draws is None else draws.map(torch.flatten).apply(images))
        return torch.unflatten(inputs, 0, index.shape)

    def _prepare(self, images: Tensor) -> Tensor:
        return self._net.arrange(self._net.preprocessing(images, self._side, self._statistics))
