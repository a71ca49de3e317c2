"""What a run will take before it is started: parameters, seconds, bytes of memory."""

import math
import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lmc_core.accumulation import AnyExperiment, fitting, images_at_once, offer
from lmc_core.blocks import block_line_count
from lmc_core.data.catalog import CATALOG
from lmc_core.pruning_plan import members_of_phase, phases, rows_kept, rows_of_sparsity
from lmc_core.pruning_spec import Magnitude, Platon, PruneSpec
from lmc_core.spec import CNN, MLP, Attention, Experiment, LinearNet, LocallyConnected, TwinsSpec, ViT

FLOPS_A_CORE = 2.5e10
"""Multiply-adds times two that a core of the machine of the README's table does in a second in small products."""
STEP_SECONDS = 1.5e-4
"""Time of one member's optimiser step besides its products."""
EVALUATION_SPEED = 2.0
"""Forward products alone are so much faster than in training: larger batches, no gradients."""
MEASURING_SECONDS = 0.02
"""Time of measuring one pair once besides its products."""
START_SECONDS = 0.5
BASE_BYTES = 600 * 2**20
"""A worker with torch, before it holds data or weights."""
CHUNK_BYTES = 256 * 2**20
"""What measuring holds at a time, whatever the data set's size."""
KEPT_IMAGES = 2**30
"""Most bytes of memory that the images of a split, made ready for the network, may take beside their original bytes."""
FLOAT = 4
"""Bytes of a float32."""
COPIES = 6
"""Further sets of weights for each member at work: gradient, interpolated weights, a file on its way to the disk."""
STATES = {"sgd": 1, "adam": 2, "adamw": 2}
"""Numbers that an optimiser keeps for each parameter."""
RECENT = 9
"""Timings of one kind that a calibration looks at."""
REMEMBERED = 100
"""Timings of one kind among which it looks for those of similar length."""
SECONDS_OF_A_MASK = 2e-10
"""Time of holding a mask for one step, for each parameter."""
SECONDS_OF_PLATON = 1e-9
"""Time of PLATON's three states for one step, for each parameter."""
SECONDS_OF_A_THRESHOLD = 1.3e-8
"""Time of masking a network anew, for each parameter."""
SIMILAR = 10.0
"""Runs are of similar length whose foretold times differ by less than this factor: short ones say more of overhead than of speed."""

Timings = Callable[[str], Sequence[tuple[float, float]]]
"""Gives the recent timings of a kind as pairs of seconds, foretold and taken."""


@dataclass(frozen=True)
class Cost:
    """What a run will take."""

    parameters: int
    """Of one network."""
    seconds: float
    memory_bytes: int
    train_seconds: float = 0.0
    """Of the seconds, those in optimiser steps."""


@dataclass(frozen=True)
class Network:
    """Sizes of an architecture on a data set."""

    parameters: int
    products: int
    """Multiply-adds of one image's forward pass."""
    units: int
    """Numbers that one image's forward pass keeps for the backward pass."""


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


def parameter_count(spec: Experiment) -> int:
    """Parameters of one network, in closed form: what `sum(p.numel() for p in build(spec).parameters())` gives."""
    return network(spec).parameters


