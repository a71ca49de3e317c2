"""One HTML file with charts that can be zoomed; it opens without a network."""

import functools
import json
from collections.abc import Mapping, Sequence
from html import escape

from lmc_core.figures import chart_library
from lmc_core.figures.chart import Chart

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""What the file may load: nothing that is not in it."""

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #17202b; background: #fff; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { line-height: 1.2 } figure { margin: 2rem 0 } figcaption { color: #5b6b7c }
.table { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #e3e8ee; text-align: right } th { text-align: left; color: #5b6b7c }
td:first-child, td.text { text-align: left } code { font-size: .85rem; overflow-wrap: anywhere } .command { white-space: normal }
@media print { @page { size: landscape; margin: 1cm } body { font-size: 11px; margin: 0 } .table { overflow: visible }
  table { white-space: normal; font-size: 9px } th, td { padding: .1rem .3rem } }
"""


def offline_page(title: str, parts: Sequence[str], with_charts: bool) -> str:
    """The whole file as text; plotly's own script is in it once.

    Args:
        title: of the window.
        parts: of the body as HTML, in order; empty ones are left out.
        with_charts: whether some of them are charts.
    """
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            *([f"<script>{_plotly()}</script>"] if with_charts else []),
            "</head><body>",
            *filter(None, parts),
            "</body></html>",
        ]
    )


@functools.cache
def _plotly() -> str:
    """The script; nothing in it may end the element that holds it."""
    return chart_library.script().replace("</script", "<\\/script")


def figure(place: int, chart: Chart) -> str:
    """A chart of an offline page in the colours of a light page; its place tells it from the page's other charts."""
    drawn = chart.figure("light")
    names = {key.group: key.label for key in chart.keys}
    legends = _legends(drawn["data"])
    traces = []
    for place_in_chart, trace in enumerate(drawn["data"]):
        group = str(trace.get("legendgroup", ""))
        legend = group in names and legends[group] == place_in_chart
        traces.append(trace | {"showlegend": legend} | ({"name": names[group]} if legend else {}))
    layout = drawn["layout"] | {
        "height": chart.height,
        "showlegend": bool(chart.keys),
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    }
    note = f" {escape(chart.note)}" if chart.note else ""
    script = f'Plotly.newPlot("chart{place}", {_json(traces)}, {_json(layout)}, {{responsive: true, displaylogo: false}})'
    return (
        f'<figure><h2>{escape(chart.title)}</h2><div id="chart{place}" role="img" aria-label="{escape(chart.alt)}"></div>'
        f"<figcaption>{escape(chart.alt)}{note}</figcaption><script>{script}</script></figure>"
    )


def _legends(traces: Sequence[Mapping[str, object]]) -> dict[str, int]:
    """For each group the trace that stands for it in the legend: the first that one can point at, so no band's edge."""
    found: dict[str, int] = {}
    for wanted in (True, False):
        for place, trace in enumerate(traces):
            if (trace.get("hoverinfo") != "skip") == wanted:
                found.setdefault(str(trace.get("legendgroup", "")), place)
    return found


def _json(value: object) -> str:
    """JSON that may stand inside a script element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
