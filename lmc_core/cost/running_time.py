"""Seconds of a run's steps and of its measuring, by what is executed. Imports no torch."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass

from lmc_core.cost.operations import keeps_images, prepared, step
from lmc_core.cost.told import numbers_told
from lmc_core.data.spec import CATALOG
from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.models.load import NOTHING, Load, product
from lmc_core.packing import stacks_on_cpu
from lmc_core.plan import members_of_phase, phases
from lmc_core.settings import accelerators

CHUNK_NUMBERS = 1 << 20
"""As in `lmc_core.connectivity.evaluation`, and so the next two."""
CHUNKS = 16
SMALLEST_CHUNK = 128
CALLS_OF_A_CHUNK = 30
"""Calls that handing a chunk of images to a thread, and its sums back, count as."""
CALLS_OF_A_MEASUREMENT = 200
"""Calls that measuring one pair at one moment counts as besides the networks' own."""
SECONDS_TOLD = 4e-6
"""Time in which a number of an event is written, sent and put into a table."""
START_SECONDS = 0.5
IMPORT_SECONDS = 2.5
"""Of transformers, where a worker has not needed it before."""
NUMBERS_OF_A_MASK = 6
"""Passes over the parameters that holding a mask for one step counts as."""


@dataclass(frozen=True)
class Speed:
    """Seconds of the parts of a load on one core or on an accelerator."""

    call: float
    product: float
    number: float

    def seconds(self, load: Load) -> float:
        """Of a whole load."""
        return self.call * load.calls + self.product * load.products + self.number * load.numbers


CORE = Speed(call=5e-6, product=2e-11, number=2e-10)
"""A core of the processor on which `python -m benchmarks.estimates` was measured (Intel Xeon, 2 cores)."""
ACCELERATOR = Speed(call=8e-6, product=1e-13, number=4e-12)
"""A GPU by its maker's figures, at a fifth of its peak; nothing here was measured on one."""


@dataclass(frozen=True)
class Cohort:
    """Networks that train together for some steps."""

    members: int
    steps: int


def cohorts(spec: Experiment) -> list[Cohort]:
    """What a run trains, one cohort after the other."""
    if isinstance(spec, PruneSpec):
        return [Cohort(members_of_phase(spec, phase), spec.total_steps - phase.begins) for phase in phases(spec)]
    assert isinstance(spec, TwinsSpec)  # noqa: S101 # there is no third kind
    of_pair = 3 if spec.measurement.rounding_twin else 2
    parts = Cohort((of_pair - 1) * spec.repeats, spec.spawn_step), Cohort(of_pair * spec.repeats, spec.total_steps - spec.spawn_step)
    return [part for part in parts if part.steps]


def cores() -> int:
    """Cores that a process of this machine may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def accelerated(spec: Experiment) -> bool:
    """Whether the run trains on a GPU, as far as this machine can tell."""
    return spec.device == "cuda" or (spec.device == "auto" and bool(accelerators()))


def train_seconds(spec: Experiment) -> float:
    """Seconds of optimiser steps by the defaults, before any correction."""
    return speed_of(spec).seconds(training_load(spec))


def evaluate_seconds(spec: Experiment) -> float:
    """Seconds of measuring by the defaults, before any correction: test errors each epoch and curves of twins, levels of pruned ones."""
    return speed_of(spec).seconds(measuring_load(spec)) + SECONDS_TOLD * numbers_told(spec)


def speed_of(spec: Experiment) -> Speed:
    """Of the device on which the run trains."""
    return ACCELERATOR if accelerated(spec) else CORE


def start_seconds(spec: Experiment) -> float:
    """Seconds before the first step: the data are read and made ready, and what a vision transformer needs is imported."""
    kept = [prepared(spec, images) for images in (spec.samples, spec.tested) if keeps_images(spec, images)]
    ready = CORE.seconds(sum(kept, NOTHING))
    return START_SECONDS + ready + (IMPORT_SECONDS if "transformers" in spec.architecture.packages else 0)


def training_load(spec: Experiment) -> Load:
    """What the core that has most to do does in all steps."""
    taken = step(spec, spec.samples / spec.steps_per_epoch)
    if isinstance(spec, PruneSpec):
        taken = taken + _pruning(spec)
    on_a_gpu, total = accelerated(spec), NOTHING
    stacked = spec.architecture.stacks if on_a_gpu else stacks_on_cpu(spec)
    for cohort in cohorts(spec):
        share = cohort.members if on_a_gpu else math.ceil(cohort.members / min(cores(), cohort.members))
        total = total + (taken + (taken.without_calls if stacked else taken) * (share - 1)) * cohort.steps
    return total


def measuring_load(spec: Experiment) -> Load:
    """What each core does in all measuring."""
    at_once, total = 1 if accelerated(spec) else cores(), NOTHING
    for lines, alphas, splits in _measured(spec):
        for images in splits:
            of_chunks, before = _line(spec, images, alphas)
            total = total + (of_chunks * (1 / at_once) + before) * lines
    return total


def bound_by(spec: Experiment, load: Load) -> str:
    """What most of a load's time goes into: calls, products or numbers."""
    speed = speed_of(spec)
    parts = {"calls": Load(calls=load.calls), "products": Load(products=load.products), "numbers": Load(numbers=load.numbers)}
    return max(parts, key=lambda name: speed.seconds(parts[name]))


