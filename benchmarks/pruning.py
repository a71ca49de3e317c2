"""python -m benchmarks.pruning: 10 levels of sparse twins as one cohort, and what PLATON costs a step."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice

import torch
from torch.nn import functional as F

from benchmarks import plain
from benchmarks.setting import mnist_shaped, parser, table
from lmc_core.data.dataset import Dataset
from lmc_core.experiment import PruneSpec
from lmc_core.models.cores import Cores
from lmc_core.models.spec import MLP
from lmc_core.models.stacked import Samples
from lmc_core.optim.spec import SGD
from lmc_core.plan import Group, LevelKind, phases
from lmc_core.pruning.prunable import prunable_of
from lmc_core.pruning.sparsity import Sparsity
from lmc_core.pruning.spec import Platon, Random
from lmc_core.training.networks import stacked
from lmc_core.training.pruning_phase import PhaseTraining
from lmc_core.training.pruning_run import train_pruning
from lmc_core.training.sparsity import sparsity_of
from lmc_core.training.tickets import Kept, Tickets

LR, MOMENTUM = 0.05, 0.9
WIDTH = 128
DENSITIES = (0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Nine, and the dense level is the tenth."""
NETWORKS = 2 * (1 + len(DENSITIES))
STEPS = 200
"""Of which the time of one is the mean."""


def levels(epochs: int) -> PruneSpec:
    """Ten levels with twins, all of them in one cohort, since random masks are there before training."""
    return PruneSpec(
        dataset="mnist",
        architecture=MLP(width=WIDTH),
        optimizer=SGD(lr=LR, momentum=MOMENTUM),
        batch_size=plain.BATCH,
        epochs=epochs,
        pruning=Random(densities=DENSITIES, random_control=False),
    )


def epochs_of(spec: PruneSpec, dataset: Dataset) -> Iterator[float]:
    """Seconds that the cohort spends in the steps of each epoch, one epoch after the other."""
    before = 0.0
    for event in train_pruning(spec, dataset):
        if event.event == "networks":
            yield event.train_seconds - before
            before = event.train_seconds


def masked_epoch(net: torch.nn.Module, masks: list[torch.Tensor], optimizer: torch.optim.Optimizer, loader: plain.Loader) -> None:
    """One epoch of one masked network, as a user would write it."""
    parameters = list(net.parameters())
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        for parameter, mask in zip(parameters, masks, strict=True):
            if parameter.grad is not None:
                parameter.grad.mul_(mask)
        optimizer.step()


def compare(dataset: Dataset, measured: int, repeats: int) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of an epoch of all ten levels' twins, for each plain variant and here; a warm-up epoch is not counted.

    Args:
        dataset: of MNIST's shape.
        measured: networks that the plain variants really train; their time is scaled to all, which come one after the other.
        repeats: epochs that are measured.
    """

    def train(loader: plain.Loader) -> None:
        for density in islice(cycle(DENSITIES), measured):
            net = plain.mlp(2, WIDTH)
            masks = [(torch.rand_like(parameter) < density).float() for parameter in net.parameters()]
            masked_epoch(net, masks, torch.optim.SGD(net.parameters(), lr=LR, momentum=MOMENTUM), loader)

    return plain.in_turn(dataset, epochs_of(levels(repeats + 1), dataset), train, measured / NETWORKS, repeats)


def step_seconds(dataset: Dataset, repeats: int) -> dict[str, float]:
    """Median seconds of one step of two networks, one on each core, by what is kept of their weights, measured in turn."""
    spec = levels(1)
    variants: dict[str, PruneSpec | None] = {
        "plain": None,
        "a mask that holds": spec,
        **{
            f"PLATON, {masking} masks every {interval} steps": spec.model_copy(
                update={"pruning": Platon(densities=(0.2,), interval=interval, masking=masking)}
            )
            for masking, interval in (("soft", 1), ("soft", 10), ("soft", 100), ("hard", 10))
        },
    }
    found: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(repeats):
        for name, chosen in variants.items():
            with Cores(torch.device("cpu")) as cores:
                training = _two_networks(chosen or spec, dataset, cores, masked=chosen is not None)
                training.advance(0, 50)
                begun = time.perf_counter()
                training.advance(50, 50 + STEPS)
                found[name].append((time.perf_counter() - begun) / STEPS)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def _two_networks(spec: PruneSpec, dataset: Dataset, cores: Cores, masked: bool) -> PhaseTraining:
    first, net = phases(spec)[0], stacked(spec)
    kind: LevelKind = "pruned" if isinstance(spec.pruning, Platon) else "ticket"
    phase = replace(first, groups=(Group(kind, 0.2, None, ("a", "b")),), derived=())
    samples, prunable = Samples(net, dataset, "train", cores.device), prunable_of(spec.architecture, spec.data, spec.pruning, net.layout)
    tickets = Tickets(spec, net, prunable, samples, cores, Kept((phase,)))
    rule = sparsity_of(spec, phase, prunable) if masked else Sparsity(prunable)
    return PhaseTraining(spec, phase, net, samples, rule, tickets, cores)


if __name__ == "__main__":
    arguments = parser("10 levels with 2 twins each of an MLP 784-128-10 as one cohort; what masks and PLATON add to a step.")
    arguments.add_argument("--whole", action="store_true", help="train all 20 networks of the plain variants (half an hour)")
    chosen = arguments.parse_args()
    measured = NETWORKS if chosen.whole else 2
    data = mnist_shaped(chosen.data)
    seconds, own = compare(data, measured, chosen.repeats)
    scaled = "" if chosen.whole else f" The plain variants trained {measured} networks; their time is multiplied by {NETWORKS // measured}."
    remarks = f"Optimiser steps alone; measuring is not counted.{scaled}"
    print(table("10 levels x 2 twins, 784-128-10, batch 128, an epoch of all", seconds, own, remarks) + "\n")
    steps = step_seconds(data, chosen.repeats)
    print("A step of two networks 784-128-10, batch 128, one on each core\n\n| what | ms | over plain |\n| --- | ---: | ---: |")
    for name, taken in steps.items():
        print(f"| {name} | {1e3 * taken:.3f} | {taken / steps['plain']:.2f} |")
