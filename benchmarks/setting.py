"""What the benchmarks of speed have in common: the data they run on, the place, and the table they print."""

import argparse
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from lmc_core.data.dataset import Dataset
from lmc_core.data.load import load
from lmc_core.models.cores import available
from lmc_core.training.device import processor


def parser(what: str) -> argparse.ArgumentParser:
    """Arguments that all of them take."""
    arguments = argparse.ArgumentParser(description=what)
    arguments.add_argument("--data", type=Path, help="a folder with MNIST in torchvision's layout; random images of its shape without one")
    arguments.add_argument("--repeats", type=int, default=3, help="measurements of each variant, taken in turn; the medians are printed")
    return arguments


def mnist_shaped(folder: Path | None) -> Dataset:
    """MNIST from a folder, or random images and labels of its shape."""
    if folder is not None:
        return load("mnist", folder)
    source = torch.Generator().manual_seed(0)
    tensors = []
    for count in (60_000, 10_000):
        tensors.append(torch.randint(0, 256, (count, 1, 28, 28), dtype=torch.uint8, generator=source))
        tensors.append(torch.randint(0, 10, (count,), generator=source))
    return Dataset.of("mnist", *tensors)


def table(title: str, plain: Mapping[str, Sequence[float]], own: Sequence[float], remarks: str) -> str:
    """Medians in seconds, and how many times faster each is than the best plain variant, as Markdown.

    Args:
        title: what was done.
        plain: seconds of each plain variant.
        own: seconds of the project.
        remarks: what one has to know to read it.
    """
    medians = {name: statistics.median(seconds) for name, seconds in plain.items()}
    here = statistics.median(own)
    best = min(medians.values())
    rows = [f"| {name} | {seconds:.2f} | {best / seconds:.1f} |" for name, seconds in (medians | {"this project": here}).items()]
    place = f"{processor()}, {available()} cores, Python {platform.python_version()}, torch {torch.__version__}, medians of {len(own)}"
    return "\n".join([f"{title} ({place})", "", "| variant | seconds | times |", "| --- | ---: | ---: |", *rows, "", remarks])
