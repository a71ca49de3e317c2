"""Whether what a run has told is all that a run of its spec tells; an incomplete table is never kept."""

from collections.abc import Set

from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.plan import phases
from lmc_core.runs.progress import Progress
from lmc_core.runs.pruning_progress import PruningProgress


def gap_of_twins(spec: TwinsSpec, progress: Progress) -> str | None:
    """What is missing in the tables of a run of twins that has ended, in a few words; None where nothing is."""
    every, epochs = spec.measurement.every, range(1, spec.epochs + 1)
    moments = {spec.epochs, *(range(0, spec.epochs + 1, every) if every else ())}
    return (
        _counted("epochs", set(epochs), set(progress.history["epoch"]))
        or _counted("curves", moments, set(progress.curves["epoch"]))
        or _counted("measurements", moments, set(progress.measurements["epoch"]))
    )


def gap_of_pruning(spec: PruneSpec, progress: PruningProgress) -> str | None:
    """The same for a pruning run."""
    parts, length = phases(spec), spec.steps_per_epoch
    epochs = {(place, epoch) for place, phase in enumerate(parts) for epoch in range(phase.begins // length + 1, spec.epochs + 1)}
    levels = {(level.kind, level.density, level.rewind) for level in (progress.result.levels if progress.result else ())}
    told = set(zip(progress.history["phase"], progress.history["epoch"], strict=True))
    if gap := _counted("epochs", epochs, told) or _counted("levels", levels, {(at.kind, at.density, at.rewind) for at in progress.levels}):
        return gap
    series, last = ["phase", "kind", "density", "rewind"], progress.history[progress.history["epoch"] == spec.epochs].fillna({"rewind": -1})
    losses = last[(last["pair"] == 0) & (last["twin"] == "a")].set_index(series)["train_loss"]
    for name, steps in progress.steps.fillna({"rewind": -1}).groupby(series)["step"]:
        diverged = losses[losses.index == name].isna().all()  # such a network tells of no more steps
        ends = int(steps.max()) + 1 if diverged else spec.total_steps
        if gap := _counted("steps", set(range(parts[int(name[0])].begins, ends)), set(steps)):
            return gap
    return None


def _counted(what: str, expected: Set[object], told: Set[object]) -> str | None:
    there = len(expected & told)
    return None if there == len(expected) else f"{there:,} of {len(expected):,} {what}"
