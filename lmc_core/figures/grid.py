"""A grid of small curves: the line between the twins of every cell of a sweep, all on the same scale."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.numbers import counted, percent
from lmc_core.figures.outcome_strip import MARKS, is_apart
from lmc_core.figures.spread import Line, over_pairs
from lmc_core.runs.outcome import WORDS as OUTCOMES
from lmc_core.runs.outcome import Word

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 12
"""Cells side by side; with more columns than this the factor with fewer values stands across."""
ABREAST = 6
"""Cells in a row where there is one factor."""
CELL_PIXELS = 66
"""A cell is at least so wide; on a narrower page the grid is scrolled."""
FLATTEST = 2 * CONNECTED_BELOW
"""The least height of error that a cell shows, so that a flat line looks flat."""
INSET = 0.1
"""Room on each side of a small curve, as a share of its cell."""
LETTERING = 0.3
"""Part of a cell's height in which its label stands."""
ROW_PIXELS = 92
KEYS = (
    Key("connected", "Connected", "$valley", "solid", "none"),
    Key("not connected", "Not connected", "$b", "dash", "none"),
    *(Key(word, word.capitalize(), "$muted", "none", symbol) for word, symbol in MARKS.items()),
)
"""The legend: of these what there is."""


@dataclass(frozen=True)
class Small:
    """A cell of the grid: its place in words, its final curves if it is done, and the mean barrier over its pairs."""

    row: str
    column: str
    run_id: str
    state: str
    curves: "pd.DataFrame | None" = None
    """Columns epoch, pair, split, alpha, error, as of a finished run."""
    barrier: float | None = None
    outcome: Word | None = None
    """The verdict; None for a cell that is not done."""
    why: str = ""


def grid(cells: list[Small], row_title: str, column_title: str = "") -> Chart:
    """The test curves of all cells on the straight line, rows by the first factor and columns by the second.

    Args:
        cells: one for each cell of the sweep; with one factor `column` is empty everywhere, and the cells are wrapped into rows.
        row_title: the name of the first factor.
        column_title: the name of the second factor, empty where there is none.
    """
    name, title = "grid", "The line of every cell"
    if not cells:
        return empty(name, title, "no cell yet")
    places, rows, columns, wrapped = _places(cells)
    lines = {cell.run_id: line for cell in cells if not _is_apart(cell) and (line := _line(cell)) is not None}
    top = max((value for line in lines.values() for value in line.mean if value is not None), default=1.0)
    low = min((value for line in lines.values() for value in line.mean if value is not None), default=0.0)
    top = max(top, low + FLATTEST)
    traces, notes = [], []
    for cell in cells:
        across, down = places[cell.run_id]
        line = lines.get(cell.run_id)
        if line is not None:
            traces.append(_curve(cell, line, across, down, low, top))
        elif cell.outcome is not None and _is_apart(cell):
            traces.append(_mark(cell, cell.outcome, across, down))
        notes.append(_label(cell, across, down, wrapped, measured=line is not None))
    across_axis: dict[str, Any] = {"range": [0, len(columns)], "showgrid": False, "ticks": "", "side": "top"}
    down_axis: dict[str, Any] = {"range": [len(rows), 0], "showgrid": False, "ticks": ""}
    if wrapped:
        across_axis, down_axis = ({**part, "showticklabels": False} for part in (across_axis, down_axis))
    else:
        across_axis |= {"tickvals": [place + 0.5 for place in range(len(columns))], "ticktext": columns}
        down_axis |= {"tickvals": [place + 0.5 for place in range(len(rows))], "ticktext": rows}
    x_title, y_title = ("", "") if wrapped else (column_title, row_title)
    if not wrapped and rows == list(dict.fromkeys(cell.column for cell in cells)) and columns == list(dict.fromkeys(c.row for c in cells)):
        x_title, y_title = row_title, column_title
    shown = {trace["legendgroup"] for trace in traces}
    return Chart(
        name,
        title,
        _words(cells, row_title, column_title),
        traces,
        layout(
            axis(x_title, **across_axis),
            axis(y_title, **down_axis),
            hovermode="closest",
            shapes=[_frame(cell, *places[cell.run_id]) for cell in cells],
            annotations=notes,
            margin={"l": 64, "r": 12, "t": 12 if wrapped else 56, "b": 12},
        ),
        [key for key in KEYS if key.group in shown],
        note=f"test error from {percent(low, 1)} to {percent(top, 1)} in each, α from A to B" if lines else "",
        revision=f"{name}-{row_title}-{column_title}-{len(rows)}-{len(columns)}",
        height=int(ROW_PIXELS * len(rows) + (70 if wrapped else 130)),
        width=CELL_PIXELS * len(columns) + 76,
    )


