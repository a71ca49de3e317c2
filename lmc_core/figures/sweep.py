"""A sweep in one chart: a barrier against a factor, with a line or a row of points for each value of the second."""

import math
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

from lmc_core.figures.barrier import threshold
from lmc_core.figures.cell_lines import (
    TITLES,
    CellLine,
    Quantity,
    cell_lines,
    drawn_apart,
    line_traces,
    marks_of,
    note_of,
    share_ticks,
    value_range,
    words_of,
)
from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.outcome_strip import Mark, with_strip
from lmc_core.figures.spread import finite

if TYPE_CHECKING:
    import pandas as pd

Form = Literal["lines", "points"]
"""A line over numbers, or points with their spread side by side over names."""

DODGE = 0.5
"""Part of the way to the next name over which the points of one name are spread."""
TICK_WIDTH = 10
"""Letters in a line of a name on an axis, longer words apart."""


def sweep(
    points: "pd.DataFrame",
    x_title: str,
    line_title: str = "",
    quantity: Quantity = "error",
    form: Form = "lines",
    name: str = "sweep",
    height: int = 440,
) -> Chart:
    """The mean of a quantity with its spread over pairs, cell by cell; what learnt nothing or was unstable stands in a strip above.

    Args:
        points: a row for each cell and split with the columns
            x, line: the values of the factors in words (`line` is the same everywhere where there is one factor);
            split: train or test;
            state: done, running, queued, failed, cancelled or unknown;
            mean, std, n: over the pairs that did not diverge; NaN where there are none; of a running cell, how it stands;
            diverged: how many pairs did;
            outcome, why: the verdict in a word and its reason; empty for a cell that is not done;
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
    lines = drawn_apart(points, quantity)
    groups = cell_lines(lines)
    low, top = value_range(lines, quantity)
    traces: list[Trace] = []
    marks: list[Mark] = []
    for place, group in enumerate(groups):
        shift = (place - (len(groups) - 1) / 2) * DODGE / max(len(groups), 2) if by_name else 0.0
        at = [places[text] + shift for text in group.cells["x"]]
        traces += line_traces(group, at, quantity, by_name)
        marks += marks_of(group, at, quantity, points)
    keys = [Key(group.name, group.label, group.colour, "none" if by_name else group.dash, group.symbol) for group in groups]
    traces += _published(groups, places, by_name)
    keys += [Key("published", "Published", "$ink", "none", "star-open")] if points["published"].notna().any() else []
    keys += [Key("floor", "Rounding floor", "$muted", "dot", "none")] if points["floor"].notna().any() else []
    keys = keys if len(keys) > 1 else []
    share = quantity != "loss"
    yaxis = axis(TITLES[quantity] + ("" if share else " (nats)"), range=[low, top], tickformat=share_ticks(top - low) if share else "")
    extras: dict[str, Any] = dict(threshold()) if quantity == "error" else {}
    chart = Chart(
        name,
        title,
        words_of(groups, title, line_title, quantity, points),
        traces,
        layout(xaxis, yaxis, hovermode="closest", **extras),
        keys,
        note=note_of(points),
        revision=f"{name}-{quantity}-{x_title}-{line_title}",
        height=height,
    )
    return with_strip(chart, marks)


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


def _published(groups: list[CellLine], places: dict[str, float], by_name: bool) -> list[Trace]:
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
