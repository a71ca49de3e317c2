"""The curve on the straight line between the twins: where a barrier shows."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.numbers import counted, percent, plain
from lmc_core.figures.palette import mixed
from lmc_core.figures.spread import Line, band, over_pairs

if TYPE_CHECKING:
    import pandas as pd

Measure = Literal["error", "loss"]

EARLIER_CURVES = 8
"""At most so many curves of earlier epochs stand faintly behind the current one."""

BARRIER_AT = 0.4
"""Part of a barrier's height at which its number stands."""
LEAST_ROOM = 0.06
"""A lower barrier has no room for its number below the curve, so that it stands above."""

TITLES: dict[Measure, str] = {"error": "Error on the line from A to B", "loss": "Loss on the line from A to B"}


def interpolation(
    curves: "pd.DataFrame", measure: Measure = "error", height: int = 380, epoch: int | None = None, judged: bool = True
) -> Chart:
    """The mean curve over pairs at an epoch (default: the last measured), on train and test, with earlier test curves behind.

    Args:
        curves: columns epoch, pair, split, alpha, error, loss; a row for each point of each pair's curve.
        measure: error as a share, or cross-entropy in nats.
        height: pixels.
        epoch: the epoch whose curve stands in front.
        judged: whether the line says if the twins are connected; without it there is no zone of connected twins.
    """
    name, title = "interpolation", TITLES[measure]
    if curves.empty:
        return empty(name, title, "no curve measured yet", height)
    epochs = sorted(int(number) for number in curves["epoch"].unique())
    shown = epochs[-1] if epoch is None else epoch
    earlier = _places([number for number in epochs if number < shown])
    curves = curves[curves["epoch"].isin([shown, *(number for _, number in earlier)])]
    test, train = (over_pairs(_at(curves, split, shown), "alpha", measure) for split in ("test", "train"))
    if all(value is None for value in test.mean):
        return empty(name, title, "∗ training diverged: the curve has no finite value", height)
    behind = [_faint(curves, number, measure, place) for place, number in earlier]
    final = _at(curves, "test", shown)
    singles = _single_pairs(final, measure) if test.n > 1 else []
    traces = [
        *behind,
        *singles,
        *band(train, "$muted", "train"),
        _curve(train, "train", measure),
        *band(test, "$ink", "test"),
        _curve(test, "test", measure),
        _ends(test),
    ]
    keys = [Key("test", "Test", "$ink"), Key("train", "Train", "$muted", "dot", "square")]
    keys += [Key("pairs", "Single pairs", "$ink/0.4", "solid", "none", hidden=True)] if singles else []
    keys += [Key("earlier", "Earlier epochs", "$a/0.5", "solid", "none")] if behind else []
    ends, height_of_barrier = _mean_of_ends(test), _mean_barrier(final, measure)
    extras = (
        _valley_and_barrier(test, ends, height_of_barrier)
        if measure == "error" and ends is not None and judged
        else {"shapes": [], "annotations": []}
    )
    top = _top([test, train], ends, measure)
    return Chart(
        name,
        title,
        _words(test, train, height_of_barrier, measure, shown),
        traces,
        layout(
            axis("α: from twin A (0) to twin B (1)", range=[-0.04, 1.04], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]),
            axis("Error" if measure == "error" else "Cross-entropy (nats)", range=[0, top], tickformat=_ticks(top, measure)),
            **extras,
        ),
        keys,
        note=f"after epoch {shown}" + (f" · mean ± standard deviation of {test.n} pairs" if test.n > 1 else ""),
        revision=f"{name}-{measure}",
        height=height,
    )


def _at(curves: "pd.DataFrame", split: str, epoch: int) -> "pd.DataFrame":
    return curves[(curves["split"] == split) & (curves["epoch"] == epoch)]


def _places(earlier: list[int]) -> list[tuple[float, int]]:
    """Evenly spaced earlier epochs, each with its place in time from 0 (first) to 1 (last)."""
    if len(earlier) > EARLIER_CURVES:
        step = (len(earlier) - 1) / (EARLIER_CURVES - 1)
        earlier = [earlier[round(index * step)] for index in range(EARLIER_CURVES)]
    return [(index / max(len(earlier) - 1, 1), epoch) for index, epoch in enumerate(earlier)]


def _faint(curves: "pd.DataFrame", epoch: int, measure: Measure, place: float) -> Trace:
    line = over_pairs(_at(curves, "test", epoch), "alpha", measure)
    look = {"color": f"$a/{0.12 + 0.3 * place:.2f}", "width": 1.3}
    return _trace(line.x, line.mean, "earlier", f"Test, epoch {epoch}") | {"line": look, "mode": "lines", "hoverinfo": "skip"}


def _single_pairs(points: "pd.DataFrame", measure: Measure) -> list[Trace]:
    lines = [(pair, over_pairs(rows, "alpha", measure)) for pair, rows in points.groupby("pair", sort=True)]
    look = {"color": "$ink/0.3", "width": 1}
    return [
        _trace(line.x, line.mean, "pairs", f"Pair {int(str(pair)) + 1}") | {"line": look, "mode": "lines", "hoverinfo": "skip"}
        for pair, line in lines
    ]


