"""python -m benchmarks.estimates: what runs are told to take against what they take, over all architectures, optimisers and kinds."""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import torch

from lmc_core.cost import estimates as cost
from lmc_core.data.dataset import Dataset
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.jobs import attempt, work
from lmc_core.models.cores import available
from lmc_core.overrides import with_overrides
from lmc_core.runs.events import Event
from lmc_core.runs.store import Store, Weights
from lmc_core.training import crew, crewed, pruning_run
from lmc_core.training.device import processor

TWINS: Mapping[str, str] = {
    "digits, as the page opens": "",
    "digits, every curve of 101 alphas": "measurement.alphas=101 epochs=40",
    "digits, eight layers, blocks": "architecture.depth=8 architecture.width=64 measurement.blocks=true measurement.every=0 epochs=40",
    "digits, 32 layers, blocks": "architecture.depth=32 architecture.width=16 measurement.blocks=true epochs=5",
    "digits, batches of 4": "batch_size=4 architecture.width=32 epochs=10",
    "digits, ten repeats, rounding twins": "repeats=10 architecture.width=64 batch_size=64 measurement.rounding_twin=true",
    "logistic regression": "dataset=mnist architecture.name=linear epochs=10 batch_size=1024",
    "linear, four layers, Adam": "dataset=mnist architecture.name=linear architecture.depth=4 optimizer.name=adam batch_size=1024 epochs=4",
    "linear, eight layers, batch 30K": "dataset=mnist architecture.name=linear architecture.depth=8 batch_size=30000 epochs=10",
    "linear, eight layers, batch 32": "dataset=mnist architecture.name=linear architecture.depth=8 train_samples=5000 batch_size=32 "
    "epochs=2 optimizer.name=adamw",
    "MLP 784-512-10": "dataset=mnist epochs=2",
    "MLP 784-128-10, batch 1024": "dataset=mnist architecture.width=128 epochs=5 batch_size=1024",
    "MLP, four layers of 1,024, Adam": "dataset=mnist train_samples=10000 architecture.depth=4 architecture.width=1024 "
    "optimizer.name=adam epochs=1",
    "MLP 3072-4096-10, batch 16": "dataset=cifar10 train_samples=2000 architecture.width=4096 batch_size=16 epochs=2 optimizer.name=adam",
    "MLP of 16 layers of 64, 201 alphas": "dataset=mnist train_samples=5000 architecture.depth=16 architecture.width=64 epochs=3 "
    "measurement.alphas=201",
    "MLP, every epoch measured on CIFAR-10": "dataset=cifar10 train_samples=10000 architecture.width=128 epochs=3 measurement.alphas=51",
    "MLP, augmented": "dataset=cifar10 train_samples=10000 architecture.width=128 augmentation=shift_flip epochs=3",
    "MLP in bfloat16": "dataset=mnist train_samples=20000 precision=bfloat16 epochs=2",
    "MLP, spawned late, kept": "dataset=mnist train_samples=20000 epochs=4 spawn.at=3 keep=0,1,2,3 measurement.every=0",
    "CNN": "dataset=cifar10 train_samples=5000 architecture.name=cnn epochs=2",
    "CNN, 8 filters, Adam": "dataset=mnist train_samples=10000 architecture.name=cnn architecture.filters=8 optimizer.name=adam epochs=2",
    "LC-CNN": "dataset=cifar10 train_samples=5000 architecture.name=lc_cnn epochs=2 optimizer.name=adamw",
    "LC-CNN on CIFAR-100": "dataset=cifar100 train_samples=2000 architecture.name=lc_cnn architecture.filters=32 epochs=2",
    "attention": "dataset=cifar10 train_samples=2000 test_samples=2000 architecture.name=attention epochs=2 optimizer.name=adam",
    "attention, two heads": "dataset=mnist train_samples=5000 architecture.name=attention architecture.heads=2 architecture.head_dim=16 "
    "epochs=2",
    "ViT, the default": "dataset=cifar10 train_samples=1000 test_samples=500 architecture.name=vit epochs=2 optimizer.name=adamw "
    "measurement.every=0",
    "ViT, 64 tiny layers": "dataset=digits architecture.name=vit architecture.side=8 architecture.patch=8 architecture.width=4 "
    "architecture.heads=1 architecture.mlp=4 architecture.layers=64 epochs=3 measurement.every=0",
    "ViT at a side of 1,024": "dataset=digits train_samples=64 test_samples=64 architecture.name=vit architecture.side=1024 "
    "architecture.patch=256 architecture.width=8 architecture.heads=1 architecture.mlp=8 architecture.layers=1 epochs=2 batch_size=32 "
    "measurement.every=0",
    "ViT-Tiny at a side of 96, crops": "dataset=cifar10 train_samples=64 test_samples=64 architecture.name=vit architecture.side=96 "
    "architecture.patch=16 architecture.width=192 architecture.heads=3 architecture.mlp=768 architecture.layers=12 batch_size=32 "
    "augmentation=crop_flip_jitter epochs=1 measurement.every=0 optimizer.name=adamw",
    "ViT in bfloat16, blocks": "dataset=cifar10 train_samples=256 test_samples=256 architecture.name=vit precision=bfloat16 "
    "measurement.precision=bfloat16 epochs=2 measurement.every=0 measurement.blocks=true",
}
"""Runs of twins by what they are, as the command line's settings."""
PRUNE: Mapping[str, str] = {
    "magnitude, once": "epochs=10",
    "magnitude, gradual": "pruning.schedule=gradual dataset=mnist train_samples=5000 architecture.width=128 epochs=3",
    "PLATON": "pruning.name=platon pruning.interval=1 dataset=mnist train_samples=5000 architecture.width=128 epochs=2",
    "iterative": "pruning.name=iterative epochs=10 optimizer.name=adam",
    "SNIP, CNN": "pruning.name=snip dataset=mnist train_samples=2000 test_samples=1000 architecture.name=cnn epochs=2",
    "random masks, three repeats": "pruning.name=random repeats=3 epochs=10 architecture.depth=3",
}
"""Pruning runs likewise."""


