"""How much a run tells: numbers in its events, their bytes, and the cells of its tables. Imports no torch."""

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.plan import members_of_phase, phases

BYTES_OF_A_NUMBER = 22
"""Of an event's JSON, with its share of names and brackets."""
BYTES_OF_AN_EVENT = 200
CELLS_OF_A_POINT = 3.5
"""Cells of the table of curves for each number that a curve's event has: seven columns of a row with an error and a loss."""
RECORDED = ("dense", "pruned", "ticket")
"""Kinds of networks of which each step is told, as in `lmc_core.training.pruning_phase`."""


def moments(spec: TwinsSpec) -> int:
    """How often the line between twins is measured; the initialisation counts."""
    every = spec.measurement.every
    return 1 + spec.epochs // every + (spec.epochs % every > 0) if every else 1


def numbers_told(spec: Experiment) -> int:
    """Numbers in all events of a run."""
    curve = 4 * spec.measurement.alphas
    if isinstance(spec, PruneSpec):
        steps = 4 * sum((spec.total_steps - phase.begins) * sum(group.kind in RECORDED for group in phase.groups) for phase in phases(spec))
        epochs = sum(7 * members_of_phase(spec, phase) * (spec.epochs - phase.begins // spec.steps_per_epoch) for phase in phases(spec))
        levels = sum(len(phase.levels) for phase in phases(spec))
        return steps + epochs + levels * (spec.repeats * (curve + 20) + CATALOG[spec.dataset].features)
    assert isinstance(spec, TwinsSpec)  # noqa: S101 # there is no third kind
    return spec.repeats * (moments(spec) * (curve + 25) + spec.epochs * 12)


def event_bytes(spec: Experiment) -> int:
    """Bytes of all events of a run as JSON."""
    return BYTES_OF_A_NUMBER * numbers_told(spec) + BYTES_OF_AN_EVENT * 2 * (spec.epochs + 10)


def table_cells(spec: Experiment) -> int:
    """Cells of all tables of a run."""
    return round(CELLS_OF_A_POINT * numbers_told(spec))