def _places(cells: list[Small]) -> tuple[dict[str, tuple[int, int]], list[str], list[str], bool]:
    """The column and row of each cell, the names of rows and columns, and whether one factor was wrapped."""
    rows, columns = list(dict.fromkeys(cell.row for cell in cells)), list(dict.fromkeys(cell.column for cell in cells))
    if len(columns) == 1:
        width = min(ABREAST, len(cells))
        spots = {cell.run_id: (place % width, place // width) for place, cell in enumerate(cells)}
        return spots, [""] * (-(-len(cells) // width)), [""] * width, True
    if len(columns) > WIDEST and len(rows) < len(columns):
        spots = {cell.run_id: (rows.index(cell.row), columns.index(cell.column)) for cell in cells}
        return spots, columns, rows, False
    return {cell.run_id: (columns.index(cell.column), rows.index(cell.row)) for cell in cells}, rows, columns, False


def _line(cell: Small) -> Line | None:
    if cell.curves is None or cell.curves.empty:
        return None
    curves = cell.curves
    line = over_pairs(curves[(curves["split"] == "test") & (curves["epoch"] == curves["epoch"].max())], "alpha", "error")
    return None if all(value is None for value in line.mean) else line


def _curve(cell: Small, line: Line, across: int, down: int, low: float, top: float) -> Trace:
    outcome = cell.outcome or "not connected"
    colour, dash = ("$valley", "solid") if outcome == "connected" else ("$b", "dash")
    scale = (top - low) or 1.0
    heights = [
        None if value is None else round(down + 1 - INSET - (1 - LETTERING - INSET) * (value - low) / scale, 4) for value in line.mean
    ]
    where = f"{cell.row}, {cell.column}".rstrip(", ")
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [round(across + INSET + (1 - 2 * INSET) * alpha, 4) for alpha in line.x],
        "y": heights,
        "legendgroup": outcome,
        "name": where,
        "line": {"color": colour, "width": 2.2, "dash": dash},
        "text": [f"{where}<br>α {alpha:g}: {percent(value)}" for alpha, value in zip(line.x, line.mean, strict=True)],
        "customdata": [cell.run_id] * len(line.x),
        "hovertemplate": "%{text}<extra></extra>",
    }


def _label(cell: Small, across: int, down: int, wrapped: bool, measured: bool) -> dict[str, Any]:
    """What a cell says: its barrier, its verdict where it has none to draw, or how far it is; with one factor also its value."""
    apart = cell.outcome if _is_apart(cell) else None
    words = percent(cell.barrier, 1) if measured else (apart or WAITING[cell.state])
    text = f"<b>{cell.row}</b> · {words}" if wrapped else words.replace(" ", "<br>") if apart else words
    label = {"text": text, "x": across + 0.5, "y": down + 0.04, "xanchor": "center", "yanchor": "top", "showarrow": False}
    return label | {"font": {"size": 11, "color": "$ink" if measured or apart else "$muted"}}


WAITING = {"queued": "waiting", "running": "trains …", "failed": "failed", "cancelled": "stopped", "unknown": "–", "done": "–"}


def _is_apart(cell: Small) -> bool:
    return is_apart(cell.outcome or "")


def _mark(cell: Small, outcome: Word, across: int, down: int) -> Trace:
    """The mark of a cell that learnt nothing or was unstable, in place of a curve."""
    where = f"{cell.row}, {cell.column}".rstrip(", ")
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [across + 0.5],
        "y": [down + LETTERING + (1 - LETTERING) / 2],
        "legendgroup": outcome,
        "name": where,
        "marker": {"symbol": MARKS[outcome], "size": 15, "color": "$muted", "line": {"color": "$muted", "width": 2}},
        "text": [f"{where}: {outcome}<br>{cell.why}"],
        "customdata": [cell.run_id],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _frame(cell: Small, across: int, down: int) -> dict[str, Any]:
    frame = {"type": "rect", "x0": across + 0.03, "x1": across + 0.97, "y0": down + 0.03, "y1": down + 0.97, "layer": "below"}
    return frame | {"line": {"color": "$grid", "width": 1}} | ({"fillcolor": "$muted/0.12"} if _is_apart(cell) else {})


def _words(cells: list[Small], row_title: str, column_title: str) -> str:
    by = f"{row_title} and {column_title}" if column_title else row_title
    done = [cell for cell in cells if cell.state == "done"]
    outcomes = [cell.outcome for cell in done]
    words = f"Small curves of the test error on the line between the twins, one for each of {counted(len(cells), 'cell')}, by {by}. "
    told = ", ".join(f"{outcomes.count(word)} {word}" for word in OUTCOMES if word in outcomes)
    return words + f"{len(done)} are done{f': {told}' if told else ''}."
