"""The learning rate at a step."""

import math
from typing import Literal

Shape = Literal["constant", "cosine"]


def learning_rate(shape: Shape, base: float, step: int, warmup_steps: int, total_steps: int) -> float:
    """The rate of one step: never 0.

    A warm-up of w steps takes the rates base/w, 2·base/w, ..., base, so that its first step counts. A cosine then goes
    from base down to what would be 0 one step after the last.

    Args:
        shape: after the warm-up.
        base: the highest rate.
        step: from 0.
        warmup_steps: may be 0.
        total_steps: of the whole training.
    """
    if step < warmup_steps:
        return base * ((step + 1) / warmup_steps)
    if shape == "constant":
        return base
    return base * (1 + math.cos(math.pi * (step - warmup_steps) / (total_steps - warmup_steps))) / 2
