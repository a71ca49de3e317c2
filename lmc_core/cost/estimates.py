"""What a run will take before it is started: parameters, seconds, bytes of memory and of the disk."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lmc_core.cost.footprint import BASE_BYTES, disk_bytes, memory_bytes, size_in_words
from lmc_core.cost.lighter import AnyExperiment, fitting, offer
from lmc_core.cost.running_time import accelerated, bound_by, evaluate_seconds, measuring_load, start_seconds, train_seconds, training_load
from lmc_core.experiment import Experiment, PruneSpec
from lmc_core.models.facts import FLOAT
from lmc_core.packing import stacks_on_cpu

__all__ = [
    "BASE_BYTES",
    "FLOAT",
    "Cost",
    "Timings",
    "correction",
    "disk_bytes",
    "duration",
    "estimate",
    "evaluate_seconds",
    "kind_of",
    "lighter",
    "memory_bytes",
    "parameter_count",
    "refusal",
    "start_seconds",
    "train_seconds",
]

RECENT = 9
"""Timings of one kind that a calibration looks at."""
REMEMBERED = 100
"""Timings of one kind among which it looks for those of similar length."""
SIMILAR = 10.0
"""Runs are of similar length whose foretold times differ by less than this factor: short ones say more of overhead than of speed."""
SURE = 3
"""Timings from which on they are taken at their word; where there are fewer, those that are missing count as foretold rightly."""
FURTHEST = 4.0
"""By what a calibration multiplies or divides at most: a machine may be slower or faster, but no run may shut out others."""

Timings = Callable[[str], Sequence[tuple[float, float]]]
"""Gives the recent timings of a kind as pairs of seconds, foretold and taken."""


def parameter_count(spec: Experiment) -> int:
    """Parameters of one network, in closed form."""
    return spec.sizes.parameters


@dataclass(frozen=True)
class Cost:
    """What a run will take."""

    parameters: int
    """Of one network."""
    seconds: float
    memory_bytes: int
    train_seconds: float = 0.0
    """Of the seconds, those in optimiser steps."""
    disk_bytes: int = 0
    """Most that its files take at a time, those of its checkpoint included."""


def estimate(spec: Experiment, timings: Timings = lambda _kind: ()) -> Cost:
    """The cost of a run, its seconds corrected by what runs of the same kind took on this machine.

    Args:
        spec: the run.
        timings: as recorded by earlier runs; none leaves the defaults.
    """
    train, evaluate = (
        foretold * correction(timings(kind_of(spec, phase)), foretold)
        for phase, foretold in (("train", train_seconds(spec)), ("evaluate", evaluate_seconds(spec)))
    )
    return Cost(
        parameter_count(spec),
        start_seconds(spec) + train + evaluate,
        memory_bytes(spec),
        train,
        disk_bytes(spec),
    )


def kind_of(spec: Experiment, phase: str) -> str:
    """What the speed of a phase, `train` or `evaluate`, depends on besides what is counted.

    The number tells timings from those that an earlier version of the estimate was held against.
    """
    precision = spec.precision if phase == "train" else spec.measurement.precision
    device = "gpu" if accelerated(spec) else "cpu"
    order = "stacked" if stacks_on_cpu(spec) else "one by one"
    bound = bound_by(spec, training_load(spec) if phase == "train" else measuring_load(spec))
    kind = f"{phase} 2 {device} {spec.architecture.name} {order} {precision} {bound}"
    return f"{kind} {spec.pruning.name}" if isinstance(spec, PruneSpec) else kind


def correction(timings: Sequence[tuple[float, float]], foretold: float) -> float:
    """By what to multiply a foretold time: the median ratio of taken to foretold in recent runs of similar length, within bounds.

    1 where nothing is known of runs of similar length, and nearly so where little is.
    """
    ratios = [took / before for before, took in timings if took > 0 and before > 0 and 1 / SIMILAR < before / foretold < SIMILAR]
    recent = ratios[-RECENT:]
    sure = [*recent, *[1.0] * (SURE - len(recent))]
    return min(FURTHEST, max(1 / FURTHEST, statistics.median(sure)))


def refusal(spec: Experiment, cost: Cost, max_seconds: float, max_memory_gib: float, max_disk_gib: float = float("inf")) -> str | None:
    """The sentence that says which limit a run would pass, by how much and which variable sets it; None if none."""
    memory, levels = cost.memory_bytes / 2**30, "the densities, the rewinding points, " if isinstance(spec, PruneSpec) else ""
    if memory > max_memory_gib:
        return (
            f"This run would need about {size_in_words(cost.memory_bytes)} of memory, and "
            f"{size_in_words(max_memory_gib * 2**30)} is the most for one run (LMC_MAX_MEMORY_GIB); "
            f"{offer(spec, lighter(spec, max_memory_gib))}lower {_largest(spec)}."
        )
    if cost.seconds > max_seconds:
        return (
            f"This run would take about {duration(cost.seconds)}, and {duration(max_seconds)} is the most for one run "
            f"(LMC_MAX_SECONDS); lower {levels}the epochs, the repeats, the training samples or the network's size."
        )
    if cost.disk_bytes > max_disk_gib * 2**30:
        kept = "keep, " if getattr(spec, "keep", ()) else ""
        return (
            f"This run would write about {size_in_words(cost.disk_bytes)}, and "
            f"{size_in_words(max_disk_gib * 2**30)} is the most for one run (LMC_MAX_DISK_GIB); "
            f"lower {levels}{kept}the repeats, the alphas, how often they are measured, or the network's size."
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
    several = ["‹repeats›"] if spec.repeats > 1 else []
    fields = [f"‹architecture.{spec.architecture.large_by}›", *several, *(["‹pruning.densities›"] if isinstance(spec, PruneSpec) else [])]
    return f"{', '.join(fields)} or ‹batch_size›"
