"""What is measured between two networks, as plain values. Imports no torch."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

CONNECTED_BELOW = 0.02
"""Error barrier under which twins count as linearly connected (Frankle et al. 2020, section 3)."""


class Result(BaseModel):
    """A part of a result: immutable plain values; None where a value is not finite or not defined."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Curve(Result):
    """Error and mean cross-entropy (nats) at each alpha."""

    error: list[float | None]
    loss: list[float | None]


class Curves(Result):
    """The curves of one pair on both splits, aligned with the run's alphas."""

    train: Curve
    test: Curve


class Barrier(Result):
    """Heights on one split: Eq. 1 of the error, Eq. 2, Eq. 1 of the loss, and the gaps above the chord."""

    error: float | None
    normalized: float | None
    loss: float | None
    error_chord_gap: float | None
    loss_chord_gap: float | None


class Barriers(Result):
    """The barriers of one pair on both splits."""

    train: Barrier
    test: Barrier


class Distance(Result):
    """Between two parameter vectors: L2 norm of the difference and 1 - cosine similarity."""

    l2: float | None
    cosine: float | None


class Distances(Result):
    """Between the twins, and from the initialisation to each."""

    twins: Distance
    init_a: Distance
    init_b: Distance


class PairMeasurement(Result):
    """Everything measured on the line of one pair at one moment."""

    pair: int
    curves: Curves
    barriers: Barriers
    distances: Distances


class Height(Result):
    """How far a line rises above the mean of the twins at its highest point, in error and in loss (nats)."""

    error: float | None
    loss: float | None


class BlockLine(Result):
    """A line on which only some blocks move from A's weights to B's, and all others stay A's (Adilova et al. 2023).

    Attributes:
        which: one block alone, or all blocks from the bottom (the input) or from the top (the classifier) up to one.
        blocks: the names of those that move, from the bottom on.
        train: the highest point above the mean of the errors, and of the losses, of twins A and B on the training set; where
            all blocks move that is Eq. 1.
        test: likewise on the test set.
    """

    which: Literal["alone", "from_bottom", "from_top"]
    blocks: list[str]
    train: Height
    test: Height
