"""A place of their own for what has no barrier to draw: networks that learnt nothing, and training that was unstable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lmc_core.figures.chart import Chart, Trace
from lmc_core.runs.outcome import Word

MARKS: Final[dict[Word, str]] = {"learnt nothing": "circle-x-open", "unstable": "asterisk-open"}
"""From the bottom of the strip to its top; no line of a chart has one of these marks."""
GLYPHS: Final[dict[Word, str]] = {"learnt nothing": "⊗", "unstable": "∗"}
"""The same marks as letters."""
ROW_PIXELS = 18
LEAST_PIXELS = 34
"""A word has two lines."""
GAP_PIXELS = 12
"""Between the strip and the axis below it."""


@dataclass(frozen=True)
class Mark:
    """What stands in the strip: where on the horizontal axis, whose line it belongs to, and what it says when pointed at."""

    outcome: Word
    x: float
    group: str
    name: str
    colour: str
    text: str
    run_id: str = ""


def apart_words(outcomes: Sequence[str]) -> list[Word | None]:
    """Of each verdict the word of the strip's row in which it stands; None for those that do not."""
    return [next((word for word in MARKS if word == outcome), None) for outcome in outcomes]


def is_apart(outcome: str, *, barrier: bool = True) -> bool:
    """Whether what has this outcome stands in the strip: what is unstable always does, what learnt nothing has an accuracy yet."""
    return outcome == "unstable" or (barrier and outcome == "learnt nothing")


def with_strip(chart: Chart, marks: Sequence[Mark], over: str = "yaxis") -> Chart:
    """The chart with a strip of marks above one of its vertical axes, a row for each outcome; as it was where there are none.

    Args:
        chart: drawn without them.
        marks: each line's in a row of its own, so that none hides another.
        over: the axis in the layout above which the strip stands; the chart grows by the strip's height.
    """
    words = [word for word in MARKS if any(mark.outcome == word for mark in marks)]
    if not words:
        return chart
    rows = {word: list(dict.fromkeys(mark.group for mark in marks if mark.outcome == word)) for word in words}
    pixels = {word: max(LEAST_PIXELS, ROW_PIXELS * len(groups)) for word, groups in rows.items()}
    margin = chart.layout["margin"]
    own = sum(pixels.values())
    drawn = chart.height - margin["t"] - margin["b"]
    whole = drawn + own + GAP_PIXELS
    axes = {name: part for name, part in chart.layout.items() if name.startswith("yaxis")}
    high: float = axes[over].get("domain", [0.0, 1.0])[1]
    lifted = (own + GAP_PIXELS) / whole

    def up(height: float) -> float:
        """Where a height of the chart as it was lies in the one that has grown."""
        return float(height * drawn / whole + (lifted if height > high else 0.0))

    moved = {name: part | {"domain": [up(end) for end in part.get("domain", [0.0, 1.0])]} for name, part in axes.items()}
    bottom = up(high) + GAP_PIXELS / whole
    number = 1 + max(int(name.removeprefix("yaxis") or 1) for name in axes)
    place = f"y{number}"
    starts = {word: sum(pixels[earlier] for earlier in words[: words.index(word)]) for word in words}
    strip = {
        "domain": [round(bottom, 5), round(bottom + own / whole, 5)],
        "range": [0, own],
        "tickvals": [starts[word] + pixels[word] / 2 for word in words],
        "ticktext": [f"{word.replace(' ', '<br>')} {GLYPHS[word]}" for word in words],
        "tickfont": {"color": "$ink", "size": 11},
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }
    ground = {"type": "rect", "xref": "paper", "yref": place, "x0": 0, "x1": 1, "layer": "below", "line": {"width": 0}}
    grounds = [ground | {"y0": starts[word] + 1, "y1": starts[word] + pixels[word] - 1, "fillcolor": "$muted/0.12"} for word in words]
    heights = {
        (word, group): starts[word] + pixels[word] * (1 - (row + 0.5) / len(groups))
        for word, groups in rows.items()
        for row, group in enumerate(groups)
    }
    layout = chart.layout | moved
    layout |= {f"yaxis{number}": strip, "shapes": [*layout.get("shapes", []), *grounds]}
    return replace(
        chart,
        traces=[*chart.traces, *_traces(marks, heights, place)],
        layout=layout,
        height=chart.height + own + GAP_PIXELS,
    )


def _traces(marks: Sequence[Mark], heights: dict[tuple[Word, str], float], place: str) -> list[Trace]:
    """A trace for each line and outcome."""
    found: list[Trace] = []
    for (word, group), height in heights.items():
        own = [mark for mark in marks if (mark.outcome, mark.group) == (word, group)]
        found.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [mark.x for mark in own],
                "y": [height] * len(own),
                "yaxis": place,
                "legendgroup": group,
                "name": f"{own[0].name}: {word}",
                "marker": {"symbol": MARKS[word], "size": 11, "color": own[0].colour, "line": {"color": own[0].colour, "width": 2}},
                "text": [mark.text for mark in own],
                "hovertemplate": "%{text}<extra></extra>",
                "cliponaxis": False,
            }
            | ({"customdata": [mark.run_id for mark in own]} if all(mark.run_id for mark in own) else {})
        )
    return found
