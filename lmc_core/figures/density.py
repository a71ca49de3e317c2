"""The axis of densities: the share of the weights that is kept, from all of them down to few, logarithmic."""

import math
from collections.abc import Iterable
from typing import Any

from lmc_core.figures.chart import axis

MARGIN = 1.16
"""Room at both ends of the axis, as a factor."""
TICKS = 10
"""At most so many labels stand along the axis."""


def density_words(density: float) -> str:
    """A density as a percentage with as many digits as it needs, as in 5% and 0.41%."""
    return f"{100 * density:.3g}%"


def density_axis(densities: Iterable[float], title: str = "Weights kept") -> dict[str, Any]:
    """A logarithmic axis that falls from the dense network on the left to the sparsest on the right."""
    ordered = sorted({1.0, *densities}, reverse=True)
    ends = math.log10(ordered[0] * MARGIN), math.log10(ordered[-1] / MARGIN)
    ticks = _spread_out(ordered)
    return axis(title, type="log", range=list(ends), tickmode="array", tickvals=ticks, ticktext=[density_words(tick) for tick in ticks])


def _spread_out(ordered: list[float]) -> list[float]:
    """Those densities whose labels do not run into each other, the first and the last among them."""
    gap = math.log10(ordered[0] / ordered[-1]) / TICKS
    kept = [ordered[0]]
    for density in ordered[1:-1]:
        if min(math.log10(kept[-1] / density), math.log10(density / ordered[-1])) >= gap:
            kept.append(density)
    return [*kept, ordered[-1]] if len(ordered) > 1 else kept
