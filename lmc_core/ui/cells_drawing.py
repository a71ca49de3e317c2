"""The charts of many cells, drawn once for all who watch them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lmc_core.data.spec import Split
from lmc_core.figures.cell_lines import Quantity
from lmc_core.figures.chart import Chart
from lmc_core.figures.grid import grid
from lmc_core.figures.sweep import Form, sweep
from lmc_core.jobs.cells import CellState
from lmc_core.overrides import overrides_of
from lmc_core.sweeps.sweep import Cell
from lmc_core.ui.cell_points import Axes, Published, panel_words, points, smalls
from lmc_core.ui.live_chart import Board, Row, board
from lmc_core.ui.made_by import made_by_cells

KEPT = 64
"""Drawings that stay in memory."""
ABREAST = 2
"""Charts side by side."""

Version = tuple[tuple[str, str, float | None], ...]


@dataclass(frozen=True)
class Picture:
    """What of some cells is drawn, and how."""

    name: str
    cells: tuple[Cell, ...]
    axes: Axes
    quantity: Quantity = "error"
    splits: tuple[Split, ...] = ("test",)
    form: Form = "lines"
    with_grid: bool = True
    published: Published | None = None
    charts: "Callable[[Picture, Mapping[str, CellState]], list[Chart]] | None" = None
    """Draws the charts above the grid, where they are another form than a sweep's; the name tells whose they are."""
    command: str = ""
    """Makes all of the cells again; empty where no single command does."""

    @property
    def _key(self) -> tuple[object, ...]:
        return (self.name, self.axes, self.quantity, self.splits, self.form, self.command, *(cell.spec.run_id for cell in self.cells))


_lock = threading.Lock()
_kept: OrderedDict[tuple[object, ...], tuple[Version, Board]] = OrderedDict()


def drawing_of(picture: Picture, states: Mapping[str, CellState]) -> Board:
    """The cells' charts as they are; what has not changed is not drawn again."""
    key, version = picture._key, _version(states)
    with _lock:
        before = _kept.get(key)
        if before is not None and before[0] == version:
            _kept.move_to_end(key)
            return before[1]
        drawn = _draw(picture, states)
        _kept[key] = version, drawn
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return drawn


def _version(states: Mapping[str, CellState]) -> Version:
    return tuple((state.run_id, state.state, state.barrier) for state in states.values())


def _draw(picture: Picture, states: Mapping[str, CellState]) -> Board:
    charts = picture.charts(picture, states) if picture.charts else _charts(picture, states)
    rows = [
        Row(tuple(charts[start : start + ABREAST]), (1,) * len(charts[start : start + ABREAST])) for start in range(0, len(charts), ABREAST)
    ]
    if picture.with_grid and any(state.state != "unknown" for state in states.values()):
        titles = (
            picture.axes.line_title or picture.axes.x_title,
            picture.axes.x_title if picture.axes.lines or picture.axes.panels else "",
        )
        rows.append(Row((grid(smalls(picture.cells, states, picture.axes), *titles),), (1,)))
    shown = [cell.spec.run_id for cell in picture.cells]
    made = [replace(row, charts=tuple(made_by_cells(chart, shown, picture.command) for chart in row.charts)) for row in rows]
    return board(*made, opens={cell.spec.run_id: overrides_of(cell.spec) for cell in picture.cells})


def _charts(picture: Picture, states: Mapping[str, CellState]) -> list[Chart]:
    """A chart for each value of the factors that make charts of their own."""
    panels: dict[str, list[Cell]] = {}
    for cell in picture.cells:
        panels.setdefault(panel_words(cell, picture.axes), []).append(cell)
    return [_chart(picture, words, cells, states, place) for place, (words, cells) in enumerate(panels.items())]


def _chart(picture: Picture, words: str, cells: Sequence[Cell], states: Mapping[str, CellState], place: int) -> Chart:
    axes = picture.axes
    frame = points(cells, states, axes, picture.quantity, picture.splits, picture.published)
    name = picture.name + (f"-{place + 1}" if words else "")
    chart = sweep(frame, axes.x_title, axes.line_title, picture.quantity, picture.form, name)
    return replace(chart, title=f"{chart.title}: {words}") if words else chart