@dataclass(frozen=True)
class Taken:
    """What a run was told to take, and what it took."""

    told_train: float
    told_evaluate: float
    told_seconds: float
    told_memory: int
    told_disk: int
    train: float
    """Seconds of optimiser steps, by the clock that was chosen."""
    evaluate: float
    seconds: float
    """From the order to the stored run."""
    wall: float
    memory: int
    """Largest resident memory of the worker process."""
    disk: int
    """Largest sum of the files that the run had on the disk at a time."""


def specs() -> dict[str, AnySpec]:
    """All runs by name."""
    twins: dict[str, AnySpec] = {name: with_overrides(_changes(text), model=TwinsSpec) for name, text in TWINS.items()}
    return twins | {name: with_overrides(_changes(text), model=PruneSpec) for name, text in PRUNE.items()}


def _changes(text: str) -> dict[str, str]:
    return {path: value for path, _, value in (setting.partition("=") for setting in text.split())}


def random_images(name: DatasetName) -> Dataset:
    """Random images and labels of a data set's shape: what they show changes no time."""
    source, facts, tensors = torch.Generator().manual_seed(0), CATALOG[name], []
    for count in (facts.train, facts.test):
        shape = (count, facts.channels, facts.side, facts.side)
        tensors.append(torch.randint(0, 256, shape, dtype=torch.uint8, generator=source))
        tensors.append(torch.randint(0, facts.classes, (count,), generator=source))
    return Dataset.of(name, *tensors)


def train(
    specs: Sequence[AnySpec], data_dir: Path, checkpoints: Sequence[Path], should_stop: Callable[[], bool], tell: Callable[[str], None]
) -> Generator[tuple[int, Event], None, list[Weights]]:
    """As `lmc_core.jobs.work.train`, on the images that were made before the clock ran."""
    return work.train(specs, data_dir, checkpoints, should_stop, tell)


