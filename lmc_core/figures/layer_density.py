"""Where the weights went: the density of each tensor that may be pruned."""

import math
from typing import TYPE_CHECKING

from lmc_core.figures.chart import Chart, axis, empty, layout
from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import count

if TYPE_CHECKING:
    import pandas as pd

NAME, TITLE = "layer-density", "Density of each layer"
ROW_PIXELS = 30
"""Height of a tensor's row; the chart grows with their number."""
INSIDE = 0.5
"""A bar longer than this share of the axis has its numbers inside."""
THICKEST = 0.14
"""Height of the bar of a single tensor as a share of the chart's."""


def layer_density(layers: "pd.DataFrame", words: str = "", height: int = 360) -> Chart:
    """A bar for each tensor, the first on top, with its weights in numbers; a tensor that has none left is called cut off.

    Args:
        layers: name, nonzero, weights; a row for each tensor in the network's order.
        words: which network it is.
        height: pixels at least.
    """
    if layers.empty:
        return empty(NAME, TITLE, "not measured yet", height)
    names = [name.removesuffix(".weight") for name in layers["name"]]
    nonzero, weights = [int(number) for number in layers["nonzero"]], [int(number) for number in layers["weights"]]
    shares = [part / whole for part, whole in zip(nonzero, weights, strict=True)]
    whole = sum(nonzero) / sum(weights)
    top = max(*shares, whole)
    texts = [
        f"<b>{density_words(share)}</b> {count(part)} of {count(all_of)}" if part else f"<b>cut off</b> 0 of {count(all_of)}"
        for share, part, all_of in zip(shares, nonzero, weights, strict=True)
    ]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [round(share, 7) for share in shares],
        "y": names,
        "text": texts,
        "textposition": ["inside" if share > INSIDE * top else "outside" for share in shares],
        "insidetextanchor": "start",
        "insidetextfont": {"color": "$surface", "size": 12},
        "outsidetextfont": {"color": ["$ink" if part else "$b" for part in nonzero], "size": 12},
        "cliponaxis": False,
        "width": min(THICKEST * len(names), 0.65),
        "marker": {"color": "$a"},
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }
    together = {"type": "line", "x0": whole, "x1": whole, "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    label = {"text": f"all together {density_words(whole)}", "x": whole, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
    return Chart(
        NAME,
        TITLE,
        f"{TITLE}{f', {words}' if words else ''}: "
        + "; ".join(f"{name} {density_words(s)}" for name, s in zip(names, shares, strict=True))
        + ".",
        [trace],
        layout(
            axis("Weights that are not 0", range=[0, 1.04 * top], tickformat=f".{_digits(top)}%", nticks=6),
            axis("", autorange="reversed", showgrid=False, ticks=""),
            hovermode="closest",
            shapes=[together | {"line": {"color": "$muted", "width": 1.2, "dash": "dash"}}],
            annotations=[label | {"font": {"color": "$muted", "size": 12}, "xanchor": "left" if whole < 0.5 * top else "right"}],
            margin={"l": 56, "r": 16, "t": 26, "b": 44},
        ),
        note=words,
        revision=NAME,
        height=max(height, 130 + ROW_PIXELS * len(names)),
    )


def _digits(top: float) -> int:
    """Decimals of a percentage on an axis that reaches so far, so that no two of its numbers read the same."""
    return max(0, -math.floor(math.log10(top)) - 1) if top > 0 else 0
