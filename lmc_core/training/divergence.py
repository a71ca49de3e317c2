"""When a member counts as diverged."""

import math

RULE = 2
"""Of divergence, as a training's state on disk says it; rule 1 also ended a member's training at a loss above 10,000 nats."""


def diverged(loss: float) -> bool:
    """Whether a batch's mean loss ends its member's training: it does where it is not finite.

    However high a loss is, it may come back: linear nets under Adam rise above 10,000 nats and learn on (paper, table 1).
    """
    return not math.isfinite(loss)
