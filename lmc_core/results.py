"""What a run finds out, as plain values that the page, the command line and the disk share."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

CONNECTED_BELOW = 0.02
"""Error barrier under which twins count as linearly connected (Frankle et al. 2020, section 3)."""

HIGH = 25.0
"""Mean cross-entropy of a batch, in nats, above which a spike begins: ten times what guessing among ten classes costs."""
CALM = 5.0
"""Loss in nats below which a spike is over: about what guessing among 200 classes costs."""

Split = Literal["train", "test"]


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


class Spike(Result):
    """The highest batch of a spike: its step (from 0) and its mean cross-entropy in nats."""

    step: int
    loss: float


class Spikes(Result):
    """How often the loss of one network's training batches rose above HIGH, each time until it was below CALM again.

    Attributes:
        count: of spikes.
        highest: the 16 highest, or fewer, in the order of their steps.
    """

    count: int
    highest: list[Spike]


class PairResult(PairMeasurement):
    """A pair's final measurement, and the step (from 0) at which a twin diverged, if one did.

    Attributes:
        rounding: heights between twin A and its rounding twin; None unless one was asked for, and without heights if one of
            the two diverged.
        blocks: lines on which only some blocks move; None unless they were asked for, and none if a twin diverged.
        spikes: of twin A and twin B; None where they were not counted.
    """

    diverged: bool
    diverged_at: tuple[int | None, int | None]
    rounding: Barriers | None = None
    blocks: list[BlockLine] | None = None
    spikes: tuple[Spikes, Spikes] | None = None

    @property
    def stopped_at_spike(self) -> bool:
        """Whether a training of this pair may have been stopped by the earlier rule, at a loss above 10,000 nats."""
        without_floor = self.rounding is not None and self.rounding.test.error is None
        return self.spikes is None and (self.diverged or without_floor)


class Spread(Result):
    """Mean and standard deviation (n - 1; 0 for one value) over the pairs that did not diverge; n counts them."""

    mean: float | None
    std: float | None
    n: int


class SummaryOfSplit(Result):
    """Spreads over pairs on one split; accuracy is the mean of the two ends."""

    error: Spread
    normalized: Spread
    loss: Spread
    error_chord_gap: Spread
    loss_chord_gap: Spread
    accuracy: Spread


class FloorOfSplit(Result):
    """Spreads over pairs of the barriers between twin A and its rounding twin on one split."""

    error: Spread
    normalized: Spread
    loss: Spread


class Floor(Result):
    """What rounding alone makes of a barrier, on both splits: under it a barrier means nothing."""

    train: FloorOfSplit
    test: FloorOfSplit


class Summary(Result):
    """Spreads over pairs on both splits, whether the mean test error barrier lies below the threshold, and the floor if asked for."""

    train: SummaryOfSplit
    test: SummaryOfSplit
    diverged_pairs: int
    connected: bool | None
    rounding: Floor | None = None


class Timing(Result):
    """Seconds spent in optimiser steps, and in measuring."""

    train_seconds: float
    evaluate_seconds: float


class Environment(Result):
    """Where and with what a run was made."""

    device: str
    processor: str
    threads: int
    engine: str
    versions: dict[str, str]
    dataset: dict[str, str | int | float | list[float]]


class RunResult(Result):
    """The whole result of a twins run, as written to result.json."""

    parameters: int
    alphas: list[float]
    pairs: list[PairResult]
    summary: Summary
    timing: Timing
    environment: Environment

    @property
    def stopped_at_spike(self) -> bool:
        """Whether a training may have been stopped by the earlier rule, at a loss above 10,000 nats."""
        return any(pair.stopped_at_spike for pair in self.pairs)


def percentage(share: float, digits: int = 2) -> str:
    """A finite share as a percentage, as in 1.94%.

    Halves go away from zero, and what lies within rounding of a half counts as one: shares of 10,000 images often are halves,
    and the same barrier, added up in two ways, must not read as two.
    """
    shown = Decimal(f"{100 * share:.9f}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0  # no minus before a zero
    return f"{shown}%"
