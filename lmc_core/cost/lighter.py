"""Which batches of an experiment fit into memory."""

from collections.abc import Callable
from typing import TypeVar

from lmc_core.experiment import Experiment

AnyExperiment = TypeVar("AnyExperiment", bound=Experiment)


def fitting(spec: AnyExperiment, fits: Callable[[AnyExperiment], bool]) -> AnyExperiment | None:
    """The experiment changed as little as lets it fit: a ViT's batches in more parts, another network's batches halved.

    Parts leave the experiment what it is up to rounding, a smaller batch does not.

    Args:
        spec: what does not fit.
        fits: whether an experiment does.

    Returns:
        None where not even single images fit.
    """
    if spec.architecture.in_parts:
        field, values = "accumulation", _doubled(spec.accumulation, spec.batch_size)
    else:
        field, values = "batch_size", _halved(spec.batch_size)
    return next((other for value in values if fits(other := spec.model_copy(update={field: value}))), None)


def offer(spec: Experiment, lighter: Experiment | None) -> str:
    """How to make a run fit, as the beginning of a clause; empty where nothing of this kind does."""
    if lighter is None:
        return ""
    field = changed_field(spec, lighter)
    return f"with ‹{field}› {getattr(lighter, field)} it fits; or "


def changed_field(spec: Experiment, lighter: Experiment) -> str:
    """The field in which an experiment differs from the one that `fitting` gave."""
    return "accumulation" if lighter.accumulation != spec.accumulation else "batch_size"


def _doubled(value: int, most: int) -> list[int]:
    """Twice the value, four times, and so on, up to the most."""
    values = []
    while value < most:
        value = min(2 * value, most)
        values.append(value)
    return values


def _halved(value: int) -> list[int]:
    values = []
    while value > 1:
        value //= 2
        values.append(value)
    return values
