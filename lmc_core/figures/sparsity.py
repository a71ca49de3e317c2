"""Accuracy against sparsity: what pruning costs, and what training the rest again gives back."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.density import density_axis, density_words
from lmc_core.figures.level_kinds import LOOKS, key_of
from lmc_core.figures.level_lines import LevelLine, across, at_rewind, dense_at, level_line, traces_of
from lmc_core.figures.numbers import percent
from lmc_core.plan import LevelKind

if TYPE_CHECKING:
    import pandas as pd

NAME, TITLE = "sparsity", "Accuracy against sparsity"
KINDS: tuple[LevelKind, ...] = ("pruned", "random", "redrawn", "ticket")
"""In the order in which they are drawn, the last above the others."""
SO_FAR = "so far"
SO_FAR_KEY = Key(SO_FAR, "Training so far", "$muted", "none", "circle-open")


def sparsity(
    levels: "pd.DataFrame", history: "pd.DataFrame", densities: list[float], rewind: int, words: str = "", height: int = 440
) -> Chart:
    """Test accuracy over the density, a line for each kind of networks, the dense one across.

    Args:
        levels: a row for each measured level: kind, density, rewind, test_accuracy, test_accuracy_std, test_barrier, diverged_pairs, ...
        history: kind, density, rewind, epoch, train_error: networks that were not measured yet stand faintly at what they have
            reached on their training batches.
        densities: of the whole run, for the axis.
        rewind: the rewinding point of the networks that were trained again.
        words: where that is, if the run has several.
        height: pixels.
    """
    name = f"{NAME}-{rewind}" if words else NAME
    title = f"{words}: accuracy" if words else TITLE
    going = so_far(levels, history, rewind)
    if levels.empty and not going:
        return empty(name, title, "no network trained yet", height)
    xaxis = density_axis(densities)
    reach = (10 ** xaxis["range"][0], 10 ** xaxis["range"][1])
    lines = [
        line for kind in KINDS if (line := level_line(at_rewind(levels, kind, None if kind == "pruned" else rewind), kind, "accuracy")).x
    ]
    traces = [*across(dense_at(levels, rewind), "accuracy", reach), *(trace for line in lines for trace in traces_of(line)), *going]
    kinds: list[LevelKind] = ["dense"] if any(trace["legendgroup"] == "dense" for trace in traces) else []
    kinds += [line.kind for line in reversed(lines)]
    keys = [key_of(kind) for kind in kinds] + ([SO_FAR_KEY] if going else [])
    return Chart(
        name,
        title,
        _alt(lines, levels, rewind),
        traces,
        layout(xaxis, _vertical(traces), hovermode="x unified"),
        keys,
        note="on the test set",
        revision=name,
        height=height,
    )


def so_far(levels: "pd.DataFrame", history: "pd.DataFrame", rewind: int, kinds: Collection[str] = LOOKS) -> list[Trace]:
    """Networks of these kinds that train and were not measured yet: their accuracy over the batches of the last epoch, faintly."""
    rows = history[((history["rewind"] == rewind) | history["rewind"].isna()) & history["kind"].isin(list(kinds))]
    if rows.empty:
        return []
    measured = set(zip(levels["kind"], levels["density"], levels["rewind"].fillna(-1), strict=True))
    x, y, texts, colours, symbols = [], [], [], [], []
    rows = rows.assign(rewind=rows["rewind"].fillna(-1))
    for (kind, density, point), part in rows.groupby(["kind", "density", "rewind"], sort=False):
        accuracy = 1 - part.loc[part["epoch"] == part["epoch"].max(), "train_error"].mean()
        if (kind, density, point) in measured or accuracy != accuracy:
            continue
        look = LOOKS[kind]
        x.append(float(density))
        y.append(round(float(accuracy), 6))
        texts.append(f"{look.label}, {density_words(density)}: {percent(accuracy)} on its training batches so far")
        colours.append(look.colour)
        symbols.append(f"{look.symbol}-open")
    if not x:
        return []
    shared: Trace = {"type": "scatter", "mode": "markers", "legendgroup": SO_FAR, "name": "Training so far", "opacity": 0.6, "yaxis": "y"}
    marker = {"color": colours, "symbol": symbols, "size": 9, "line": {"width": 1.6}}
    return [shared | {"x": x, "y": y, "text": texts, "marker": marker, "hovertemplate": "%{text}<extra></extra>"}]


def _vertical(traces: list[Trace]) -> dict[str, object]:
    return axis("Accuracy", **accuracy_range([value for trace in traces for value in trace["y"] if value is not None]))


def accuracy_range(values: list[float]) -> dict[str, object]:
    """The range of an axis of accuracies: close to them, with room for a point's mark, and at least two points high."""
    top, bottom = max(values, default=1.0), min(values, default=0.0)
    room = max(0.07 * (top - bottom), 0.01)
    low, high = max(bottom - room, -0.02), min(top + room, 1.02)
    return {"range": [low, high], "tickformat": ".0%" if high - low > 0.05 else ".1%"}


def _alt(lines: list[LevelLine], levels: "pd.DataFrame", rewind: int) -> str:
    dense = level_line(dense_at(levels, rewind), "dense", "accuracy")
    sentence = f"{TITLE}, on the test set. " + (f"Dense: {percent(dense.mean[0])}. " if dense.mean else "Nothing is measured yet. ")
    return (sentence + " ".join(told(line, "accuracy") for line in lines)).strip()


def told(line: LevelLine, quantity: str) -> str:
    """A line in words: its value at its densest and at its sparsest level."""
    return f"{line.look.label}: {quantity} {ends(line)}."


def ends(line: LevelLine) -> str:
    """The values of a line at its densest and at its sparsest level."""
    places = (0, -1) if len(line.x) > 1 else (0,)
    return " to ".join(f"{percent(line.mean[place])} at {density_words(line.x[place])}" for place in places)
