"""A sweep in one chart: a barrier against a factor, with a line or a row of points for each value of the second."""

import math
from dataclasses import dataclass
from itertools import groupby, pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, Literal

from lmc_core.figures.barrier import threshold
from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.numbers import DIVERGED, counted, percent, percent_spread, plain, plain_spread
from lmc_core.figures.palette import DASHES, RUN_COLOURS, SYMBOLS, mixed
from lmc_core.figures.spread import Line, band, finite
from lmc_core.results import CONNECTED_BELOW, Spread

if TYPE_CHECKING:
    import pandas as pd

Quantity = Literal["error", "normalized", "loss", "accuracy"]
Form = Literal["lines", "points"]
"""A line over numbers, or points with their spread side by side over names."""

TITLES: Final[dict[Quantity, str]] = {
    "error": "Error barrier",
    "normalized": "Normalised barrier",
    "loss": "Loss barrier",
    "accuracy": "Test accuracy",
}
DODGE = 0.5
"""Part of the way to the next name over which the points of one name are spread."""
COLOURS = (0, 1, 3, 4, 5, 6, 7, 2)
"""Run colours in the order in which lines take them: the one nearest to the connected zone's green last."""
TICK_WIDTH = 10
"""Letters in a line of a name on an axis, longer words apart."""
LEFT_OUT = 0.045
"""Height of a row of marks for cells without a number, as a share of the chart's."""


@dataclass(frozen=True)
class _Group:
    """The cells of one line on one split, in the order of x, and how they look."""

    name: str
    label: str
    cells: "pd.DataFrame"
    colour: str
    dash: str
    symbol: str


def sweep(
    points: "pd.DataFrame",
    x_title: str,
    line_title: str = "",
    quantity: Quantity = "error",
    form: Form = "lines",
    name: str = "sweep",
    height: int = 440,
) -> Chart:
    """The mean of a quantity with its spread over pairs, cell by cell; unstable cells carry the paper's asterisk.

    Args:
        points: a row for each cell and split with the columns
            x, line: the values of the factors in words (`line` is the same everywhere where there is one factor);
            split: train or test;
            state: done, running, queued, failed, cancelled or unknown;
            mean, std, n: over the pairs that did not diverge; NaN where there are none; of a running cell, how it stands;
            diverged: how many pairs did;
            floor: the mean between rounding twins, NaN where it was not measured;
            published: what the paper prints, NaN where it prints nothing;
            run_id: what a click opens.
        x_title: the name of the first factor.
        line_title: the name of the second factor, empty where there is none.
        quantity: a share, or for the loss nats.
        form: lines need numbers on x; over names there are points.
        name: the chart's name, which is also that of its file.
        height: pixels.
    """
    title = _title(quantity, x_title)
    if points.empty:
        return empty(name, title, "no cell yet", height)
    by_name = form == "points" or any(_number(text) is None for text in points["x"])
    places, xaxis = _horizontal(list(dict.fromkeys(points["x"])), x_title, by_name)
    groups = _groups(points)
    low, top = _range(points, quantity)
    traces: list[Trace] = []
    for place, group in enumerate(groups):
        shift = (place - (len(groups) - 1) / 2) * DODGE / max(len(groups), 2) if by_name else 0.0
        at = [places[text] + shift for text in group.cells["x"]]
        traces += _traces(group, at, quantity, by_name, ceiling=top - (place + 1) * LEFT_OUT * (top - low))
    keys = [Key(group.name, group.label, group.colour, "none" if by_name else group.dash, group.symbol) for group in groups]
    traces += _published(groups, places, by_name)
    keys += [Key("published", "Published", "$ink", "none", "star-open")] if points["published"].notna().any() else []
    keys += [Key("floor", "Rounding floor", "$muted", "dot", "none")] if points["floor"].notna().any() else []
    keys = keys if len(keys) > 1 else []
    share = quantity != "loss"
    yaxis = axis(TITLES[quantity] + ("" if share else " (nats)"), range=[low, top], tickformat=_ticks(top - low) if share else "")
    extras: dict[str, Any] = dict(threshold()) if quantity == "error" else {}
    return Chart(
        name,
        title,
        _words(groups, title, line_title, quantity, points),
        traces,
        layout(xaxis, yaxis, hovermode="closest", **extras),
        keys,
        note=_note(points),
        revision=f"{name}-{quantity}-{x_title}-{line_title}",
        height=height,
    )


def _title(quantity: Quantity, x_title: str) -> str:
    name = x_title[0].lower() + x_title[1:] if x_title.split(" ")[0][1:].islower() else x_title
    return f"{TITLES[quantity]} against {name}"


def _number(text: str) -> float | None:
    try:
        return finite(float(text.replace(",", "")))
    except ValueError:
        return None


def _horizontal(texts: list[str], title: str, by_name: bool) -> tuple[dict[str, float], dict[str, Any]]:
    """Where each value stands, and the axis: linear or logarithmic, whichever spreads numbers more evenly; names one by one."""
    known = [number for text in texts if (number := _number(text)) is not None]
    if by_name:
        places = {text: float(place) for place, text in enumerate(texts)}
        ticks = {"tickvals": list(places.values()), "ticktext": list(map(_wrapped, texts)), "range": [-0.6, len(texts) - 0.4]}
        return places, axis(title, **ticks)
    ordered = sorted(known)
    if ordered[0] > 0 and len(ordered) > 2 and _widest([math.log(value) for value in ordered]) < _widest(ordered):
        places = dict(zip(texts, known, strict=True))
        return places, axis(title, type="log", tickvals=ordered, ticktext=[f"{value:g}" for value in ordered])
    room = 0.03 * (ordered[-1] - ordered[0]) or 0.5
    ticks = {"range": [ordered[0] - room, ordered[-1] + room]}
    if len(ordered) <= 6:
        ticks |= {"tickvals": ordered}
    return dict(zip(texts, known, strict=True)), axis(title, **ticks)


