"""The table of a sweep's cells as a page shows it: sortable columns, a row a cell."""

from collections.abc import Mapping, Sequence

from lmc_core.data.spec import Split
from lmc_core.figures.cell_lines import Quantity
from lmc_core.figures.numbers import DIVERGED
from lmc_core.jobs.cells import CellState
from lmc_core.runs.outcome import outcome_of
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.table import floor_of, spread_of, values_of
from lmc_core.ui.cell_points import value_words
from lmc_core.ui.run_table import STATES
from lmc_core.ui.wording import label

NOT_STARTED = "Not started"


def columns_of(cells: Sequence[Cell], states: Mapping[str, CellState]) -> dict[str, list[object]]:
    """The columns of the table; shares are in percent, missing numbers None; factors that are numbers sort as numbers."""
    runs = [states[cell.spec.run_id] for cell in cells]
    names = [cell.name for cell in cells]
    paths = list(dict.fromkeys(path for cell in cells for path in cell.factors))
    table: dict[str, list[object]] = {"State": [_state(run) for run in runs]}
    table |= {"Cell": list(names)} if any(names) else {}
    table |= {label(path): _values(path, [cell.factors.get(path) for cell in cells]) for path in paths}
    table |= {
        "Verdict": [_verdict(run) for run in runs],
        "Test barrier": [_mean(run, "test", "error") for run in runs],
        "±": [_std(run, "test", "error") for run in runs],
        "Train barrier": [_mean(run, "train", "error") for run in runs],
        "Normalised": [_mean(run, "test", "normalized") for run in runs],
        "Accuracy": [_mean(run, "test", "accuracy") for run in runs],
        "Pairs": [cell.spec.repeats for cell in cells],
        DIVERGED: [run.twins.result.summary.diverged_pairs if run.twins else None for run in runs],
    }
    floors = [_floor(run) for run in runs]
    table |= {"Rounding floor": list(floors)} if any(floor is not None for floor in floors) else {}
    return table | {"Run": [cell.spec.run_id for cell in cells]}


def _state(run: CellState) -> str:
    if run.state == "unknown":
        return NOT_STARTED
    if run.state == "running" and run.epochs:
        return f"Epoch {min(run.epoch + 1, run.epochs)}/{run.epochs}"
    return STATES[run.state]


def _values(path: str, texts: Sequence[str | None]) -> list[object]:
    return [value_words(path, value) if isinstance(value, str) else value for value in values_of(texts)]


def _verdict(run: CellState) -> str:
    if run.twins is None:
        return ""
    return outcome_of(run.twins.result, run.twins.spec.dataset).headline


def _mean(run: CellState, split: Split, quantity: Quantity) -> float | None:
    if run.twins is None:
        return 100 * run.barrier if (split, quantity) == ("test", "error") and run.barrier is not None else None
    mean = spread_of(run.twins.result, split, quantity).mean
    return None if mean is None else 100 * mean


def _std(run: CellState, split: Split, quantity: Quantity) -> float | None:
    if run.twins is None:
        return None
    spread = spread_of(run.twins.result, split, quantity)
    return None if spread.std is None or spread.n < 2 else 100 * spread.std


def _floor(run: CellState) -> float | None:
    mean = floor_of(run.twins.result, "test", "error").mean if run.twins else None
    return None if mean is None else 100 * mean
