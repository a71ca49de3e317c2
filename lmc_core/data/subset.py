"""Training and measuring on some of the images."""

from dataclasses import replace

import torch
from torch import Tensor

from lmc_core.data.catalog import CATALOG
from lmc_core.data.dataset import Dataset, checksum
from lmc_core.data.noise import Purpose, generator
from lmc_core.errors import LMCError


def first(dataset: Dataset, samples: int | None, test_samples: int | None = None) -> Dataset:
    """The data set with so many of its training images, and so many of its test images.

    They are the first of a permutation that is the same for every run, so a smaller choice is part of a larger one, put
    back into the data set's order, so that choosing all changes nothing.

    Args:
        dataset: possibly a folder's part of the catalogued images.
        samples: how many to train on; None asks for all that are catalogued.
        test_samples: how many to measure on; None keeps all that are there.

    Raises:
        LMCError: fewer images are there.
    """
    facts, there, tested = CATALOG[dataset.name], len(dataset.train_images), len(dataset.test_images)
    wanted = facts.train if samples is None else samples
    if wanted > there:
        asked = f"train_samples is {samples:,}" if samples is not None else f"{facts.title} has {facts.train:,} training images"
        raise LMCError(f"{asked}, but only {there:,} are in the data folder; set train_samples to at most {there}.")
    if test_samples is not None and test_samples > tested:
        raise LMCError(
            f"test_samples is {test_samples:,}, but only {tested:,} are in the data folder; set test_samples to at most {tested}."
        )
    if wanted == there and test_samples in (None, tested):
        return dataset
    train = _choice("subset", there, wanted)
    test = _choice("test_subset", tested, tested if test_samples is None else test_samples)
    chosen = replace(
        dataset,
        train_images=dataset.train_images[train],
        train_labels=dataset.train_labels[train],
        test_images=dataset.test_images[test],
        test_labels=dataset.test_labels[test],
    )
    tensors = chosen.train_images, chosen.train_labels, chosen.test_images, chosen.test_labels
    return replace(chosen, sha256=checksum(*tensors))


def _choice(purpose: Purpose, there: int, wanted: int) -> Tensor:
    """The places of so many images, rising."""
    return torch.randperm(there, generator=generator(0, purpose, 0, 0))[:wanted].sort().values
