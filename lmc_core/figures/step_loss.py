"""The loss of one network at each step, smoothed, with the steps at which its weights were masked."""

from typing import TYPE_CHECKING

import numpy as np

from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.numbers import plain
from lmc_core.figures.thinning import Array, kept_places
from lmc_core.figures.ticks import logarithmic_ticks

if TYPE_CHECKING:
    import pandas as pd

NAME, TITLE = "step-loss", "Loss at each step"
SMOOTHING = 0.9
"""Weight of the past in the moving average: about the last ten steps count."""
SMOOTH_POINTS = 600
"""What is smooth needs fewer points."""
MOST_MARKS = 800
"""At most so many single maskings are marked; more would be one dark bar in any case."""


def moving_average(values: Array, smoothing: float = SMOOTHING) -> Array:
    """The exponential moving average, freed of its start at 0 as in Adam; a value that is not finite leaves it as it was."""
    mean, weight, averages = 0.0, 0.0, np.full(len(values), np.nan)
    for place, value in enumerate(values.tolist()):
        if np.isfinite(value):
            mean = smoothing * mean + (1 - smoothing) * value
            weight = smoothing * weight + (1 - smoothing)
        if weight:
            averages[place] = mean / weight
    return averages


def step_loss(
    steps: "pd.DataFrame", words: str = "", other: "pd.DataFrame | None" = None, other_words: str = "", height: int = 360
) -> Chart:
    """The loss of each training batch, its exponential moving average, and the maskings of the weights below.

    Args:
        steps: of one network, in order: step, loss, masked.
        words: which network it is.
        other: the same of another run's network, of which the average alone is drawn.
        other_words: what that one is.
        height: pixels.
    """
    losses = steps["loss"].to_numpy(float)
    if not np.isfinite(losses).any():
        return empty(NAME, TITLE, "no step of this network was recorded" if steps.empty else "∗ the loss has no finite value", height)
    at, average = steps["step"].to_numpy(int), moving_average(losses)
    kept = kept_places(losses)
    traces = [
        _line(at, losses, kept, "loss", "Loss", {"color": "$a/0.4", "width": 1}),
        _line(at, average, kept_places(average, SMOOTH_POINTS), "average", "Moving average", {"color": "$ink", "width": 2.4}),
    ]
    keys = [
        Key("loss", "Each batch", "$a/0.4", "solid", "none"),
        Key("average", f"Moving average ({SMOOTHING:g})", "$ink", "solid", "none"),
    ]
    lowest = float(np.nanmin(np.where(losses > 0, losses, np.nan))) if (losses > 0).any() else 1e-6
    highest = float(np.nanmax(losses))
    if other is not None and len(other):
        second = moving_average(other["loss"].to_numpy(float))
        traces.append(
            _line(
                other["step"].to_numpy(int),
                second,
                kept_places(second),
                "other",
                other_words,
                {"color": "$b", "width": 2.2, "dash": "dash"},
            )
        )
        keys.append(Key("other", other_words, "$b", "dash", "none"))
    floor = lowest / (highest / lowest) ** 0.06 if highest > lowest else lowest / 1.1
    masked = steps["masked"].to_numpy(bool)
    if masked.any():
        traces.append(_maskings(at, masked, floor))
        keys.append(Key("masked", "Masked here", "$run3", "none", "diamond"))
    yaxis = axis(
        "Cross-entropy (nats)",
        type="log",
        range=[float(np.log10(floor)) - 0.03, float(np.log10(max(highest, lowest * 1.2))) + 0.05],
        **logarithmic_ticks([lowest, highest]),
    )
    return Chart(
        NAME,
        TITLE,
        _alt(words, at, average, masked),
        traces,
        layout(axis("Step of this network's training"), yaxis, hovermode="x unified"),
        keys,
        note=" · ".join(part for part in (words, _thinned(len(losses), len(kept))) if part),
        revision=f"{NAME}-{words}",
        height=height,
    )


def _line(at: Array, values: Array, kept: list[int], group: str, name: str, look: dict[str, object]) -> Trace:
    shown = [float(f"{value:.4g}") if np.isfinite(value) and value > 0 else None for value in values[kept].tolist()]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": at[kept].tolist(),
        "y": shown,
        "name": name,
        "legendgroup": group,
        "line": look,
        "hovertemplate": f"%{{y:.4f}}<extra>{name}</extra>",
    }


def _maskings(at: Array, masked: Array, floor: float) -> Trace:
    """A mark below the curve for each single masking, a bar for steps that were masked one after the other."""
    starts = np.flatnonzero(masked & ~np.concatenate([[False], masked[:-1]]))
    ends = np.flatnonzero(masked & ~np.concatenate([masked[1:], [False]]))
    if len(starts) > MOST_MARKS:
        chosen = np.linspace(0, len(starts) - 1, MOST_MARKS).round().astype(int)
        starts, ends = starts[chosen], ends[chosen]
    x = [place for first, last in zip(at[starts].tolist(), at[ends].tolist(), strict=True) for place in (first, last, None)]
    marker = {"symbol": "line-ns-open", "size": 8, "color": "$run3", "line": {"width": 1.4, "color": "$run3"}}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": [None if place is None else floor for place in x],
        "name": "Masked",
        "legendgroup": "masked",
        "line": {"color": "$run3", "width": 5},
        "marker": marker,
        "hovertemplate": "weights masked after this step<extra></extra>",
    }


def _thinned(steps: int, drawn: int) -> str:
    return f"lowest and highest of each {2 * steps // drawn} steps drawn" if drawn < steps else ""


def _alt(words: str, at: Array, average: Array, masked: Array) -> str:
    sentence = f"{TITLE} of the training{f' of the {words[0].lower()}{words[1:]}' if words else ''}. "
    sentence += f"Its moving average goes from {plain(float(average[0]))} at step {at[0]} to {plain(float(average[-1]))} at step {at[-1]}."
    return sentence + (f" Weights were masked after {int(masked.sum()):,} of {len(masked):,} steps." if masked.any() else "")
