"""The barrier over training: when the twins part for good."""

from typing import TYPE_CHECKING, Literal

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.chart import MARKED_EPOCHS, Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import percent, plain
from lmc_core.figures.spread import Line, band, over_pairs
from lmc_core.figures.ticks import epochs_in_view

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[Measure, str] = {"error": "error_barrier", "loss": "loss_barrier"}
TITLES: dict[Measure, str] = {"error": "Error barrier over training", "loss": "Loss barrier over training"}


def barrier(measurements: "pd.DataFrame", epochs: int, measure: Measure = "error", height: int = 380, judged: bool = True) -> Chart:
    """The mean barrier (Eq. 1) after each measured epoch on train and test, against the threshold.

    Args:
        measurements: columns epoch, pair, split, error_barrier, loss_barrier; a row for each measured moment and pair.
        epochs: length of the whole training.
        measure: error as a share, or cross-entropy in nats.
        height: pixels.
        judged: whether it says if the twins are connected; without it there is no zone of connected twins.
    """
    name, title, column = "barrier", TITLES[measure], COLUMNS[measure]
    if measurements.empty:
        return empty(name, title, "no barrier measured yet", height)
    test, train = (over_pairs(measurements[measurements["split"] == split], "epoch", column) for split in ("test", "train"))
    traces = [
        *band(train, "$muted", "train"),
        _line(train, "train", measure, epochs),
        *band(test, "$ink", "test"),
        _line(test, "test", measure, epochs),
    ]
    values = [value for line in (test, train) for value in line.high if value is not None]
    reach = epochs_in_view(epochs, test.x[-1])
    top = max(max(values, default=0.0) * 1.12, CONNECTED_BELOW * 1.6 if measure == "error" else 1e-6)
    return Chart(
        name,
        title,
        _words(test, measure, judged),
        traces,
        layout(
            axis("Epoch", range=[-0.02 * reach, 1.02 * reach]),
            axis("Barrier", range=[min(0.0, *values, 0.0) - 0.02 * top, top], tickformat=_ticks(top) if measure == "error" else ""),
            **(threshold() if measure == "error" and judged else {}),
        ),
        [Key("test", "Test", "$ink"), Key("train", "Train", "$muted", "dot", "square")],
        note=f"now {(percent if measure == 'error' else plain)(test.last)} on test" if test.last is not None else "",
        revision=f"{name}-{measure}",
        height=height,
    )


def threshold() -> dict[str, list[dict[str, object]]]:
    """The zone below the threshold under which twins count as connected, with its label."""
    span: dict[str, object] = {"xref": "paper", "x0": 0, "x1": 1, "y1": CONNECTED_BELOW, "layer": "below"}
    label = {"text": "connected below 2%", "xref": "paper", "x": 1, "xanchor": "right", "y": CONNECTED_BELOW, "yanchor": "bottom"}
    return {
        "shapes": [
            span | {"type": "rect", "y0": 0, "fillcolor": "$valley/0.13", "line": {"width": 0}},
            span | {"type": "line", "y0": CONNECTED_BELOW, "line": {"color": "$valley", "width": 1.2, "dash": "dash"}},
        ],
        "annotations": [label | {"showarrow": False, "font": {"color": "$valley", "size": 12}, "bgcolor": "$surface/0.75"}],
    }


def _line(line: Line, split: Literal["train", "test"], measure: Measure, epochs: int) -> Trace:
    numbers = "%{y:.2%}" if measure == "error" else "%{y:.4f}"
    colour, dash, symbol = ("$ink", "solid", "circle") if split == "test" else ("$muted", "dot", "square")
    mode = "lines+markers" if epochs <= MARKED_EPOCHS else "lines"
    return {
        "type": "scatter",
        "x": line.x,
        "y": line.mean,
        "mode": mode,
        "name": split.capitalize(),
        "legendgroup": split,
        "line": {"color": colour, "width": 2.4 if split == "test" else 2, "dash": dash},
        "marker": {"color": colour, "symbol": symbol, "size": 6 if split == "test" else 5},
        "hovertemplate": f"{numbers}<extra>{split.capitalize()}</extra>",
    }


def _ticks(top: float) -> str:
    return ".0%" if top > 0.08 else ".1%"


def _words(test: Line, measure: Measure, judged: bool) -> str:
    show = percent if measure == "error" else plain
    known = [(value, epoch) for value, epoch in zip(test.mean, test.x, strict=True) if value is not None]
    if not known:
        return f"{measure.capitalize()} barrier over training: no finite value, training diverged."
    highest, epoch = max(known)
    words = f"{measure.capitalize()} barrier on the test set over training: {show(known[0][0])} at epoch {known[0][1]:g}, "
    words += f"{show(known[-1][0])} at epoch {known[-1][1]:g}, highest {show(highest)} at epoch {epoch:g}."
    return words + (" Twins count as connected below 2%." if measure == "error" and judged else "")
