"""The one way in which a page shows charts: a component that redraws in place and keeps zoom and hidden traces."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from lmc_core.figures.chart import Chart
from lmc_core.ui.assets import address, root

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

GAP = 16
"""Pixels between charts."""


@dataclass(frozen=True)
class Row:
    """Charts side by side, each with its share of the width; on a narrow screen they stand below each other."""

    charts: tuple[Chart, ...]
    shares: tuple[int, ...]


@dataclass(frozen=True)
class Board:
    """Rows of charts as the browser gets them; made once, it serves every visitor who looks at the same."""

    charts: dict[str, Chart]
    payload: bytes
    height: int
    """Pixels of all rows on a wide screen."""


def board(*rows: Row, opens: Mapping[str, Mapping[str, str]] | None = None) -> Board:
    """The rows as one board.

    Args:
        rows: of charts.
        opens: the settings of runs as query parameters, by run id; a click on a point that stands for one of them opens its page.
    """
    shares = ",".join(f"[{','.join(map(str, row.shares))}]" for row in rows)
    charts = [chart for row in rows for chart in row.charts]
    drawn = b",".join(chart.payload() for chart in charts)
    height = sum(max(chart.height for chart in row.charts) + GAP for row in rows) - GAP
    ways = json.dumps(_ways(opens) if opens else None).encode()
    payload = b'{"rows":[%b],"charts":[%b],"opens":%b}' % (shares.encode(), drawn, ways)
    return Board({chart.name: chart for chart in charts}, payload, height)


def _ways(opens: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    """The links of runs in parts, since what all of them share would make every update longer."""
    first, *others = opens.values()
    shared = {path: text for path, text in first.items() if all(other.get(path) == text for other in others)}
    own = {run_id: {path: text for path, text in texts.items() if path not in shared} for run_id, texts in opens.items()}
    return {"home": root(), "shared": urlencode(shared), "own": {run_id: urlencode(texts) for run_id, texts in own.items()}}


@functools.cache
def _component(height: int) -> "ComponentRenderer":
    """The component, with room for its charts before they are drawn.

    Its script is a line that fetches the real one: whatever stands here travels with every update.
    """
    script = f"""
    const source = new URL("{address("live_chart.js")}", window.location.origin).href;
    const plotly = new URL("{address("plotly.min.js")}", window.location.origin).href;
    const saver = new URL("{address("chart_file.js")}", window.location.origin).href;
    export default async (component) => (await import(source)).show(component, plotly, saver);
    """
    room = f'<div class="lmc-room" style="height: {height}px"></div>'
    return st.components.v2.component(f"lmc_charts_{height}", html=room, js=script, isolate_styles=False)


def live_charts(shown: Board, key: str, opened: str | None = None) -> None:
    """Show a board of charts; the same key on the next run updates it in place.

    Args:
        shown: the board.
        key: the same as long as the charts are.
        opened: a run to whose page the browser goes at once, as if one of its points had been clicked; for a board that opens runs.
    """
    payload = shown.payload if opened is None else b'%b,"opened":"%b"}' % (shown.payload[:-1], opened.encode())
    _component(shown.height)(key=key, data=payload)
