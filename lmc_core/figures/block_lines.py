"""Where in the network the barrier lies: how high the line rises when only some blocks move from twin A to twin B."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, Literal

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.barrier import threshold
from lmc_core.figures.cell_lines import share_ticks
from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import counted, percent, plain
from lmc_core.figures.spread import Line, band, over_pairs

if TYPE_CHECKING:
    import pandas as pd

Which = Literal["alone", "from_bottom", "from_top"]

LABELS: Final[dict[Which, str]] = {
    "alone": "This block alone",
    "from_bottom": "All from the bottom up to it",
    "from_top": "All from the top down to it",
}
LOOKS: Final[dict[Which, tuple[str, str, str]]] = {
    "alone": ("$ink", "dot", "diamond"),
    "from_bottom": ("$run0", "solid", "circle"),
    "from_top": ("$run1", "dash", "square"),
}
"""Colour, dash and symbol of each kind of line."""
TICK_WIDTH = 10
"""Letters in a line of a block's name below the axis."""
NAME_PIXELS = 44
"""Room for the name of a block; on a narrower page the chart is scrolled."""
MOST_NAMED = 16
"""With more blocks only every second or third has its name below."""


def block_lines(lines: "pd.DataFrame", measure: Measure = "error", title: str = "", name: str = "blocks", height: int = 400) -> Chart:
    """The mean height with its spread over pairs, block by block from the bottom (the input) to the top (the classifier).

    Args:
        lines: a row for each pair and line, with the columns
            pair; which: alone, from_bottom or from_top;
            place: of the block, from 0 at the bottom: the one that moves alone, or the last that joined;
            block: its name;
            error, loss: how high the line rises above the mean of the twins, NaN where that is not finite.
        measure: error as a share, or cross-entropy in nats.
        title: whose blocks these are; empty for the network of a page.
        name: the chart's name, which is also that of its file.
        height: pixels.
    """
    heading = f"{measure.capitalize()} above the twins, block by block" + (f": {title}" if title else "")
    if lines.empty:
        return empty(name, heading, "no line of blocks yet", height)
    blocks = lines.sort_values("place").drop_duplicates("place")["block"].tolist()
    found = {which: over_pairs(lines[lines["which"] == which], "place", measure) for which in LABELS}
    traces = [
        trace for which, line in found.items() for trace in (*band(line, LOOKS[which][0], which), _trace(which, line, blocks, measure))
    ]
    values = [value for line in found.values() for value in (*line.high, *line.low) if value is not None]
    top = max(max(values, default=0.0) * 1.12, CONNECTED_BELOW * 1.7 if measure == "error" else 1e-6)
    low = min(0.0, *values, 0.0) - 0.03 * top
    every = -(-len(blocks) // MOST_NAMED)
    ticks = {
        "tickvals": list(range(0, len(blocks), every)),
        "ticktext": ["<br>".join(wrap(block, TICK_WIDTH)) for block in blocks[::every]],
    }
    extras: dict[str, Any] = dict(threshold()) if measure == "error" else {}
    pairs = lines["pair"].nunique()
    return Chart(
        name,
        heading,
        _words(found, blocks, measure),
        traces,
        layout(
            axis("Block, from the input to the classifier", range=[-0.4, len(blocks) - 0.6], **ticks),
            axis(
                "Error above the twins" if measure == "error" else "Loss above the twins (nats)",
                range=[low, top],
                tickformat=share_ticks(top - low) if measure == "error" else "",
            ),
            **extras,
        ),
        [Key(which, LABELS[which], *LOOKS[which]) for which in LABELS],
        note=f"mean ± standard deviation of {counted(pairs, 'pair')}" if pairs > 1 else "",
        revision=f"{name}-{measure}-{len(blocks)}",
        height=height,
        width=NAME_PIXELS * min(len(blocks), MOST_NAMED),
    )


def _trace(which: Which, line: Line, blocks: list[str], measure: Measure) -> Trace:
    colour, dash, symbol = LOOKS[which]
    numbers = "%{y:.2%}" if measure == "error" else "%{y:.4f}"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": line.x,
        "y": line.mean,
        "text": [blocks[round(place)] for place in line.x],
        "name": LABELS[which],
        "legendgroup": which,
        "line": {"color": colour, "width": 2.2, "dash": dash},
        "marker": {"color": colour, "symbol": symbol, "size": 8},
        "hovertemplate": f"%{{text}}: {numbers}<extra>{LABELS[which]}</extra>",
    }


def _words(found: dict[Which, Line], blocks: list[str], measure: Measure) -> str:
    show = percent if measure == "error" else plain
    sentence = f"How high the {measure} rises above the twins when only some of {counted(len(blocks), 'block')} move. "
    alone = [(value, blocks[round(place)]) for value, place in zip(found["alone"].mean, found["alone"].x, strict=True) if value is not None]
    if alone:
        highest, block = max(alone)
        sentence += f"Alone, {block} rises highest, by {show(highest)}. "
    whole = found["from_bottom"].last
    return (sentence + (f"All together rise by {show(whole)}." if whole is not None else "")).strip()