def measure(spec: AnySpec, by_cpu: bool) -> Taken:
    """One run in this process, as a worker carries it out."""
    import distributed  # noqa: F401 # a worker has it in memory, too

    work.warm()
    dataset = random_images(spec.dataset)
    vars(work)["load"] = lambda *_: dataset
    if by_cpu:
        clock = SimpleNamespace(monotonic=lambda: time.process_time() / available())
        for module in (crew, crewed, pruning_run):
            vars(module)["time"] = clock
    with TemporaryDirectory() as name:
        cache = Path(name)
        order = attempt.Order((attempt.Task(spec.run_id, 1, spec.model_dump_json(), 0),), name, name, f"{__name__}:train", "", False)
        ended, disk = threading.Event(), [0]
        watch = threading.Thread(target=_largest, args=(cache, ended, disk))
        watch.start()
        begun, begun_cpu = time.monotonic(), time.process_time()
        (outcome,) = attempt.carry_out(order, lambda *_: None)
        wall, cpu = time.monotonic() - begun, time.process_time() - begun_cpu
        ended.set()
        watch.join()
        run = Store(cache).find(spec.run_id)
        if run is None:
            raise SystemExit(f"{outcome.state}: {outcome.error}")
    told = cost.estimate(spec)
    return Taken(
        told_train=cost.train_seconds(spec),
        told_evaluate=cost.evaluate_seconds(spec),
        told_seconds=told.seconds,
        told_memory=told.memory_bytes,
        told_disk=getattr(told, "disk_bytes", 0),
        train=run.result.timing.train_seconds,
        evaluate=run.result.timing.evaluate_seconds,
        seconds=cpu / available() if by_cpu else wall,
        wall=wall,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        disk=disk[0],
    )


def _largest(folder: Path, ended: threading.Event, largest: list[int]) -> None:
    """Notes the largest sum of a folder's files until the end."""
    while True:
        last = ended.wait(0.05)
        total = 0
        for file in folder.rglob("*"):
            try:
                total += file.stat().st_size if file.is_file() else 0
            except OSError:  # it went while it was looked at
                continue
        largest[0] = max(largest[0], total)
        if last:
            return


def table(found: Mapping[str, Taken], by_cpu: bool) -> str:
    """Told and taken, as Markdown."""
    rows = []
    for name, taken in found.items():
        cells = [f"{taken.told_seconds:.1f}", f"{taken.seconds:.1f}", f"{taken.told_seconds / taken.seconds:.2f}"]
        cells += [f"{taken.told_memory / 2**20:,.0f}", f"{taken.memory / 2**20:,.0f}", f"{taken.told_memory / taken.memory:.2f}"]
        cells += [f"{taken.told_disk / 2**20:,.1f}", f"{taken.disk / 2**20:,.1f}"]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    times = [taken.told_seconds / taken.seconds for taken in found.values()]
    within = {most: sum(1 / most <= time <= most for time in times) for most in (2, 3)}
    memory = [taken.told_memory / taken.memory for taken in found.values()]
    kind = "CPU seconds over cores" if by_cpu else "seconds"
    place = f"{processor()}, {available()} cores, Python {platform.python_version()}, torch {torch.__version__}, {kind}"
    return "\n".join(
        [
            f"Told against taken ({place})",
            "",
            "| run | told, s | taken, s | ratio | told, MiB | peak, MiB | ratio | told on disk, MiB | largest, MiB |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            *rows,
            "",
            f"Times within 2: {within[2]} of {len(times)}, within 3: {within[3]}; memory told from {min(memory):.2f} to {max(memory):.2f} "
            "times the peak.",
        ]
    )


def main() -> None:
    """Measure the chosen runs, each in a process of its own."""
    arguments = argparse.ArgumentParser(description="Told against taken time, memory and disk.")
    arguments.add_argument("--only", default="", help="runs whose names contain this")
    arguments.add_argument("--cores", type=int, default=1, help="cores that each run may use; one by default")
    arguments.add_argument("--wall", action="store_true", help="measure by the clock on the wall: on a machine without other load")
    arguments.add_argument("--json", type=Path, help="also write the numbers there")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.one:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.cores])
        print(json.dumps(vars(measure(specs()[chosen.one], not chosen.wall))))
        return
    found = {}
    for name in specs():
        if chosen.only not in name:
            continue
        command = [sys.executable, "-m", "benchmarks.estimates", "--one", name, "--cores", str(chosen.cores)]
        environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(chosen.cores))
        done = subprocess.run(
            [*command, *(["--wall"] if chosen.wall else [])], capture_output=True, text=True, check=False, env=environment
        )
        if done.returncode:
            print(f"{name}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            continue
        found[name] = Taken(**json.loads(done.stdout.splitlines()[-1]))
        print(name, found[name], file=sys.stderr, flush=True)
        if chosen.json:
            chosen.json.write_text(json.dumps({name: vars(taken) for name, taken in found.items()}, indent=1))
    print(table(found, not chosen.wall))


if __name__ == "__main__":
    main()
