"""Cells of many runs as lines of a chart: the mean over pairs with its spread, and marks for what still trains or has no barrier."""

from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, Literal

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.chart import Trace
from lmc_core.figures.numbers import counted, percent, percent_spread, plain, plain_spread
from lmc_core.figures.outcome_strip import MARKS, Mark, is_apart
from lmc_core.figures.palette import DASHES, RUN_COLOURS, SYMBOLS, mixed
from lmc_core.figures.spread import Line, band, finite
from lmc_core.runs.outcome import Word
from lmc_core.runs.results import Spread

if TYPE_CHECKING:
    import pandas as pd

Quantity = Literal["error", "normalized", "loss", "accuracy"]

TITLES: Final[dict[Quantity, str]] = {
    "error": "Error barrier",
    "normalized": "Normalised barrier",
    "loss": "Loss barrier",
    "accuracy": "Test accuracy",
}
HOVER_WIDTH = 48
"""Letters in a line of a reason."""
COLOURS = (0, 1, 3, 4, 5, 6, 7, 2)
"""Run colours in the order in which lines take them: the one nearest to the connected zone's green last."""


@dataclass(frozen=True)
class CellLine:
    """The cells of one line on one split, in the order of x, and how they look."""

    name: str
    label: str
    cells: "pd.DataFrame"
    colour: str
    dash: str
    symbol: str


def drawn_apart(points: "pd.DataFrame", quantity: Quantity) -> "pd.DataFrame":
    """The points of the lines: cells that stand in the strip have no number on the axis, whatever was measured of their rest."""
    apart = points["outcome"].isin([word for word in MARKS if is_apart(word, barrier=quantity != "accuracy")])
    lines = points.copy()
    lines.loc[apart, ["mean", "std", "floor"]] = float("nan")
    return lines


def marks_of(group: CellLine, at: list[float], quantity: Quantity, points: "pd.DataFrame") -> list[Mark]:
    """A line's cells that learnt nothing or were unstable, for the strip above the axis.

    Args:
        group: the line.
        at: where each of its cells stands on the horizontal axis.
        quantity: what is drawn.
        points: with all numbers, for what a mark says when it is pointed at.
    """
    whole = points.loc[group.cells.index].to_dict("records")
    return [
        Mark(row["outcome"], x, group.name, group.label, group.colour, _hover(group.label, row, quantity), row["run_id"])
        for x, row in zip(at, whole, strict=True)
        if is_apart(row["outcome"], barrier=quantity != "accuracy")
    ]


def cell_lines(points: "pd.DataFrame") -> list[CellLine]:
    """A line for each name and split; splits of one line share its colour, and train has open marks and dots."""
    lines, splits = list(dict.fromkeys(points["line"])), [name for name in ("test", "train") if (points["split"] == name).any()]
    found = []
    for place, line in enumerate(lines):
        few = len(lines) <= RUN_COLOURS
        colour = f"$run{COLOURS[place]}" if few else mixed(place / (len(lines) - 1))
        for split in splits:
            cells = points[(points["line"] == line) & (points["split"] == split)]
            train = split == "train" and len(splits) > 1
            label = f"{line or 'Measured'}{f', {split}' if len(splits) > 1 else ''}".lstrip(", ")
            symbol, dash = SYMBOLS[place % len(SYMBOLS)], DASHES[place % len(DASHES)]
            found.append(
                CellLine(f"line{place}-{split}", label, cells, colour, "dot" if train else dash, f"{symbol}-open" if train else symbol)
            )
    return found


def value_range(points: "pd.DataFrame", quantity: Quantity) -> tuple[float, float]:
    """The vertical range: from 0 for barriers, close to the values for accuracies, with room for marks at the top."""
    highs = [*(points["mean"] + points["std"].fillna(0)), *points["published"], *points["floor"]]
    lows = [*(points["mean"] - points["std"].fillna(0)), *points["published"], *points["floor"]]
    known, under = ([value for value in values if finite(value) is not None] for values in (highs, lows))
    if quantity == "accuracy":
        high, low = max(known, default=1.0), min(under, default=0.0)
        room = max(0.1 * (high - low), 0.01)
        return max(low - room, 0.0), high + 1.5 * room
    top = max(max(known, default=0.0) * 1.14, CONNECTED_BELOW * 1.7 if quantity == "error" else 0.0, 1e-6)
    return -0.03 * top, top


