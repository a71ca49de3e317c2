"""Cells of a sweep with their results, as rows for charts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lmc_core.data.spec import Split
from lmc_core.figures.cell_lines import Quantity
from lmc_core.figures.chart_text import chart_text
from lmc_core.figures.grid import Small
from lmc_core.jobs.cells import CellState
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.results import RunResult
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.table import floor_of, spread_of
from lmc_core.ui.differences import SHORT, short
from lmc_core.ui.wording import VALUES, label

if TYPE_CHECKING:
    import pandas as pd

Published = Callable[[Cell, Quantity, Split], float | None]
"""What the paper prints for a cell, as a share; None where it prints nothing."""


@dataclass(frozen=True)
class Axes:
    """Which factors stand along the axis, which make a line of their own, and which a chart of their own, by their paths."""

    x: tuple[str, ...]
    lines: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()

    @property
    def x_title(self) -> str:
        """The name of the axis."""
        return _both(self.x) if 0 < len(self.x) < 3 else "Setting"

    @property
    def line_title(self) -> str:
        """What the lines differ in."""
        return _both(self.lines)


def _both(paths: Sequence[str]) -> str:
    names = [label(path) for path in paths]
    return " and ".join([*names[:1], *(name[0].lower() + name[1:] for name in names[1:])])


def value_words(path: str, text: str) -> str:
    """A factor's value on an axis whose title names the factor."""
    return VALUES.get(text, text) if path == "dataset" or path.endswith((".name", "augmentation", "precision")) else chart_text(text)


def factor_words(path: str, text: str) -> str:
    """A factor's value in words that also name the factor, as in `4 layers`."""
    value = value_words(path, text)
    if path == "dataset" or path.endswith(".name"):
        return value
    return short(path, value) if path in SHORT else f"{label(path).lower()} {value}"


def x_words(cell: Cell, axes: Axes) -> str:
    """Where a cell stands on the axis: its value, or what a preset calls it."""
    known = [(path, cell.factors[path]) for path in axes.x if path in cell.factors]
    if len(known) == 1 and len(axes.x) == 1:
        return value_words(*known[0])
    if not axes.x or (cell.name and not axes.lines and not axes.panels):
        return chart_text((cell.name.rpartition(": ")[2] if axes.panels else cell.name) or cell.label)
    return " ".join(_compact(path, text) for path, text in known if not _is_none(path, text))


def line_words(cell: Cell, axes: Axes) -> str:
    """What tells a cell's line from the others."""
    return ", ".join(factor_words(path, cell.factors[path]) for path in axes.lines if path in cell.factors)


def panel_words(cell: Cell, axes: Axes) -> str:
    """What tells a cell's chart from the others."""
    return ", ".join(factor_words(path, cell.factors[path]) for path in axes.panels if path in cell.factors)


def _compact(path: str, text: str) -> str:
    return text if path == "optimizer.lr" else factor_words(path, text)


def _is_none(path: str, text: str) -> bool:
    return path == "schedule.warmup_epochs" and float(text) == 0


def points(
    cells: Sequence[Cell],
    states: Mapping[str, CellState],
    axes: Axes,
    quantity: Quantity,
    splits: Sequence[Split],
    published: Published | None = None,
) -> "pd.DataFrame":
    """A row for each cell and split, as `figures.sweep` takes them."""
    import pandas as pd  # slow to import: only where the page is read

    rows = [
        _row(cell, states[cell.spec.run_id], split, quantity)
        | {
            "x": x_words(cell, axes),
            "line": line_words(cell, axes),
            "published": published(cell, quantity, split) if published else None,
        }
        for split in splits
        for cell in cells
    ]
    columns = ["x", "line", "split", "state", "mean", "std", "n", "diverged", "outcome", "why", "floor", "published", "run_id"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("mean", "std", "floor", "published"), float))


def _row(cell: Cell, state: CellState, split: Split, quantity: Quantity) -> dict[str, Any]:
    row: dict[str, Any] = {"split": split, "state": state.state, "run_id": cell.spec.run_id, "diverged": 0, "floor": None}
    row |= {"outcome": "", "why": ""}
    if state.twins is None:
        so_far = state.barrier if (split, quantity) == ("test", "error") else None
        return row | {"mean": so_far, "std": None, "n": 0}
    result = state.twins.result
    spread = spread_of(result, split, quantity)
    floor, outcome = floor_of(result, split, quantity), outcome_of(result, cell.spec.dataset)
    row |= {"outcome": outcome.word, "why": outcome.reason, "diverged": result.summary.diverged_pairs}
    return row | {"mean": spread.mean, "std": spread.std, "n": spread.n, "floor": floor.mean}


def smalls(cells: Sequence[Cell], states: Mapping[str, CellState], axes: Axes) -> list[Small]:
    """The cells of the grid of small curves: with a second factor its values make the columns."""
    return [_small(cell, states[cell.spec.run_id], axes) for cell in cells]


def _small(cell: Cell, state: CellState, axes: Axes) -> Small:
    rest = ", ".join(part for part in (panel_words(cell, axes), line_words(cell, axes)) if part)
    row, column = (rest, x_words(cell, axes)) if rest else (x_words(cell, axes), "")
    if state.twins is None:
        return Small(row, column, cell.spec.run_id, state.state, barrier=state.barrier)
    outcome = outcome_of(state.twins.result, cell.spec.dataset)
    barrier = state.twins.result.summary.test.error.mean
    return Small(row, column, cell.spec.run_id, "done", _curves(state.twins.result), barrier, outcome.word, outcome.reason)


def _curves(result: RunResult) -> "pd.DataFrame":
    import pandas as pd  # slow to import: only where the page is read

    rows = [
        {"epoch": 0, "pair": pair.pair, "split": "test", "alpha": alpha, "error": error}
        for pair in result.pairs
        if not pair.diverged
        for alpha, error in zip(result.alphas, pair.curves.test.error, strict=True)
    ]
    return pd.DataFrame(rows, columns=["epoch", "pair", "split", "alpha", "error"])
