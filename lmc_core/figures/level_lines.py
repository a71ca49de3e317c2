"""Levels of a pruning run as lines over density or over the rewinding point, with their spread and whether twins are connected."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lmc_core.figures.chart import Trace
from lmc_core.figures.density import density_words
from lmc_core.figures.level_kinds import LOOKS, Look
from lmc_core.figures.numbers import DIVERGED, percent
from lmc_core.figures.spread import Line, band, finite
from lmc_core.pruning_results import LevelKind
from lmc_core.results import CONNECTED_BELOW

if TYPE_CHECKING:
    import pandas as pd

Height = Literal["accuracy", "barrier"]
"""What stands on the vertical axis; both on the test set."""

CONNECTED, APART, BOTH = "$valley", "$b", "filled: connected (below 2%), hollow: not"
"""The colours of points whose twins are connected or not, and the words that explain them."""


@dataclass(frozen=True)
class LevelLine:
    """Levels of one kind in the order of x: x, mean and standard deviation of a quantity, and the barrier that colours the points."""

    kind: LevelKind
    x: list[float]
    mean: list[float | None]
    std: list[float | None]
    barrier: list[float | None]
    words: list[str]

    @property
    def look(self) -> Look:
        """How its kind is drawn."""
        return LOOKS[self.kind]


def at_rewind(levels: "pd.DataFrame", kind: LevelKind, rewind: int | None) -> "pd.DataFrame":
    """The levels of a kind that started from a rewinding point, densest first; networks as pruned were rewound nowhere."""
    of_kind = levels[levels["kind"] == kind]
    rows = of_kind[of_kind["rewind"].isna()] if rewind is None else of_kind[of_kind["rewind"] == rewind]
    return rows.sort_values("density", ascending=False, kind="stable")


def dense_at(levels: "pd.DataFrame", rewind: int) -> "pd.DataFrame":
    """The dense networks that parted at a rewinding point; where none did, those from the initialisation."""
    rows = at_rewind(levels, "dense", rewind)
    return rows if len(rows) else levels[levels["kind"] == "dense"].sort_values("rewind", kind="stable").head(1)


def level_line(rows: "pd.DataFrame", kind: LevelKind, height: Height, x: str = "density", scale: float = 1.0) -> LevelLine:
    """Levels as a line.

    Args:
        rows: of the levels' table, in the order of the line.
        kind: of all of them.
        height: what is drawn.
        x: the column on the horizontal axis.
        scale: what the column is divided by.
    """
    mean, std = (f"test_{height}", f"test_{height}_std")
    records = rows.to_dict("records")
    return LevelLine(
        kind,
        [float(row[x]) / scale for row in records],
        [finite(row[mean]) for row in records],
        [finite(row[std]) for row in records],
        [finite(row["test_barrier"]) for row in records],
        [_words(row, kind, height, x) for row in records],
    )


def _words(row: dict[str, float], kind: LevelKind, height: Height, x: str) -> str:
    """A point in words; what the axis tells anyway is left out."""
    spread, diverged = finite(row[f"test_{height}_std"]), int(row["diverged_pairs"])
    name = LOOKS[kind].label + ("" if x == "density" or kind == "dense" else f" {density_words(row['density'])}")
    text = f"{name}: {height} {percent(row[f'test_{height}'])}" + (f" ± {percent(spread)}" if spread else "")
    if height == "barrier" and (barrier := finite(row["test_barrier"])) is not None:
        text += ", connected" if barrier < CONNECTED_BELOW else ", not connected"
    return text + (f" ({DIVERGED} {diverged} diverged)" if diverged else "")


def traces_of(line: LevelLine, yaxis: str = "y", colour: str = "", group: str = "") -> list[Trace]:
    """The line with its band and its points; the points are filled green where the twins are connected and hollow orange where not."""
    look = line.look
    colour, group = colour or look.colour, group or line.kind
    trace: Trace = {
        "type": "scatter",
        "x": line.x,
        "y": line.mean,
        "yaxis": yaxis,
        "mode": "lines+markers",
        "name": look.label,
        "legendgroup": group,
        "line": {"color": colour, "width": 2.4, "dash": look.dash},
        "marker": _marker(line, colour),
        "text": line.words,
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }
    return [*(part | {"yaxis": yaxis} for part in _band(line, colour, group)), trace]


def _marker(line: LevelLine, colour: str) -> dict[str, object]:
    known = [barrier is not None for barrier in line.barrier]
    colours = [colour if barrier is None else CONNECTED if barrier < CONNECTED_BELOW else APART for barrier in line.barrier]
    hollow = [barrier is not None and barrier >= CONNECTED_BELOW for barrier in line.barrier]
    symbol = line.look.symbol
    edges = [APART if empty else "$surface" for empty in hollow]
    fills = ["$surface" if empty else fill for empty, fill in zip(hollow, colours, strict=True)]
    size = 11 if any(known) else 9
    if symbol == "x":
        edges = fills
    return {"color": fills, "symbol": symbol, "size": size, "line": {"color": edges, "width": 2.2 if any(hollow) else 1.2}}


def _band(line: LevelLine, colour: str, group: str) -> list[Trace]:
    known = [
        (x, mean, std) for x, mean, std in zip(line.x, line.mean, line.std, strict=True) if mean is not None and std is not None and std > 0
    ]
    if len(known) < 2:
        return []
    x, mean = [x for x, _, _ in known], [mean for _, mean, _ in known]
    low, high = ([middle + sign * std for _, middle, std in known] for sign in (-1, 1))
    return band(Line(x, list(mean), list(low), list(high), n=2), colour.partition("/")[0], group)


def across(rows: "pd.DataFrame", height: Height, ends: tuple[float, float], yaxis: str = "y") -> list[Trace]:
    """The dense network as a line across the chart, with its spread as a band; nothing before it was measured."""
    line = level_line(rows.head(1), "dense", height)
    if not line.mean or line.mean[0] is None:
        return []
    mean, std, look = line.mean[0], line.std[0], line.look
    traces: list[Trace] = []
    if std:
        whole = Line(list(ends), [mean, mean], [mean - std] * 2, [mean + std] * 2, n=2)
        traces += [part | {"yaxis": yaxis} for part in band(whole, look.colour, "dense")]
    base: Trace = {"type": "scatter", "yaxis": yaxis, "legendgroup": "dense", "name": look.label}
    traces.append(
        base
        | {
            "x": list(ends),
            "y": [mean, mean],
            "mode": "lines",
            "line": {"color": look.colour, "width": 1.6, "dash": look.dash},
            "hoverinfo": "skip",
        }
    )
    point = {"mode": "markers", "marker": _marker(line, look.colour), "text": line.words, "hovertemplate": "%{text}<extra></extra>"}
    return [*traces, base | {"x": line.x, "y": line.mean, "cliponaxis": False} | point]