def network(spec: Experiment) -> Network:
    """The sizes of the spec's network (paper, table 3)."""
    data = CATALOG[spec.dataset]
    match spec.architecture:
        case LinearNet(depth=depth, width=width) | MLP(depth=depth, width=width):
            sizes = [data.features, *[width] * (depth - 1), data.classes]
            products = sum(inputs * outputs for inputs, outputs in pairwise(sizes))
            return Network(products + sum(sizes[1:]), products, sum(sizes))
        case CNN(filters=filters, kernel=kernel):
            positions, patch = (data.side // kernel) ** 2, data.channels * kernel**2
            classifier = filters * positions * data.classes
            products = filters * positions * patch + classifier
            return Network(filters * (patch + 1) + classifier + data.classes, products, positions * (filters + patch))
        case LocallyConnected(filters=filters, kernel=kernel):
            positions, patch = (data.side // kernel) ** 2, data.channels * kernel**2
            classifier = filters * positions * data.classes
            products = filters * positions * patch + classifier
            return Network(positions * filters * (patch + 1) + classifier + data.classes, products, positions * (filters + patch))
        case Attention(patch=side, heads=heads, head_dim=head_dim):
            return _attention((data.side // side) ** 2, data.channels * side**2, heads, heads * head_dim, data.classes)
        case ViT() as vit:
            return _vit(vit, vit.channels(data) * vit.patch**2, data.classes)


def input_numbers(spec: Experiment) -> int:
    """Numbers of one image as the network sees it."""
    data = CATALOG[spec.dataset]
    match spec.architecture:
        case ViT() as vit:
            return vit.channels(data) * vit.side**2
    return data.features


def _attention(patches: int, patch: int, heads: int, d: int, classes: int) -> Network:
    tokens = patches + 1
    embedding, norms, matrices = patch * d + d, 3 * 2 * d, 4 * (d * d + d)
    parameters = embedding + d + tokens * d + norms + matrices + d * classes + classes
    products = patches * patch * d + 4 * tokens * d * d + 2 * tokens * tokens * d + d * classes
    return Network(parameters, products, 10 * tokens * d + 2 * heads * tokens * tokens)


def _vit(vit: ViT, patch: int, classes: int) -> Network:
    tokens, d = (vit.side // vit.patch) ** 2 + 1, vit.width
    block = 4 * (d * d + d) + 2 * 2 * d + 2 * d * vit.mlp + vit.mlp + d
    parameters = patch * d + d + d + tokens * d + vit.layers * block + 2 * d + d * classes + classes
    products_of_block = tokens * (4 * d * d + 2 * d * vit.mlp) + 2 * tokens * tokens * d
    products = (tokens - 1) * patch * d + vit.layers * products_of_block + d * classes
    return Network(parameters, products, vit.layers * (tokens * (10 * d + 2 * vit.mlp) + 2 * vit.heads * tokens * tokens))


def estimate(spec: Experiment, timings: Timings = lambda _kind: ()) -> Cost:
    """The cost of a run, its seconds corrected by what runs of the same kind took on this machine.

    Args:
        spec: the run.
        timings: as recorded by earlier runs; none leaves the defaults, which were measured on two cores.
    """
    train, evaluate = (
        foretold * correction(timings(kind_of(spec, phase)), foretold)
        for phase, foretold in (("train", train_seconds(spec)), ("evaluate", evaluate_seconds(spec)))
    )
    return Cost(parameter_count(spec), START_SECONDS + train + evaluate, memory_bytes(spec), train)


def kind_of(spec: Experiment, phase: str) -> str:
    """What the speed of a phase, `train` or `evaluate`, depends on besides the number of products."""
    precision = spec.precision if phase == "train" else spec.measurement.precision
    kind = f"{phase} {spec.device} {spec.architecture.name} {precision}"
    return f"{kind} {spec.pruning.name}" if isinstance(spec, PruneSpec) else kind


def correction(timings: Sequence[tuple[float, float]], foretold: float) -> float:
    """By what to multiply a foretold time: the median ratio of taken to foretold in recent runs of similar length.

    Where none is similar, all recent runs count; 1 where nothing is known.
    """
    known = [(before, took) for before, took in timings if took > 0 and before > 0]
    similar = [(before, took) for before, took in known if 1 / SIMILAR < before / foretold < SIMILAR]
    ratios = [took / before for before, took in (similar or known)[-RECENT:]]
    return statistics.median(ratios) if ratios else 1.0


def train_seconds(spec: Experiment) -> float:
    """Seconds of optimiser steps by the defaults, before any correction."""
    sizes, seconds = network(spec), 0.0
    pruning = _pruning_seconds(spec, sizes) if isinstance(spec, PruneSpec) else 0.0
    for cohort in cohorts(spec):
        images = spec.samples * spec.epochs * cohort.steps / spec.total_steps
        cores = min(cohort.members, os.cpu_count() or 1)
        products = 3 * sizes.products * images * cohort.members
        seconds += 2 * products / (FLOPS_A_CORE * cores) + (STEP_SECONDS + pruning) * cohort.steps * cohort.members / cores
    return seconds


def _pruning_seconds(spec: PruneSpec, sizes: Network) -> float:
    """Seconds that pruning adds to a member's step."""
    match spec.pruning:
        case Platon(interval=interval) as pruning:
            masked = pruning.final_epochs / spec.epochs + 1 / interval
            return sizes.parameters * (SECONDS_OF_PLATON + SECONDS_OF_A_THRESHOLD * masked)
        case Magnitude(schedule="gradual", interval=interval):
            return sizes.parameters * (SECONDS_OF_A_MASK + SECONDS_OF_A_THRESHOLD / interval)
    return sizes.parameters * SECONDS_OF_A_MASK


def evaluate_seconds(spec: Experiment) -> float:
    """Seconds of measuring by the defaults, before any correction: test errors each epoch and curves of twins, levels of pruned ones."""
    measured = spec.samples + spec.tested
    if isinstance(spec, PruneSpec):
        groups = [group for phase in phases(spec) for group in phase.levels]
        images = sum(measured * (spec.measurement.alphas if len(group.twins) == 2 else 1) for group in groups)
        times = len(groups)
    else:
        assert isinstance(spec, TwinsSpec)  # noqa: S101 # there is no third kind
        every, together = spec.measurement.every, spec.spawn_step // spec.steps_per_epoch
        curves = 1 + spec.epochs // every + (spec.epochs % every > 0) if every else 1
        points = 1 + together // every if every else int(together == spec.epochs)  # lines between twins that have not parted yet
        lines = (curves - points) * spec.measurement.alphas
        if spec.measurement.blocks and together < spec.epochs:
            lines += block_line_count(spec.architecture) * (spec.measurement.alphas - 1)
        images = (2 * spec.epochs - together) * spec.tested + (points + lines) * measured
        times = curves + spec.epochs
    products = 2 * network(spec).products * images * spec.repeats / (FLOPS_A_CORE * EVALUATION_SPEED * (os.cpu_count() or 1))
    return products + MEASURING_SECONDS * spec.repeats * times


def memory_bytes(spec: Experiment) -> int:
    """Bytes of memory that the worker will need at most: data, weights, gradients, optimiser, activations, one chunk of measuring."""
    data, sizes, members = CATALOG[spec.dataset], network(spec), max(cohort.members for cohort in cohorts(spec))
    images = (data.train + data.test) * data.features + min(spec.samples * input_numbers(spec) * FLOAT, KEPT_IMAGES)
    at_once = min(members, os.cpu_count() or 1)
    rows, kept = 1 + STATES[spec.optimizer.name], spec.repeats
    if isinstance(spec, PruneSpec):
        rows, kept = rows + rows_of_sparsity(spec), rows_kept(spec)
    elif isinstance(spec, TwinsSpec):
        kept *= 1 + len(spec.keep)
    weights = FLOAT * sizes.parameters * (members * rows + kept + COPIES * at_once)
    copies = 1 if isinstance(spec.architecture, ViT) else 3  # autograd lets go of a block's numbers as it passes
    activations = copies * FLOAT * images_at_once(spec) * (sizes.units + input_numbers(spec)) * at_once
    return BASE_BYTES + CHUNK_BYTES + images + weights + math.ceil(activations)


def refusal(spec: Experiment, cost: Cost, max_seconds: float, max_memory_gib: float) -> str | None:
    """The sentence that says which limit a run would pass, by how much and which variable sets it; None if none."""
    memory, levels = cost.memory_bytes / 2**30, "the densities, the rewinding points, " if isinstance(spec, PruneSpec) else ""
    if memory > max_memory_gib:
        return (
            f"This run would need about {memory:,.1f} GiB of memory, and {max_memory_gib:,.1f} GiB is the most for one run "
            f"(LMC_MAX_MEMORY_GIB); {offer(spec, lighter(spec, max_memory_gib))}lower {_largest(spec)}."
        )
    if cost.seconds > max_seconds:
        return (
            f"This run would take about {duration(cost.seconds)}, and {duration(max_seconds)} is the most for one run "
            f"(LMC_MAX_SECONDS); lower {levels}the epochs, the repeats, the training samples or the network's size."
        )
    return None


def lighter(spec: AnyExperiment, max_memory_gib: float) -> AnyExperiment | None:
    """The run with batches in parts, or smaller ones, that the limit lets pass; None if it passes as it is, or not by that."""

    def fits(other: AnyExperiment) -> bool:
        return memory_bytes(other) <= max_memory_gib * 2**30

    return None if fits(spec) else fitting(spec, fits)


def duration(seconds: float) -> str:
    """A time in words, as in `40 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:,.1f} h"


def _largest(spec: Experiment) -> str:
    """The fields that make this run large."""
    match spec.architecture:
        case LinearNet() | MLP():
            size = "architecture.width"
        case CNN() | LocallyConnected():
            size = "architecture.filters"
        case Attention():
            size = "architecture.heads"
        case ViT():
            size = "architecture.width"
    fields = [size, *(["repeats"] if spec.repeats > 1 else []), *(["pruning.densities"] if isinstance(spec, PruneSpec) else [])]
    return f"{', '.join(fields)} or batch_size"
