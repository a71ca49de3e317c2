"""The curves between the twins of one kind of networks: one density in front, the others behind."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lmc_core.figures.chart import Chart, Key, Trace, empty
from lmc_core.figures.density import density_words
from lmc_core.figures.interpolation import TITLES, interpolation
from lmc_core.figures.spread import over_pairs

if TYPE_CHECKING:
    import pandas as pd

NAME = "level-curves"


def level_curves(curves: "pd.DataFrame", density: float, words: str = "", height: int = 360, judged: bool = True) -> Chart:
    """The error on the line between the twins of a density, as means over pairs, with the test curves of other densities behind.

    Args:
        curves: of one kind and rewinding point: density, pair, split, alpha, error, loss.
        density: whose curve stands in front.
        words: which networks they are.
        height: pixels.
        judged: whether the line in front says if the twins are connected; without it there is no zone of connected twins.
    """
    title = TITLES["error"]
    front = curves[curves["density"] == density].assign(epoch=0)
    if front.empty:
        return empty(NAME, title, "no twins of this network were measured", height)
    chart = interpolation(front, height=height, judged=judged)
    others = curves[(curves["density"] != density) & (curves["split"] == "test")]
    behind = [_faint(rows, float(str(kept))) for kept, rows in others.groupby("density", sort=True)]
    traces: list[Trace] = [*behind, *chart.traces]
    keys = [*chart.keys, *([Key("others", "Other densities", "$a/0.5", "solid", "none")] if behind else [])]
    highest = max((value for trace in behind for value in trace["y"] if value is not None), default=0.0)
    drawn = chart.layout
    if "range" in drawn["yaxis"] and highest > drawn["yaxis"]["range"][1]:
        drawn = drawn | {"yaxis": drawn["yaxis"] | {"range": [0, 1.05 * highest]}}
    return replace(
        chart,
        name=NAME,
        traces=traces,
        keys=keys,
        layout=drawn,
        alt=chart.alt.replace("after epoch 0, ", f"{words}, ".lstrip(", ")),
        note=words,
        revision=f"{NAME}-{words}",
    )


def _faint(rows: "pd.DataFrame", density: float) -> Trace:
    line = over_pairs(rows, "alpha", "error")
    return {
        "type": "scatter",
        "mode": "lines",
        "x": line.x,
        "y": line.mean,
        "legendgroup": "others",
        "name": f"Test, {density_words(density)}",
        "line": {"color": "$a/0.4", "width": 1.3},
        "hoverinfo": "skip",
    }
