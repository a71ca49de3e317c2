"""The charts of a study of emergence: a barrier against what twins share, or where in the network it lies."""

from collections.abc import Mapping
from functools import partial
from textwrap import wrap
from typing import get_args

from lmc_core.data.spec import Split
from lmc_core.figures.block_lines import block_lines
from lmc_core.figures.cell_lines import Quantity
from lmc_core.figures.chart import Chart, empty
from lmc_core.figures.emergence import emergence
from lmc_core.figures.interpolation import Measure
from lmc_core.jobs.cells import CellState
from lmc_core.runs.outcome import outcome_of
from lmc_core.studies.block_table import block_rows
from lmc_core.studies.emergence import Emergence, command_of_study
from lmc_core.sweeps.sweep import Cell
from lmc_core.ui.cell_points import Axes, points
from lmc_core.ui.cells_drawing import Picture

QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
MEASURES: tuple[Measure, ...] = get_args(Measure)


def picture_of(study: Emergence, cells: tuple[Cell, ...], quantity: Quantity = "error", split: Split = "test") -> Picture:
    """How a study's cells are drawn.

    Args:
        study: what is asked.
        cells: as they can be trained.
        quantity: what the vertical axis shows; lines of blocks have errors and losses only.
        split: on which images.
    """
    draw = _blocks if study.way == "blocks" else partial(_against, study)
    return Picture(f"emergence-{study.way}", cells, Axes(()), quantity, (split,), charts=draw, command=command_of_study(study))


def _against(study: Emergence, picture: Picture, states: Mapping[str, CellState]) -> list[Chart]:
    """One chart: the barrier against the amount that is shared."""
    amounts = dict(zip((cell.spec.run_id for cell in picture.cells), study.amounts(), strict=True))
    frame = points(picture.cells, states, picture.axes, picture.quantity, picture.splits)
    frame["amount"] = frame["run_id"].map(amounts).astype(float)
    return [emergence(frame, study.x_title, quantity=picture.quantity, name=picture.name)]


def _blocks(picture: Picture, states: Mapping[str, CellState]) -> list[Chart]:
    """A chart for each cell: each block alone, and more and more of them from the bottom and from the top."""
    measure: Measure = "loss" if picture.quantity == "loss" else "error"
    charts = []
    for place, cell in enumerate(picture.cells):
        name, run = f"{picture.name}-{place + 1}", states[cell.spec.run_id].twins
        title = parted(cell)
        outcome = outcome_of(run.result, cell.spec.dataset) if run else None
        if run is None:
            charts.append(empty(name, f"Block by block: {title}", "not trained yet", 400))
        elif outcome and outcome.connected is None:
            charts.append(empty(name, f"Block by block: {title}", "<br>".join([outcome.headline, *wrap(outcome.reason, 60)]), 400))
        else:
            charts.append(block_lines(block_rows(run.result, picture.splits[0]), measure, title, name))
    return charts


def parted(cell: Cell) -> str:
    """When a cell's twins parted, in words."""
    return f"twins that part after {cell.name}" if cell.spec.spawn_step else "twins that part at once"
