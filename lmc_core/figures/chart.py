"""A chart: plotly traces and layout with colours by role, the words that describe it, and its shared look."""

import json
from dataclasses import dataclass, field
from typing import Any

from lmc_core.figures.palette import PALETTE, Theme, resolve

Trace = dict[str, Any]
"""One plotly trace, as plotly's own JSON."""

MARKED_EPOCHS = 60
"""A line over more epochs than this has no marks, which would run into each other."""

AXIS: dict[str, Any] = {
    "gridcolor": "$grid",
    "linecolor": "$grid",
    "zeroline": False,
    "ticks": "outside",
    "tickcolor": "$grid",
    "ticklen": 4,
    "tickfont": {"color": "$muted", "size": 12},
    "title": {"font": {"color": "$muted", "size": 13}, "standoff": 8},
    "automargin": True,
}

LAYOUT: dict[str, Any] = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"l": 56, "r": 16, "t": 10, "b": 44},
    "font": {"color": "$ink", "size": 13},
    "hovermode": "x unified",
    "hoverlabel": {"bgcolor": "$surface", "bordercolor": "$grid", "font": {"color": "$ink", "size": 12}},
    "showlegend": False,
    "dragmode": "zoom",
}


@dataclass(frozen=True)
class Key:
    """An entry of the legend, which shows and hides the traces of its group."""

    group: str
    label: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"
    hidden: bool = False


@dataclass(frozen=True)
class Chart:
    """What the live chart component draws.

    `alt` describes the chart in words for those who cannot see it. Zoom and hidden traces last while `revision` stays the same.
    """

    name: str
    title: str
    alt: str
    traces: list[Trace]
    layout: dict[str, Any]
    keys: list[Key] = field(default_factory=list)
    note: str = ""
    revision: str = ""
    height: int = 320
    width: int = 0
    """Pixels below which the chart is scrolled from side to side and not made narrower."""
    made: tuple[str, ...] = ()
    """Lines below the chart in a file of its own: which runs it shows, their settings, the command that makes them again."""
    runs: tuple[str, ...] = ()
    """The ids of all runs that it shows."""

    def figure(self, theme: Theme) -> dict[str, Any]:
        """Plotly's figure as JSON, with the colours of a light or a dark page."""
        return {"data": _coloured(self.traces, theme), "layout": _coloured(self.layout, theme)}

    def payload(self) -> bytes:
        """All that the browser needs to draw the chart, as JSON; the browser puts in the colours of its own page."""
        content = {
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "alt": self.alt,
            "traces": self.traces,
            "layout": self.layout | {"uirevision": self.revision or self.name},
            "keys": [vars(key) for key in self.keys],
            "height": self.height,
            "width": self.width,
            "made": self.made,
            "runs": self.runs,
            "palette": PALETTE,
        }
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with the shared look."""
    return AXIS | {"title": AXIS["title"] | {"text": title}} | more


def layout(xaxis: dict[str, Any], yaxis: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A layout with the shared look."""
    return LAYOUT | {"xaxis": xaxis, "yaxis": yaxis} | more


def empty(name: str, title: str, reason: str, height: int = 320) -> Chart:
    """A chart without data that says why, with the size of the chart that will stand there."""
    words: dict[str, Any] = {"text": reason, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    words["font"] = {"color": "$muted", "size": 14}
    blank = {"visible": False}
    return Chart(name, title, f"{title}: {reason}", [], layout(blank, blank, annotations=[words]), height=height)


def _coloured(part: Any, theme: Theme) -> Any:
    if isinstance(part, str) and part.startswith("$"):
        return resolve(part, theme)
    if isinstance(part, list):
        return [_coloured(item, theme) for item in part]
    if isinstance(part, dict):
        return {key: _coloured(value, theme) for key, value in part.items()}
    return part
