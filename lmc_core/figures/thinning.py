"""Long series with fewer points, without losing a spike."""

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

MOST_POINTS = 1_600
"""A series is drawn through at most about so many points, a chart being less than a thousand pixels wide."""


def kept_places(values: Array, most: int = MOST_POINTS) -> list[int]:
    """Places that stand for the series: all of a short one, else the lowest and the highest value of each stretch, and both ends.

    Args:
        values: the series; stretches without a finite number are left out.
        most: number of points, roughly.
    """
    if len(values) <= most:
        return list(range(len(values)))
    kept = {0, len(values) - 1}
    for stretch in np.array_split(np.arange(len(values)), most // 2):
        known = stretch[np.isfinite(values[stretch])]
        if len(known):
            kept |= {int(known[np.argmin(values[known])]), int(known[np.argmax(values[known])])}
    return sorted(kept)
