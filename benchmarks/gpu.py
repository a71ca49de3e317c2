"""python -m benchmarks.gpu: on a CUDA machine: crews against a DataLoader, captured steps, and table 1 at paper size."""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks import plain
from benchmarks.setting import mnist_shaped, parser, table
from benchmarks.sweep import LR, MOMENTUM, RATES, SLOPES, TINY_BATCH, epochs_of, slope_specs, tiny_specs
from lmc_core.connectivity.spec import Measurement
from lmc_core.cost.footprint import fitting_together
from lmc_core.data.dataset import Dataset
from lmc_core.data.spec import CATALOG
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import LinearNet
from lmc_core.models.stacked import Samples
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.optim.spec import SGD
from lmc_core.packing import crew_key, members_of_run
from lmc_core.settings import MEMORY_SHARE, machine_memory
from lmc_core.sweeps.plans import PLANS
from lmc_core.training.cohort import Cohort
from lmc_core.training.crew import train_crew
from lmc_core.training.execution import Task, Together
from lmc_core.training.member import members_of
from lmc_core.training.networks import initialise, stacked

WORKERS = (0, 8)
DEEP = LinearNet(depth=8, width=512)
LARGE_BATCH = 30_000
CAPTURED_STEPS = 300


def random_images(spec: TwinsSpec, samples: int) -> Dataset:
    """Random images and labels of the shape of a spec's data set."""
    facts, source = CATALOG[spec.dataset], torch.Generator().manual_seed(0)
    tensors = []
    for count in (samples, facts.test):
        tensors.append(torch.randint(0, 256, (count, facts.channels, facts.side, facts.side), dtype=torch.uint8, generator=source))
        tensors.append(torch.randint(0, facts.classes, (count,), generator=source))
    return Dataset.of(spec.dataset, *tensors)


def own_epochs(specs: Sequence[TwinsSpec], dataset: Dataset, device: str) -> list[float]:
    """Seconds of each epoch of a crew but the first, in which the step is captured."""
    return list(epochs_of(specs, dataset, device))[1:]


def with_loader(nets: Iterable[nn.Module], dataset: Dataset, workers: int, batch: int, device: str) -> float:
    """Seconds of one epoch of networks, one after the other, from a DataLoader."""
    loader = plain.loaders(dataset, workers, batch)[0]
    next(iter(loader))
    begun = time.perf_counter()
    for net in nets:
        there = net.to(device)
        plain.train_epoch(there, torch.optim.SGD(there.parameters(), lr=LR, momentum=MOMENTUM), loader, device)
    wait(device)
    return time.perf_counter() - begun


def in_memory(nets: Iterable[nn.Module], images: torch.Tensor, labels: torch.Tensor, batch: int) -> float:
    """Seconds of one epoch of networks, one after the other, on images that lie on the device."""
    wait(images.device.type)
    begun = time.perf_counter()
    for net in nets:
        there = net.to(images.device)
        optimizer = torch.optim.SGD(there.parameters(), lr=LR, momentum=MOMENTUM)
        for index in torch.randperm(len(images), device=images.device).split(batch):
            optimizer.zero_grad()
            F.cross_entropy(there(images[index]), labels[index]).backward()
            optimizer.step()
    wait(images.device.type)
    return time.perf_counter() - begun


def wait(device: str) -> None:
    """Until the device has done all that it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


def figure1(dataset: Dataset, width: int, repeats: int, device: str) -> str:
    """Figure 1's 24 networks, an epoch; the plain variants train two of them."""
    own = own_epochs(slope_specs(width, repeats + 1), dataset, device)
    variants = {
        f"DataLoader, {workers} workers": [
            len(SLOPES) * with_loader([plain.mlp(2, width) for _ in range(2)], dataset, workers, plain.BATCH, device)
            for _ in range(repeats)
        ]
        for workers in WORKERS
    }
    title = f"Figure 1: 12 slopes x 2 twins, 784-{width}-10, batch 128, an epoch of all"
    return table(title, variants, own, f"The plain variants trained 2 networks; their time is multiplied by {len(SLOPES)}.")


def tiny(repeats: int, device: str) -> str:
    """72 networks 64-64-10, an epoch, against plain torch on images on the device."""
    specs = tiny_specs(repeats + 1)
    dataset = random_images(specs[0], specs[0].samples)
    images, labels = (dataset.train_images / 255).flatten(1).to(device), dataset.train_labels.to(device)

    def nets() -> list[nn.Module]:
        return [nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)) for _ in range(2 * len(RATES))]

    loop = [in_memory(nets(), images, labels, TINY_BATCH) for _ in range(repeats)]
    title = "72 networks 64-64-10, batch 64, an epoch of all"
    name = "one after the other, plain torch, images on the device"
    return table(title, {name: loop}, own_epochs(specs, dataset, device), "Random images of digits' shape.")


def linear(dataset: Dataset, repeats: int, device: str) -> str:
    """An epoch of table 1's 8-layer linear twins at batch 30K, against layer by layer."""
    spec = deep(LARGE_BATCH, repeats + 1)
    images, labels = (dataset.train_images / 255).flatten(1).to(device), dataset.train_labels.to(device)
    sizes = [784, *[DEEP.width] * (DEEP.depth - 1), 10]

    def nets() -> list[nn.Module]:
        return [nn.Sequential(*(nn.Linear(sizes[layer], sizes[layer + 1]) for layer in range(DEEP.depth))) for _ in range(2)]

    loop = [in_memory(nets(), images, labels, LARGE_BATCH) for _ in range(repeats)]
    title = "Twins, linear net of 8 layers 784-512-...-10, batch 30K, an epoch of both"
    return table(title, {"layer by layer, plain torch, images on the device": loop}, own_epochs([spec], dataset, device), "")


