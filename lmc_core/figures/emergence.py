"""When connectivity emerges: the barrier against how much training the twins share, from none at all on a logarithmic axis."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lmc_core.figures.barrier import threshold
from lmc_core.figures.cell_lines import (
    TITLES,
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

NAME_PIXELS = 48
"""Room for the name of a place on the axis; on a narrower page the chart is scrolled."""
NARROWEST = 0.06
"""Of amounts nearer to each other than this share of the axis only the first has its name below."""


def emergence(
    points: "pd.DataFrame", x_title: str, line_title: str = "", quantity: Quantity = "error", name: str = "emergence", height: int = 440
) -> Chart:
    """The mean of a quantity with its spread over pairs against an amount of training; where none is shared stands apart on the left.

    Args:
        points: as `figures.sweep` takes them, `x` being an amount in words, with one column more:
            amount: of the training that is shared, 0 for none; NaN everywhere where the names hold no amount, which then stand in
            their order.
        x_title: what is shared.
        line_title: what the lines differ in, empty where there is one.
        quantity: a share, or for the loss nats.
        name: the chart's name, which is also that of its file.
        height: pixels.
    """
    title = f"{TITLES[quantity]} against {x_title[0].lower()}{x_title[1:]}"
    if points.empty:
        return empty(name, title, "no cell yet", height)
    where = points.drop_duplicates("x")
    names = where["x"].tolist()
    at = dict(zip(names, places(where["amount"].tolist()), strict=True))
    lines = drawn_apart(points, quantity)
    low, top = value_range(lines, quantity)
    groups = cell_lines(lines)
    traces: list[Trace] = []
    marks: list[Mark] = []
    for group in groups:
        along = [at[text] for text in group.cells["x"]]
        traces += line_traces(group, along, quantity, by_name=False)
        marks += marks_of(group, along, quantity, points)
    keys = [Key(group.name, group.label, group.colour, group.dash, group.symbol) for group in groups] if len(groups) > 1 else []
    keys += [Key("floor", "Rounding floor", "$muted", "dot", "none")] if points["floor"].notna().any() else []
    yaxis = axis(
        TITLES[quantity] + (" (nats)" if quantity == "loss" else ""),
        range=[low, top],
        tickformat="" if quantity == "loss" else share_ticks(top - low),
    )
    extras: dict[str, Any] = dict(threshold()) if quantity == "error" else {}
    if (gap := _gap(where["amount"].tolist(), list(at.values()))) is not None:
        line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": gap, "x1": gap, "layer": "below"}
        extras["shapes"] = [*extras.get("shapes", []), line | {"line": {"color": "$grid", "width": 1.5, "dash": "dot"}}]
    said = [sentence for group in groups if (sentence := _emerges(group.label if len(groups) > 1 else "", group.cells, quantity))]
    words = words_of(groups, title, line_title, quantity, points)
    chart = Chart(
        name,
        title,
        " ".join([words, *said]),
        traces,
        layout(_axis(x_title, at), yaxis, hovermode="closest", **extras),
        keys,
        note=" · ".join(filter(None, (note_of(points), said[0].rstrip(".") if len(said) == 1 else ""))),
        revision=f"{name}-{quantity}-{x_title}-{line_title}",
        height=height,
        width=NAME_PIXELS * (len(names) + 1),
    )
    return with_strip(chart, marks)


def places(amounts: Sequence[float]) -> list[float]:
    """Where amounts stand: at their logarithm to base 2, and none at all a step to the left; without amounts one by one.

    Args:
        amounts: each at least 0, in any order; NaN for one that is not known.
    """
    if any(finite(amount) is None for amount in amounts):
        return [float(place) for place in range(len(amounts))]
    logs = sorted({math.log2(amount) for amount in amounts if amount > 0})
    if not logs:
        return [0.0] * len(amounts)
    step = max(1.0, (logs[-1] - logs[0]) / max(len(logs) - 1, 1))
    return [logs[0] - step if amount == 0 else math.log2(amount) for amount in amounts]


def connected_from(amounts: Sequence[str], outcomes: Sequence[str]) -> str | None:
    """The first amount from which on all twins are connected; None where those of the last one are not.

    Args:
        amounts: in words, in their order.
        outcomes: the verdict at each of them.
    """
    found = None
    for amount, outcome in zip(reversed(amounts), reversed(outcomes), strict=True):
        if outcome != "connected":
            break
        found = amount
    return found


def _emerges(label: str, cells: "pd.DataFrame", quantity: Quantity) -> str:
    """From where on one line's twins are connected, once all of its cells are done; nothing where that is not to be said."""
    if quantity != "error" or (cells["state"] != "done").any():
        return ""
    outcomes = cells["outcome"].tolist()
    first = connected_from(cells["x"].tolist(), outcomes)
    if first is None:
        words = _in_words(outcomes)
    else:
        words = "connected everywhere" if first == cells["x"].iloc[0] else f"connected from {first} on"
    return f"{label + ': ' if label else ''}{words}."


def _in_words(outcomes: Sequence[str]) -> str:
    """Where twins are connected, if not from somewhere on."""
    kinds = set(outcomes)
    if "connected" in kinds:
        return f"connected at {outcomes.count('connected')} of {len(outcomes)}"
    if kinds == {"not connected"}:
        return "not connected anywhere"
    if "not connected" in kinds:
        return f"not connected at {outcomes.count('not connected')} of {len(outcomes)}"
    return f"{kinds.pop()} everywhere" if len(kinds) == 1 else "learnt nothing or unstable everywhere"


def _gap(amounts: Sequence[float], at: Sequence[float]) -> float | None:
    """Where the line stands that sets apart what shares nothing; None where all or none do."""
    nothing = [place for amount, place in zip(amounts, at, strict=True) if amount == 0]
    rest = [place for amount, place in zip(amounts, at, strict=True) if amount != 0]
    known = all(finite(amount) is not None for amount in amounts)
    return (nothing[0] + min(rest)) / 2 if known and nothing and rest else None


def _axis(title: str, at: dict[str, float]) -> dict[str, Any]:
    """The axis with a name below each place that has room for one."""
    ordered = sorted(at.items(), key=lambda item: item[1])
    left, right = ordered[0][1], ordered[-1][1]
    room = 0.05 * (right - left) or 0.5
    named = ordered[:1]
    for (_, _), (name, place) in pairwise(ordered):
        if place - named[-1][1] >= NARROWEST * (right - left):
            named.append((name, place))
    ticks = {"tickangle": 0, "tickvals": [place for _, place in named], "ticktext": [name.replace(" ", "<br>") for name, _ in named]}
    return axis(title, range=[left - room, right + room], **ticks)
