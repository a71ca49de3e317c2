"""scikit-learn's digits: 1,797 real 8x8 images that need no download."""

from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import Tensor

from lmc_core.data.download import Tell
from lmc_core.data.noise import generator
from lmc_core.data.spec import CATALOG


def obtain(_folder: Path, _tell: Tell) -> None:
    """Nothing: the images come with scikit-learn."""


def read(_folder: Path, _tell: Tell) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images, training labels, test images and test labels, as Dataset holds them.

    The set comes without a split: a fixed permutation gives 1,437 images to train and 360 to test. Its values are counts
    from 0 to 16; value v becomes the byte 255 v / 16, rounded to the nearest (the one tie, 8, to the even 128).
    """
    source = load_digits()
    images = torch.as_tensor(source.images).mul(255).div(16).round().to(torch.uint8)[:, None]
    labels = torch.as_tensor(source.target, dtype=torch.int64)
    order = torch.randperm(len(images), generator=generator(0, "split", 0, 0))
    train, test = order[: CATALOG["digits"].train], order[CATALOG["digits"].train :]
    return images[train], labels[train], images[test], labels[test]
