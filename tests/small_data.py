"""A data set that a small network learns in seconds: noisy class prototypes in the shape of a catalogued one."""

import torch

from lmc_core.data.dataset import Dataset
from lmc_core.data.spec import CATALOG, DatasetName


def small_dataset(name: DatasetName = "digits", train: int = 90, test: int = 70) -> Dataset:
    """So many images of the catalogued shape; the same at every call."""
    facts, source = CATALOG[name], torch.Generator().manual_seed(7)
    prototypes = torch.randint(0, 256, (facts.classes, facts.channels, facts.side, facts.side), generator=source)
    tensors = []
    for count in (train, test):
        labels = torch.randint(0, facts.classes, (count,), generator=source)
        noise = torch.randint(-120, 121, (count, facts.channels, facts.side, facts.side), generator=source)
        tensors += [(prototypes[labels] + noise).clamp(0, 255).to(torch.uint8), labels]
    return Dataset.of(name, *tensors)