def _pruning(spec: PruneSpec) -> Load:
    """What pruning adds to a member's step."""
    parameters = spec.sizes.parameters
    return Load(4, 0, NUMBERS_OF_A_MASK * parameters) + spec.pruning.work(spec.epochs, parameters)


def _measured(spec: Experiment) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Lines of one length: how many, how many alphas each has (1 is a network alone), and over which numbers of images."""
    splits, alphas = (spec.samples, spec.tested), spec.measurement.alphas
    if isinstance(spec, PruneSpec):
        for group in (group for phase in phases(spec) for group in phase.levels):
            yield spec.repeats, alphas if len(group.twins) == 2 else 1, splits
        return
    assert isinstance(spec, TwinsSpec)  # noqa: S101 # there is no third kind
    every, parted = spec.measurement.every, spec.spawn_step // spec.steps_per_epoch
    moments = {0, *range(every, spec.epochs + 1, every), spec.epochs} if every else {spec.epochs}
    alone = sum(moment <= parted for moment in moments)  # twins that have not parted yet are one network
    yield spec.repeats * alone, 1, splits
    yield spec.repeats * (len(moments) - alone), alphas, splits
    tested = sum(1 if epoch <= parted else 2 for epoch in range(1, spec.epochs + 1) if epoch not in moments)
    yield spec.repeats * tested, 1, (spec.tested,)
    if spec.measurement.rounding_twin:
        yield spec.repeats, alphas, splits
    if spec.measurement.blocks and parted < spec.epochs:
        yield spec.repeats * spec.architecture.block_lines, alphas - 1, splits


def _line(spec: Experiment, images: int, alphas: int) -> tuple[Load, Load]:
    """What one line takes over a split: in its chunks, which cores share, and before them."""
    sizes, classes = spec.sizes, CATALOG[spec.dataset].classes
    chunk = max(1, min(CHUNK_NUMBERS // sizes.widest, max(SMALLEST_CHUNK, -(-images // CHUNKS))))
    count = math.ceil(images / chunk)
    size = images / count
    ready = NOTHING if keeps_images(spec, images) else prepared(spec, size)
    loss = Load(10 + alphas, 0, 8 * size * classes * alphas)
    if depth := spec.architecture.collapsed_depth:  # every network on the line is one matrix
        networks = product(size, CATALOG[spec.dataset].features, classes * alphas) + Load(alphas, 0, 14 * size * classes * alphas)
        mean = math.sqrt(sizes.parameters / depth)
        doubled = product(classes, mean, mean) * (2 * depth) + Load(8 * depth, 0, 9 * sizes.parameters)
        before = doubled * alphas
    else:
        first, mixed = spec.architecture.stem(spec.data, size), Load(2, 0, 3 * size * _stem_numbers(spec))
        networks = first * min(alphas, 2) + (spec.architecture.trunk(spec.data, size) + (mixed if alphas > 1 else NOTHING)) * alphas
        before = Load(4 * sizes.tensors, 0, 3 * (sizes.parameters - sizes.stem)) * (alphas if alphas > 1 else 0)
    distances = Load(CALLS_OF_A_MEASUREMENT / 2, 0, 10 * sizes.parameters)
    return (ready + networks + loss + Load(CALLS_OF_A_CHUNK)) * count, before + distances


def _stem_numbers(spec: Experiment) -> int:
    """Numbers that the first layer gives for one image; 0 where it is mixed with the rest."""
    sizes = spec.sizes
    return min(sizes.units, sizes.widest) if sizes.stem else 0
