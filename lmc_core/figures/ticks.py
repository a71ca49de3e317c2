"""Where the ticks of a logarithmic axis stand."""

import math
from collections.abc import Sequence
from typing import Any

FEWEST_EPOCHS = 20
"""A chart of a training is at least so many epochs wide, if the training is."""


def epochs_in_view(epochs: int, last: float) -> float:
    """How far a chart of a training reaches: to its end, or while it has only begun to a half, a quarter, … of it.

    The axis so changes a few times in a long training, and not with each epoch.

    Args:
        epochs: length of the whole training.
        last: the epoch up to which there are values.
    """
    reach = float(epochs)
    while reach / 2 >= max(last, FEWEST_EPOCHS):
        reach /= 2
    return reach


def logarithmic_ticks(values: Sequence[float]) -> dict[str, Any]:
    """Powers of ten, with more between them the less the positive values span; nothing where that is left to plotly.

    It is for values that differ by less than a factor of two, and for none.
    """
    if not values or max(values) < 2 * min(values):
        return {}
    low, high = (math.floor(math.log10(value)) for value in (min(values), max(values)))
    between = (1, 1.5, 2, 3, 5, 7) if max(values) < 10 * min(values) else (1, 2, 5) if high - low < 3 else (1,)
    ticks = [step * 10.0**power for power in range(low, high + 2) for step in between]
    return {"tickmode": "array", "tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}
