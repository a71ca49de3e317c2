"""Levels of a pruning run as lines over density or over the rewinding point, with their spread and whether twins are connected."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lmc_core.figures.chart import Trace
from lmc_core.figures.density import density_words
from lmc_core.figures.level_kinds import LOOKS, Look
from lmc_core.figures.numbers import percent
from lmc_core.figures.outcome_strip import MARKS, Mark, apart_words, is_apart
from lmc_core.figures.spread import Line, band, finite
from lmc_core.plan import LevelKind
from lmc_core.runs.outcome import Word

if TYPE_CHECKING:
    import pandas as pd

Height = Literal["accuracy", "barrier"]
"""What stands on the vertical axis; both on the test set."""

CONNECTED, APART, BOTH = "$valley", "$b", "filled: connected (below 2%), hollow: not"
"""The colours of points whose twins are connected or not, and the words that explain them."""
FAILED = "$muted"
"""The colour of points whose networks learnt nothing or were unstable."""


@dataclass(frozen=True)
class LevelLine:
    """Levels of one kind in the order of x: x, mean and standard deviation of a quantity, and the verdict that colours the points.

    A level that learnt nothing or was unstable has no barrier here.
    """

    kind: LevelKind
    x: list[float]
    mean: list[float | None]
    std: list[float | None]
    outcomes: list[str]
    """The verdicts in words, empty where there is none to give."""
    words: list[str]

    @property
    def look(self) -> Look:
        """How its kind is drawn."""
        return LOOKS[self.kind]

    def told(self, word: Word) -> int:
        """How many of the levels have this verdict."""
        return self.outcomes.count(word)

    def marks(self, group: str = "", name: str = "", colour: str = "") -> list[Mark]:
        """The levels that learnt nothing or were unstable, for the strip above the barriers."""
        look = self.look
        return [
            Mark(word, x, group or self.kind, name or look.label, colour.partition("/")[0] or look.colour, text)
            for x, word, text in zip(self.x, apart_words(self.outcomes), self.words, strict=True)
            if word
        ]


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
    shown = [not (height == "barrier" and is_apart(row["outcome"])) for row in records]
    return LevelLine(
        kind,
        [float(row[x]) / scale for row in records],
        [finite(row[mean]) if is_shown else None for row, is_shown in zip(records, shown, strict=True)],
        [finite(row[std]) if is_shown else None for row, is_shown in zip(records, shown, strict=True)],
        [row["outcome"] for row in records],
        [_words(row, kind, height, x) for row in records],
    )


def _words(row: dict[str, Any], kind: LevelKind, height: Height, x: str) -> str:
    """A point in words; what the axis tells anyway is left out."""
    spread, outcome = finite(row[f"test_{height}_std"]), str(row["outcome"])
    name = LOOKS[kind].label + ("" if x == "density" or kind == "dense" else f" {density_words(row['density'])}")
    if height == "barrier" and is_apart(outcome):
        return f"{name}: {outcome}"
    text = f"{name}: {height} {percent(row[f'test_{height}'])}" + (f" ± {percent(spread)}" if spread else "")
    return text + (f", {outcome}" if outcome and (height == "barrier" or is_apart(outcome)) else "")


def traces_of(line: LevelLine, yaxis: str = "y", colour: str = "", group: str = "", symbol: str = "") -> list[Trace]:
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
        "marker": _marker(line, colour, symbol or look.symbol),
        "text": line.words,
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }
    return [*(part | {"yaxis": yaxis} for part in _band(line, colour, group)), trace]


def _marker(line: LevelLine, colour: str, symbol: str) -> dict[str, object]:
    """Filled green, hollow orange, or the grey mark of what has no verdict on its line."""
    fills, edges = [], []
    for outcome in line.outcomes:
        hollow, failed = outcome == "not connected", outcome in MARKS
        fill = "$surface" if hollow else CONNECTED if outcome == "connected" else FAILED if failed else colour
        fills.append(fill)
        edges.append(APART if hollow else fill if failed or symbol == "x" else "$surface")
    symbols = [MARKS[word] if word else symbol for word in apart_words(line.outcomes)]
    plain = len(set(symbols)) <= 1
    wide = any(outcome == "not connected" or outcome in MARKS for outcome in line.outcomes)
    size = 11 if any(line.outcomes) else 9
    mark = (symbols[0] if symbols else symbol) if plain else symbols
    return {"color": fills, "symbol": mark, "size": size, "line": {"color": edges, "width": 2.2 if wide else 1.2}}


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
    point = {
        "mode": "markers",
        "marker": _marker(line, look.colour, look.symbol),
        "text": line.words,
        "hovertemplate": "%{text}<extra></extra>",
    }
    return [*traces, base | {"x": line.x, "y": line.mean, "cliponaxis": False} | point]
