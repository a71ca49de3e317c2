"""Whole epochs of several networks, plain and here, in turn."""

import time

import torch

from benchmarks import plain
from lmc_core.data.dataset import Dataset
from lmc_core.spec import MLP, SGD, Measurement, TwinsSpec
from lmc_core.training.run import train_twins

LR, MOMENTUM = 0.05, 0.9


def compare(dataset: Dataset, width: int, pairs: int, measured: int, repeats: int) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of one epoch of all twins of 784-width-10, for each plain variant and here; a warm-up epoch is not counted.

    Args:
        dataset: of MNIST's shape.
        width: of the hidden layer.
        pairs: of twins.
        measured: networks that the plain variants really train; their time is scaled to all, which come one after the other.
        repeats: epochs that are measured.
    """
    plain.quiet()
    spec = TwinsSpec(
        dataset="mnist",
        architecture=MLP(depth=2, width=width),
        optimizer=SGD(lr=LR, momentum=MOMENTUM),
        batch_size=plain.BATCH,
        epochs=repeats + 1,
        repeats=pairs,
        measurement=Measurement(alphas=3, every=0),
        device="cpu",
    )
    loaders = {f"DataLoader, {workers} workers": plain.loaders(dataset, workers)[0] for workers in plain.WORKERS}
    epochs = (event.train_seconds for event in train_twins(spec, dataset) if event.event == "epoch")
    before = next(epochs)
    for loader in loaders.values():
        next(iter(loader))
    seconds: dict[str, list[float]] = {name: [] for name in loaders}
    own: list[float] = []
    for _ in range(repeats):
        for name, loader in loaders.items():
            nets = [plain.mlp(2, width) for _ in range(measured)]
            optimizers = [torch.optim.SGD(net.parameters(), lr=LR, momentum=MOMENTUM) for net in nets]
            begun = time.perf_counter()
            for net, optimizer in zip(nets, optimizers, strict=True):
                plain.train_epoch(net, optimizer, loader)
            seconds[name].append((time.perf_counter() - begun) * 2 * pairs / measured)
        after = next(epochs)
        own.append(after - before)
        before = after
    return seconds, own