def _wrapped(text: str) -> str:
    """A name in short lines, so that neighbours along an axis do not overlap and none is left out."""
    return "<br>".join(wrap(text, TICK_WIDTH, break_long_words=False))


def _widest(ordered: list[float]) -> float:
    """The widest gap as a share of the whole way."""
    return max((after - before for before, after in pairwise(ordered)), default=0.0) / ((ordered[-1] - ordered[0]) or 1)


def _groups(points: "pd.DataFrame") -> list[_Group]:
    """A group for each line and split; splits of one line share its colour, and train has open marks and dots."""
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
                _Group(f"line{place}-{split}", label, cells, colour, "dot" if train else dash, f"{symbol}-open" if train else symbol)
            )
    return found


def _range(points: "pd.DataFrame", quantity: Quantity) -> tuple[float, float]:
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


def _traces(group: _Group, at: list[float], quantity: Quantity, by_name: bool, ceiling: float) -> list[Trace]:
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
    return [*bands, *_floor(done, group), main, *_marks(rows, group, shared, quantity, ceiling)]


def _bands(done: list[tuple[float, dict[str, Any]]], group: _Group) -> list[Trace]:
    """A band over each stretch of cells that have a spread; none where there are so many lines that bands would hide them."""
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
    return found


def _floor(done: list[tuple[float, dict[str, Any]]], group: _Group) -> list[Trace]:
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


def _marks(rows: list[tuple[float, dict[str, Any]]], group: _Group, shared: Trace, quantity: Quantity, ceiling: float) -> list[Trace]:
    """An asterisk for each cell in which a pair diverged, and a hollow ring where a cell stands that still trains."""
    starred = [(x, row) for x, row in rows if row["diverged"] and row["state"] == "done"]
    going = [(x, row) for x, row in rows if row["state"] == "running" and finite(row["mean"]) is not None]
    found: list[Trace] = []
    if starred:
        found.append(
            shared
            | {
                "x": [x for x, _ in starred],
                "y": [ceiling for _ in starred],
                "text": [_hover(group.label, row, quantity) for _, row in starred],
                "customdata": [row["run_id"] for _, row in starred],
                "mode": "markers",
                "name": f"{group.label}: unstable",
                "marker": {"symbol": "asterisk-open", "size": 11, "color": group.colour, "line": {"color": group.colour, "width": 2.2}},
            }
        )
    if going:
        found.append(
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
        )
    return found


def _published(groups: list[_Group], places: dict[str, float], by_name: bool) -> list[Trace]:
    """What the paper prints, as stars of the lines' colours."""
    found: list[Trace] = []
    for place, group in enumerate(groups):
        shift = (place - (len(groups) - 1) / 2) * DODGE / max(len(groups), 2) if by_name else 0.0
        cells = group.cells[group.cells["published"].notna()]
        if cells.empty:
            continue
        found.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [places[text] + shift for text in cells["x"]],
                "y": cells["published"].tolist(),
                "legendgroup": "published",
                "name": f"{group.label}, published",
                "marker": {"symbol": "star-open", "size": 12, "color": group.colour, "line": {"width": 1.6}},
                "hovertemplate": f"{group.label}: published %{{y:.2%}}<extra></extra>",
            }
        )
    return found


def _hover(label: str, row: dict[str, Any], quantity: Quantity) -> str:
    spread = Spread(mean=finite(row["mean"]), std=finite(row["std"]), n=int(row["n"]))
    number = (plain_spread if quantity == "loss" else percent_spread)(spread)
    diverged = f"<br>{DIVERGED} {counted(int(row['diverged']), 'pair')} diverged" if row["diverged"] else ""
    return f"{label}, {row['x']}: {number}{diverged}"


def _ticks(height: float) -> str:
    return ".0%" if height > 0.08 else ".1%" if height > 0.008 else ".2%"


def _note(points: "pd.DataFrame") -> str:
    cells = points.drop_duplicates("run_id")
    done = cells[cells["state"] == "done"]
    pairs = sorted({int(number) for number in done["n"] + done["diverged"]})
    spread = (
        f"mean ± standard deviation of {pairs[0] if len(pairs) == 1 else f'{pairs[0]} to {pairs[-1]}'} pairs" if pairs[-1:] > [1] else ""
    )
    left = f"{len(done)} of {counted(len(cells), 'cell')}" if len(done) < len(cells) else ""
    starred = f"{DIVERGED} training was unstable" if done["diverged"].any() else ""
    return " · ".join(part for part in (left, spread, starred) if part)


def _words(groups: list[_Group], title: str, line_title: str, quantity: Quantity, points: "pd.DataFrame") -> str:
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
    unstable = int((cells["diverged"] > 0).sum())
    sentence += f"In {counted(unstable, 'cell')} training was unstable. " if unstable else ""
    sentence += f"{counted(waiting, 'cell')} not finished. " if waiting else ""
    return (sentence + ("Twins count as connected below 2%." if quantity == "error" else "")).strip()