def _curve(line: Line, split: Literal["train", "test"], measure: Measure) -> Trace:
    numbers = "%{y:.2%}" if measure == "error" else "%{y:.4f}"
    trace = _trace(line.x, line.mean, split, split.capitalize())
    trace |= {"mode": "lines+markers", "hovertemplate": f"{numbers}<extra>{split.capitalize()}</extra>"}
    if split == "train":
        return trace | {
            "line": {"color": "$muted", "width": 2, "dash": "dot"},
            "marker": {"color": "$muted", "symbol": "square", "size": 5},
        }
    marker = {"color": [mixed(alpha) for alpha in line.x], "size": 8, "line": {"color": "$surface", "width": 1.2}}
    return trace | {"line": {"color": "$ink", "width": 2.6}, "marker": marker}


def _ends(test: Line) -> Trace:
    """The twins themselves, as two large lettered marks at the ends."""
    trace = _trace([test.x[0], test.x[-1]], [test.mean[0], test.mean[-1]], "test", "Twins")
    marker = {"color": ["$a", "$b"], "symbol": ["circle", "diamond"], "size": 19, "line": {"color": "$surface", "width": 2}}
    look = {"mode": "markers+text", "text": ["A", "B"], "textfont": {"color": "$surface", "size": 11, "weight": 700}}
    return trace | look | {"marker": marker, "hoverinfo": "skip", "cliponaxis": False}


def _trace(x: list[float], y: list[float | None], group: str, name: str) -> Trace:
    return {"type": "scatter", "x": x, "y": y, "legendgroup": group, "name": name}


def _mean_of_ends(line: Line) -> float | None:
    first, last = line.mean[0], line.mean[-1]
    return None if first is None or last is None else (first + last) / 2


def _highest(line: Line) -> tuple[float, float]:
    """Alpha and height of the highest point."""
    return max(((alpha, value) for alpha, value in zip(line.x, line.mean, strict=True) if value is not None), key=lambda point: point[1])


def _mean_barrier(points: "pd.DataFrame", measure: Measure) -> float | None:
    """The mean over pairs of their own barriers (Eq. 1), which can exceed the barrier of the mean curve."""
    curves = [rows.sort_values("alpha")[measure].to_numpy(float) for _, rows in points.groupby("pair")]
    barriers = [float(curve.max() - (curve[0] + curve[-1]) / 2) for curve in curves if np.isfinite(curve).all()]
    return sum(barriers) / len(barriers) if barriers else None


def _valley_and_barrier(test: Line, ends: float, barrier: float | None) -> dict[str, list[dict[str, object]]]:
    """The zone in which twins count as connected, and the barrier as the distance from the mean of the ends to the top."""
    ceiling = ends + CONNECTED_BELOW
    zone = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": ends, "y1": ceiling, "fillcolor": "$valley/0.13"}
    edge = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": ceiling, "y1": ceiling}
    label: dict[str, object] = {
        "text": "connected below +2%",
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "y": ceiling,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": "$valley", "size": 12},
        "bgcolor": "$surface/0.75",
    }
    shapes: list[dict[str, object]] = [
        zone | {"line": {"width": 0}, "layer": "below"},
        edge | {"line": {"color": "$valley", "width": 1.2, "dash": "dash"}, "layer": "below"},
    ]
    annotations = [label]
    alpha, height = _highest(test)
    if barrier is not None and barrier >= CONNECTED_BELOW:
        left = alpha <= 0.6
        beside: dict[str, object] = {"xref": "x", "x": alpha, "xanchor": "left" if left else "right", "xshift": 6 if left else -6}
        label |= beside | {"y": ends}  # below the top, where the curve is far away on both sides
        room = barrier >= LEAST_ROOM
        at = beside | {"y": ends + BARRIER_AT * (height - ends)} if room else {"x": alpha, "y": height, "yanchor": "bottom", "yshift": 8}
        shapes.append({"type": "line", "x0": alpha, "x1": alpha, "y0": ends, "y1": height, "line": {"color": "$ink", "width": 1.2}})
        annotations.append(
            {
                "text": f"<b>{'mean ' if test.n > 1 else ''}barrier {percent(barrier)}</b>",
                **at,
                "showarrow": False,
                "font": {"color": "$ink", "size": 13},
                "bgcolor": "$surface/0.75",
            }
        )
    return {"shapes": shapes, "annotations": annotations}


def _top(lines: list[Line], ends: float | None, measure: Measure) -> float:
    values = [value for line in lines for value in (*line.mean, *line.high) if value is not None]
    floor = CONNECTED_BELOW * 1.6 + (ends or 0.0) if measure == "error" else 1e-6
    return max(max(values, default=0.0) * 1.12, floor)


def _ticks(top: float, measure: Measure) -> str:
    return "" if measure == "loss" else ".0%" if top > 0.08 else ".1%"


def _words(test: Line, train: Line, barrier: float | None, measure: Measure, epoch: int) -> str:
    show = percent if measure == "error" else plain
    alpha, height = _highest(test)
    sentence = (
        f"{measure.capitalize()} on the straight line between the twins after epoch {epoch}, mean of {counted(max(test.n, 1), 'pair')}. "
    )
    sentence += f"Test: {show(test.mean[0])} at twin A, {show(test.mean[-1])} at twin B, highest {show(height)} at alpha {alpha:g}."
    sentence += f" Mean barrier over pairs: {show(barrier)}."
    return sentence + f" Train: {show(train.mean[0])} at A, {show(train.mean[-1])} at B." if train.mean else sentence
