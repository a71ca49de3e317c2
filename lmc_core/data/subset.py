"""Training on some of the images."""

from dataclasses import replace

import torch

from lmc_core.data.catalog import CATALOG
from lmc_core.data.dataset import Dataset, checksum
from lmc_core.data.noise import generator
from lmc_core.errors import LMCError


def first(dataset: Dataset, samples: int | None) -> Dataset:
    """The data set with so many of its training images; the test set stays whole.

    They are the first of a permutation that is the same for every run, so a smaller choice is part of a larger one, put
    back into the data set's order, so that choosing all changes nothing.

    Args:
        dataset: possibly a folder's part of the catalogued images.
        samples: how many; None asks for all that are catalogued.

    Raises:
        LMCError: fewer images are there.
    """
    facts, there = CATALOG[dataset.name], len(dataset.train_images)
    wanted = facts.train if samples is None else samples
    if wanted > there:
        asked = f"train_samples is {samples:,}" if samples is not None else f"{facts.title} has {facts.train:,} training images"
        raise LMCError(f"{asked}, but only {there:,} are in the data folder; set train_samples to at most {there}.")
    if wanted == there:
        return dataset
    chosen = torch.randperm(there, generator=generator(0, "subset", 0, 0))[:wanted].sort().values
    images, labels = dataset.train_images[chosen], dataset.train_labels[chosen]
    return replace(
        dataset,
        train_images=images,
        train_labels=labels,
        sha256=checksum(images, labels, dataset.test_images, dataset.test_labels),
    )
