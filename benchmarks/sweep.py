"""python -m benchmarks.sweep: sweeps as one program: 72 tiny networks, and figure 1's 12 slopes at two widths."""

import time
from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks import plain
from benchmarks.setting import mnist_shaped, parser, table
from lmc_core.connectivity.spec import Measurement
from lmc_core.data.dataset import Dataset
from lmc_core.data.load import load
from lmc_core.data.normalisation import normalise
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import MLP
from lmc_core.optim.spec import SGD
from lmc_core.settings import REPOSITORY
from lmc_core.training.crew import train_crew

SLOPES = (0.0, 0.01, *(tenth / 10 for tenth in range(1, 10)), 0.99)
"""Figure 1's."""
LR, MOMENTUM = 0.05, 0.9
TINY_BATCH = 64
RATES = tuple(0.01 * (1 + place) for place in range(36))
"""36 cells of twins are 72 networks."""


def epochs_of(specs: Sequence[TwinsSpec], dataset: Dataset, device: str = "cpu") -> Iterator[float]:
    """Seconds that the whole crew spends in the steps of each epoch, one epoch after the other."""
    before, told = 0.0, [0.0] * len(specs)
    for index, event in train_crew(specs, dataset, device=device):
        if event.event == "epoch":
            told[index] = event.train_seconds
            if index == len(specs) - 1:
                yield sum(told) - before
                before = sum(told)


def tiny_specs(epochs: int) -> list[TwinsSpec]:
    """72 networks 64-64-10 at 36 learning rates."""
    return [
        TwinsSpec(
            dataset="digits",
            architecture=MLP(depth=2, width=64),
            optimizer=SGD(lr=rate, momentum=MOMENTUM),
            batch_size=TINY_BATCH,
            epochs=epochs,
            measurement=Measurement(alphas=3, every=0),
        )
        for rate in RATES
    ]


def slope_specs(width: int, epochs: int) -> list[TwinsSpec]:
    """Figure 1's twins on MNIST, 784-width-10, at each slope."""
    return [
        TwinsSpec(
            dataset="mnist",
            architecture=MLP(depth=2, width=width, slope=slope),
            optimizer=SGD(lr=LR, momentum=MOMENTUM),
            batch_size=plain.BATCH,
            epochs=epochs,
            measurement=Measurement(alphas=3, every=0),
        )
        for slope in SLOPES
    ]


def tiny(repeats: int) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of an epoch of 72 networks 64-64-10 on digits, one after the other on images in memory and as one crew."""
    dataset = load("digits", REPOSITORY / "cache" / "data")
    specs = tiny_specs(repeats + 1)
    images, labels = normalise(dataset.train_images, dataset.mean, dataset.std).flatten(1), dataset.train_labels
    epochs = epochs_of(specs, dataset)
    next(epochs)
    threads = torch.get_num_threads()
    loops: dict[str, list[float]] = {}
    own: list[float] = []
    for _ in range(repeats):
        for count in {1, threads}:
            torch.set_num_threads(count)
            begun = time.perf_counter()
            for rate in RATES:
                for _ in range(2):
                    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
                    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=MOMENTUM)
                    for index in torch.randperm(len(images)).split(TINY_BATCH):
                        optimizer.zero_grad()
                        F.cross_entropy(net(images[index]), labels[index]).backward()
                        optimizer.step()
            name = f"one after the other, plain torch, images in memory, threads: {count}"
            loops.setdefault(name, []).append(time.perf_counter() - begun)
        own.append(next(epochs))
    return loops, own


def figure1(dataset: Dataset, width: int, measured: int, repeats: int) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of an epoch of twins at each of 12 slopes, for each plain variant and as one crew; a warm-up epoch is not counted.

    Args:
        dataset: of MNIST's shape.
        width: of the hidden layer.
        measured: networks that the plain variants really train; their time is scaled to all, which come one after the other.
        repeats: epochs that are measured.
    """
    epochs = epochs_of(slope_specs(width, repeats + 1), dataset)
    train = partial(plain.train_mlps, measured, width, LR, MOMENTUM)
    return plain.in_turn(dataset, epochs, train, measured / (2 * len(SLOPES)), repeats)


if __name__ == "__main__":
    arguments = parser("72 networks 64-64-10 as one sweep, and figure 1's 12 slopes x 2 twins at 784-128-10 and 784-512-10.")
    arguments.add_argument("--whole", action="store_true", help="train all 24 networks of figure 1's plain variants (an hour)")
    chosen = arguments.parse_args()
    loops, own = tiny(chosen.repeats)
    remarks = "Optimiser steps alone; measuring is not counted."
    title = "72 networks 64-64-10 on digits, batch 64, an epoch of all"
    print(table(title, loops, own, remarks) + "\n")
    measured = 2 * len(SLOPES) if chosen.whole else 2
    scaled = "" if chosen.whole else f" The plain variants trained {measured} networks; their time is multiplied by {len(SLOPES)}."
    data = mnist_shaped(chosen.data)
    for width in (128, 512):
        seconds, own = figure1(data, width, measured, chosen.repeats)
        print(table(f"Figure 1: 12 slopes x 2 twins, 784-{width}-10, batch 128, an epoch of all", seconds, own, remarks + scaled) + "\n")