def line_traces(group: CellLine, at: list[float], quantity: Quantity, by_name: bool) -> list[Trace]:
    """A line's means with their spread, its rounding floor, and what still trains.

    Args:
        group: the line.
        at: where each of its cells stands on the horizontal axis.
        quantity: what is drawn.
        by_name: points with error bars instead of a line with a band.
    """
    rows = sorted(zip(at, group.cells.to_dict("records"), strict=True), key=lambda pair: pair[0])
    done = [(x, row) for x, row in rows if row["state"] == "done"]
    shared: Trace = {"type": "scatter", "legendgroup": group.name, "name": group.label, "hovertemplate": "%{text}<extra></extra>"}
    look = {"color": group.colour, "symbol": group.symbol, "size": 9, "line": {"color": group.colour, "width": 1.5}}
    main = shared | {
        "x": [x for x, _ in done],
        "y": [finite(row["mean"]) for _, row in done],
        "text": [_hover(group.label, row, quantity) for _, row in done],
        "customdata": [row["run_id"] for _, row in done],
        "mode": "markers" if by_name else "lines+markers",
        "line": {"color": group.colour, "width": 2.4, "dash": group.dash},
        "marker": look,
    }
    if by_name:
        heights = [finite(row["std"]) or 0.0 if row["n"] > 1 else 0.0 for _, row in done]
        main["error_y"] = {"type": "data", "array": heights, "color": group.colour, "thickness": 1.6, "width": 4}
    bands = [] if by_name else _bands(done, group)
    return [*bands, *_floor(done, group), main, *_going(rows, group, shared, quantity)]


def _bands(done: list[tuple[float, dict[str, Any]]], group: CellLine) -> list[Trace]:
    """A band over each stretch of cells that have a spread, a bar where a cell has no neighbour on its line.

    There are none where the lines are so many that bands would hide them.
    """
    found: list[Trace] = []
    if group.colour.startswith("$mix"):
        return found
    for measured, stretch in groupby(done, key=lambda pair: finite(pair[1]["mean"]) is not None and pair[1]["n"] > 1):
        cells = list(stretch)
        if measured and len(cells) > 1:
            line = Line(
                [x for x, _ in cells],
                [row["mean"] for _, row in cells],
                [row["mean"] - row["std"] for _, row in cells],
                [row["mean"] + row["std"] for _, row in cells],
                n=min(int(row["n"]) for _, row in cells),
            )
            found += band(line, group.colour, group.name)
        elif measured:
            found.append(_bar(*cells[0], group))
    return found


