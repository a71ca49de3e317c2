"""Mean and spread over pairs, as lines and bands."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lmc_core.figures.chart import Trace

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Line:
    """A mean over pairs along x; low and high are one standard deviation (n - 1) away; n is the smallest number of pairs."""

    x: list[float]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]
    n: int

    @property
    def last(self) -> float | None:
        """The mean at the last x."""
        return self.mean[-1] if self.mean else None


def over_pairs(frame: "pd.DataFrame", x: str, value: str) -> Line:
    """The mean and spread of a column over pairs at each x; pairs without a number there are left out."""
    places, group = np.unique(frame[x].to_numpy(float), return_inverse=True)
    values = frame[value].to_numpy(float)
    known = np.isfinite(values)
    count = np.bincount(group[known], minlength=len(places))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group[known], values[known], minlength=len(places)) / count
        squares = np.bincount(group[known], (values[known] - mean[group[known]]) ** 2, minlength=len(places))
        std = np.where(count > 1, np.sqrt(squares / (count - 1)), 0.0)
    parts = ([finite(number) for number in part.tolist()] for part in (mean, mean - std, mean + std))
    middle, low, high = parts
    return Line(places.tolist(), middle, low, high, n=int(count.min()) if len(count) else 0)


def finite(number: float | None) -> float | None:
    """The number, or None where it is missing or not finite; JSON knows no other way to say so."""
    return None if number is None or not math.isfinite(number) else float(number)


def band(line: Line, colour: str, group: str) -> list[Trace]:
    """The area within one standard deviation of the mean, below its line; nothing for a single pair."""
    if line.n < 2:
        return []
    edge: Trace = {"type": "scatter", "mode": "lines", "x": line.x, "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": group}
    return [edge | {"y": line.low}, edge | {"y": line.high, "fill": "tonexty", "fillcolor": f"{colour}/0.16"}]