def deep(batch: int, epochs: int) -> TwinsSpec:
    """Table 1's deepest twins."""
    return TwinsSpec(
        dataset="mnist",
        architecture=DEEP,
        optimizer=SGD(lr=0.01, momentum=MOMENTUM),
        batch_size=batch,
        epochs=epochs,
        measurement=Measurement(alphas=3, every=0),
    )


def captured(title: str, specs: Sequence[TwinsSpec], dataset: Dataset, device: str, steps: int = CAPTURED_STEPS) -> str:
    """Microseconds of a step of a crew as it is and as a captured graph."""
    lead, place = specs[0], torch.device(device)
    net, optimizer = stacked(lead), optimizer_of(lead.optimizer)
    samples, side = Samples(net, dataset, "train", place), dataset.train_images.shape[-1]
    task = Task(net, samples, optimizer, lead.schedule.name, lead.batch_size, lead.total_steps, side)
    taken = {}
    for capture in (False, True):
        members = [member for spec in specs for member in (*members_of(spec, "a"), *members_of(spec, "b"))]
        rows = [net.layout.pack(initialise(lead, member.pair)).to(place) for member in members]
        execution = Together(task, Cohort.begin(members, rows, optimizer), place, capture)
        whole = max(1, len(samples) // lead.batch_size)
        execution.advance(0, min(3, whole))
        wait(device)
        begun, done = time.perf_counter(), 0
        while done < steps:
            now = min(whole, steps - done)
            execution.advance(0, now)
            done += now
        wait(device)
        taken[capture] = 1e6 * (time.perf_counter() - begun) / steps
    return f"| {title} | {taken[False]:.0f} µs | {taken[True]:.0f} µs | {taken[False] / taken[True]:.1f} |"


def captured_steps(dataset: Dataset, device: str) -> str:
    """Steps of three crews, as they are and captured."""
    rows = [
        captured("24 networks 784-128-10, batch 128", slope_specs(128, 2), dataset, device),
        captured("24 networks 784-512-10, batch 128", slope_specs(512, 2), dataset, device),
        captured("twins, linear net of 8 layers, batch 1024", [deep(1024, 2)], dataset, device),
    ]
    return "\n".join(["| step of a crew | as it is | captured | times |", "| --- | ---: | ---: | ---: |", *rows])


def table1(dataset: Dataset, epochs: int | None, device: str) -> str:
    """All of table 1 at paper size, training and measuring, and what a DataLoader would take by one measured epoch a batch size."""
    specs = [cell.spec for cell in PLANS["table1"].plan("paper").cells]
    if epochs is not None:
        specs = [TwinsSpec.model_validate(spec.model_dump() | {"epochs": epochs}) for spec in specs]
    crews: dict[str, list[TwinsSpec]] = defaultdict(list)
    for spec in specs:
        crews[str(crew_key(spec, accelerated=True))].append(spec)
    most_bytes = MEMORY_SHARE * machine_memory()
    begun, trained = time.perf_counter(), 0
    for crew in crews.values():
        while crew:
            part = crew[: fitting_together(crew, most_bytes, accelerated=True)]
            trained += sum(event.event == "done" for _, event in train_crew(part, dataset, device=device))
            crew = crew[len(part) :]
    wait(device)
    own = time.perf_counter() - begun
    members = sum(members_of_run(spec) for spec in specs)
    loader = 0.0
    for batch in sorted({spec.batch_size for spec in specs}):
        epoch = min(with_loader([plain.mlp(2, 512)], dataset, workers, batch, device) for workers in WORKERS)
        loader += sum(epoch * spec.epochs * members_of_run(spec) for spec in specs if spec.batch_size == batch)
    return (
        f"Table 1 at paper size: {trained} cells, {members} networks, {specs[0].epochs} epochs, {len(crews)} crews: {own:.1f} s with "
        f"measuring; a DataLoader would take {loader / 3600:.1f} hours by one measured epoch a batch size ({loader / own:.0f} times)."
    )


def report(data: Path | None, repeats: int, epochs: int | None) -> None:
    """Prints each figure as soon as it is measured."""
    plain.quiet()
    device, dataset = "cuda", mnist_shaped(data)
    print(f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}, torch {torch.__version__}, TF32 off\n", flush=True)
    figures: list[Callable[[], str]] = [
        lambda: tiny(repeats, device),
        lambda: linear(dataset, repeats, device),
        lambda: figure1(dataset, 128, repeats, device),
        lambda: figure1(dataset, 512, repeats, device),
        lambda: captured_steps(dataset, device),
        lambda: table1(dataset, epochs, device),
    ]
    for figure in figures:
        print(figure() + "\n", flush=True)


if __name__ == "__main__":
    arguments = parser("Crews against a DataLoader, captured against uncaptured steps, and table 1 at paper size, on a GPU.")
    arguments.add_argument("--epochs", type=int, help="of table 1, instead of the paper's 200")
    chosen = arguments.parse_args()
    if not torch.cuda.is_available():
        sys.exit("benchmarks.gpu measures on a CUDA GPU, and torch finds none here; run it on a machine that has one.")
    torch.set_float32_matmul_precision("highest")
    report(chosen.data, chosen.repeats, chosen.epochs)
