"""Scheduled and true share of nonzero weights: during a ramp they are two lines, since zeros may come back."""

from typing import TYPE_CHECKING

from lmc_core.figures.chart import Chart, Key, Trace, axis, empty, layout
from lmc_core.figures.density import density_words
from lmc_core.figures.spread import DIGITS
from lmc_core.figures.thinning import Array, kept_places

if TYPE_CHECKING:
    import pandas as pd

NAME, TITLE = "kept-ratio", "Nonzero weights"
COMES_BACK = 0.02
"""A true share so far above the schedule says that zeros came back."""


def kept_ratio(steps: "pd.DataFrame", words: str = "", height: int = 360) -> Chart:
    """The share of the prunable weights that shall be kept after each step, and the share that is not 0.

    Args:
        steps: of one network, in order: step, scheduled, kept.
        words: which network it is.
        height: pixels.
    """
    if steps.empty:
        return empty(NAME, TITLE, "no step of this network was recorded", height)
    at, scheduled, kept = steps["step"].to_numpy(int), steps["scheduled"].to_numpy(float), steps["kept"].to_numpy(float)
    back = int((kept > scheduled + COMES_BACK).sum())
    true = _line(at, kept, "kept", "True", {"color": "$a", "width": 1.8})
    plan = _line(at, scheduled, "scheduled", "Scheduled", {"color": "$ink", "width": 2.2, "dash": "dash"})
    return Chart(
        NAME,
        TITLE,
        _alt(words, scheduled, kept, back),
        [true, plan],
        layout(
            axis("Step of this network's training"),
            axis("Share of the prunable weights", range=[-0.02, 1.05], tickformat=".0%"),
            hovermode="x unified",
        ),
        [Key("scheduled", "Scheduled", "$ink", "dash", "none"), Key("kept", "True", "$a", "solid", "none")],
        note=f"above the schedule at {back:,} of {len(kept):,} steps" if back else "both lines are the same" if len(kept) else "",
        revision=f"{NAME}-{words}",
        height=height,
    )


def _line(at: Array, values: Array, group: str, name: str, look: dict[str, object]) -> Trace:
    places = kept_places(values)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": at[places].tolist(),
        "y": values[places].round(DIGITS).tolist(),
        "name": name,
        "legendgroup": group,
        "line": look,
        "hovertemplate": f"%{{y:.2%}}<extra>{name}</extra>",
    }


def _alt(words: str, scheduled: Array, kept: Array, back: int) -> str:
    first, last = density_words(float(scheduled[0])), density_words(float(scheduled[-1]))
    sentence = f"Share of nonzero weights{f', {words}' if words else ''}: scheduled from {first} to {last}, "
    sentence += f"actual at the end {density_words(float(kept[-1]))}."
    return sentence + (
        f" After {back:,} of {len(kept):,} steps more were nonzero than scheduled." if back else " Both are the same throughout."
    )
