"""Mean and spread over pairs, as lines and bands."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lmc_core.figures.chart import Trace

if TYPE_CHECKING:
    import pandas as pd


DIGITS = 7
"""Decimals of what is drawn; more would only make the page heavier."""
MOST_POINTS = 300
"""A line over a long training is drawn through at most so many of its points, a chart being some hundred pixels wide."""


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
    """The mean and spread of a column over pairs at each x; pairs without a number there are left out.

    Of more than `MOST_POINTS` places evenly spread ones are kept, the first and the last among them.
    """
    at, values = frame[x].to_numpy(float), frame[value].to_numpy(float)
    places, group = np.unique(at, return_inverse=True)
    if len(places) > MOST_POINTS:
        chosen = np.isin(at, places[np.linspace(0, len(places) - 1, MOST_POINTS).round().astype(int)])
        values = values[chosen]
        places, group = np.unique(at[chosen], return_inverse=True)
    known = np.isfinite(values)
    count = np.bincount(group[known], minlength=len(places))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group[known], values[known], minlength=len(places)) / count
        squares = np.bincount(group[known], (values[known] - mean[group[known]]) ** 2, minlength=len(places))
        std = np.where(count > 1, np.sqrt(squares / (count - 1)), 0.0)
    middle, low, high = ([finite(number) for number in part.round(DIGITS).tolist()] for part in (mean, mean - std, mean + std))
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