def _bar(x: float, row: dict[str, Any], group: CellLine) -> Trace:
    """The spread of one cell as a bar, where a band would have no width."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x],
        "y": [row["mean"]],
        "error_y": {"type": "data", "array": [row["std"]], "color": group.colour, "thickness": 1.6, "width": 4},
        "legendgroup": group.name,
        "name": f"{group.label}: spread",
        "marker": {"opacity": 0},
        "hoverinfo": "skip",
    }


def _floor(done: list[tuple[float, dict[str, Any]]], group: CellLine) -> list[Trace]:
    """The barrier between rounding twins, below which a barrier means nothing."""
    known = [(x, row["floor"]) for x, row in done if finite(row["floor"]) is not None]
    if not known:
        return []
    return [
        {
            "type": "scatter",
            "x": [x for x, _ in known],
            "y": [value for _, value in known],
            "mode": "lines+markers",
            "legendgroup": "floor",
            "name": f"{group.label}, rounding floor",
            "line": {"color": group.colour, "width": 1.4, "dash": "dot"},
            "marker": {"color": group.colour, "symbol": "line-ew-open", "size": 11, "line": {"width": 2}},
            "hovertemplate": f"{group.label}: rounding floor %{{y:.2%}}<extra></extra>",
        }
    ]


def _going(rows: list[tuple[float, dict[str, Any]]], group: CellLine, shared: Trace, quantity: Quantity) -> list[Trace]:
    """A hollow ring where a cell stands that still trains."""
    going = [(x, row) for x, row in rows if row["state"] == "running" and finite(row["mean"]) is not None]
    if not going:
        return []
    return [
        shared
        | {
            "x": [x for x, _ in going],
            "y": [row["mean"] for _, row in going],
            "text": [f"{_hover(group.label, row, quantity)}<br>so far" for _, row in going],
            "customdata": [row["run_id"] for _, row in going],
            "mode": "markers",
            "name": f"{group.label}: so far",
            "opacity": 0.55,
            "marker": {"symbol": "circle-open-dot", "size": 10, "color": group.colour},
        }
    ]


def _hover(label: str, row: dict[str, Any], quantity: Quantity) -> str:
    spread = Spread(mean=finite(row["mean"]), std=finite(row["std"]), n=int(row["n"]))
    number = (plain_spread if quantity == "loss" else percent_spread)(spread)
    if not is_apart(row["outcome"]):
        return f"{label}, {row['x']}: {number}"
    why = "<br>".join([row["outcome"], *wrap(row["why"], HOVER_WIDTH)])
    if row["outcome"] == "unstable":
        return f"{label}, {row['x']}: {why}" + (f"<br>{TITLES[quantity]} of the other pairs: {number}" if spread.n else "")
    return f"{label}, {row['x']}: {f'{number}<br>' if quantity == 'accuracy' else ''}{why}"


def share_ticks(height: float) -> str:
    """The form of the numbers on an axis of shares so high."""
    return ".0%" if height > 0.08 else ".1%" if height > 0.008 else ".2%"


def note_of(points: "pd.DataFrame") -> str:
    """How many cells are done, and what the spread is."""
    cells = points.drop_duplicates("run_id")
    done = cells[cells["state"] == "done"]
    pairs = sorted({int(number) for number in done["n"] + done["diverged"]})
    spread = (
        f"mean ± standard deviation of {pairs[0] if len(pairs) == 1 else f'{pairs[0]} to {pairs[-1]}'} pairs" if pairs[-1:] > [1] else ""
    )
    left = f"{len(done)} of {counted(len(cells), 'cell')}" if len(done) < len(cells) else ""
    return " · ".join(part for part in (left, spread) if part)


def words_of(groups: list[CellLine], title: str, line_title: str, quantity: Quantity, points: "pd.DataFrame") -> str:
    """The lines in words: what each reaches from and to, what learnt nothing or was unstable, what is not finished."""
    show = plain if quantity == "loss" else percent
    sentence = title + (f", by {line_title[0].lower()}{line_title[1:]}. " if line_title else ". ")
    for group in groups:
        done = group.cells[(group.cells["state"] == "done") & group.cells["mean"].notna()]
        if done.empty:
            continue
        lowest, highest = done.loc[done["mean"].idxmin()], done.loc[done["mean"].idxmax()]
        sentence += f"{group.label}: from {show(lowest['mean'])} at {lowest['x']} to {show(highest['mean'])} at {highest['x']}. "
    cells = points.drop_duplicates("run_id")
    waiting = int((cells["state"] != "done").sum())
    faults: tuple[tuple[Word, str], ...] = (("learnt nothing", "the networks learnt nothing"), ("unstable", "training was unstable"))
    for word, words in faults:
        number = int((cells["outcome"] == word).sum())
        sentence += f"In {counted(number, 'cell')} {words}. " if number else ""
    sentence += f"{counted(waiting, 'cell')} not finished. " if waiting else ""
    return (sentence + ("Twins count as connected below 2%." if quantity == "error" else "")).strip()
