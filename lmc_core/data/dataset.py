"""A data set as the program holds it: one tensor of images and one of labels for each split."""

import hashlib
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from lmc_core.data.holdings import Holding
from lmc_core.data.normalisation import CHANNEL_STATISTICS
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.errors import LMCError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels on the CPU, with the constants by which the images are normalised.

    Attributes:
        name: key of the catalogue.
        train_images: uint8 [N, C, H, W], 0 is black and 255 is white.
        train_labels: int64 [N], from 0 to classes - 1.
        test_images: uint8 [M, C, H, W].
        test_labels: int64 [M].
        sha256: of the bytes of the four tensors, in the order above.
        source: what was in the data folder, of which these may be a part.
        mean: of each channel of the catalogued training images scaled to [0, 1].
        std: likewise, the standard deviation over all pixels.

    Raises:
        LMCError: tensors that do not fit the catalogue or each other.
    """

    name: DatasetName
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    sha256: str
    source: Holding
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __post_init__(self) -> None:
        facts = CATALOG[self.name]
        shape = (facts.channels, facts.side, facts.side)
        for split, images, labels in (
            ("training", self.train_images, self.train_labels),
            ("test", self.test_images, self.test_labels),
        ):
            if images.dtype != torch.uint8 or images.ndim != 4 or tuple(images.shape[1:]) != shape:
                raise LMCError(
                    f"The {split} images of {self.name} are {images.dtype} {list(images.shape)}; expected uint8 [N, {facts.channels}, "
                    f"{facts.side}, {facts.side}]."
                )
            if labels.dtype != torch.int64 or tuple(labels.shape) != (len(images),):
                raise LMCError(
                    f"The {split} labels of {self.name} are {labels.dtype} {list(labels.shape)}; expected int64 [{len(images)}]."
                )
            if len(images) == 0:
                raise LMCError(f"There is no {split} image of {self.name}; expected at least one.")
            low, high = int(labels.min()), int(labels.max())
            if low < 0 or high >= facts.classes:
                raise LMCError(f"The {split} labels of {self.name} go from {low} to {high}; expected 0 to {facts.classes - 1}.")

    @classmethod
    def of(cls, name: DatasetName, train_images: Tensor, train_labels: Tensor, test_images: Tensor, test_labels: Tensor) -> Self:
        """The data set of these four tensors, with its checksum taken and its normalisation looked up."""
        tensors = (train_images, train_labels, test_images, test_labels)
        mean, std = CHANNEL_STATISTICS[name]
        sha256 = checksum(*tensors)
        source = Holding(len(train_images), len(test_images), sha256)
        return cls(name, *tensors, sha256=sha256, source=source, mean=mean, std=std)


def checksum(*tensors: Tensor) -> str:
    """The sha256 of the tensors' bytes one after the other, as hexadecimal digits."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.contiguous().numpy().data)
    return digest.hexdigest()
