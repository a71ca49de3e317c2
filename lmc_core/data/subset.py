"""Training and measuring on some of the images."""

from dataclasses import replace

import torch
from torch import Tensor

from lmc_core.data.dataset import Dataset, checksum
from lmc_core.data.holdings import Holding, lacking
from lmc_core.data.noise import Purpose, generator
from lmc_core.data.spec import CATALOG, DatasetName, Split
from lmc_core.errors import LMCError


def first(dataset: Dataset, samples: int | None, test_samples: int | None = None) -> Dataset:
    """The data set with so many of its training images, and so many of its test images.

    They are the first of a permutation that is the same for every run, so a smaller choice is part of a larger one, put
    back into the data set's order, so that choosing all changes nothing.

    Args:
        dataset: possibly a folder's part of the catalogued images.
        samples: how many to train on; None asks for all that are catalogued.
        test_samples: how many to measure on; None likewise.

    Raises:
        LMCError: fewer images are there.
    """
    facts, there, tested = CATALOG[dataset.name], len(dataset.train_images), len(dataset.test_images)
    if reason := lacking(dataset.name, Holding(there, tested), samples, test_samples):
        raise LMCError(reason)
    wanted, measured = samples or facts.train, test_samples or facts.test
    if (wanted, measured) == (there, tested):
        return dataset
    train = _choice("subset", there, wanted)
    test = _choice("test_subset", tested, measured)
    chosen = replace(
        dataset,
        train_images=dataset.train_images[train],
        train_labels=dataset.train_labels[train],
        test_images=dataset.test_images[test],
        test_labels=dataset.test_labels[test],
    )
    tensors = chosen.train_images, chosen.train_labels, chosen.test_images, chosen.test_labels
    return replace(chosen, sha256=checksum(*tensors))


def chosen_places(name: DatasetName, samples: int | None, test_samples: int | None) -> dict[Split, list[int]]:
    """The places in the whole data set, from 0, of the images that a run trains on and measures on; a split used whole is left out."""
    facts, places = CATALOG[name], dict[Split, list[int]]()
    if samples is not None and samples < facts.train:
        places["train"] = _choice("subset", facts.train, samples).tolist()
    if test_samples is not None and test_samples < facts.test:
        places["test"] = _choice("test_subset", facts.test, test_samples).tolist()
    return places


def _choice(purpose: Purpose, there: int, wanted: int) -> Tensor:
    """The places of so many images, rising."""
    return torch.randperm(there, generator=generator(0, purpose, 0, 0))[:wanted].sort().values
