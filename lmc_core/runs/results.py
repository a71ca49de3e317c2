"""What a run finds out, as plain values that the page, the command line and the disk share."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lmc_core.connectivity.results import Barriers, BlockLine, PairMeasurement, Result

HIGH = 25.0
"""Mean cross-entropy of a batch, in nats, above which a spike begins: ten times what guessing among ten classes costs."""
CALM = 5.0
"""Loss in nats below which a spike is over: about what guessing among 200 classes costs."""


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


def as_told(values: Any) -> Any:
    """JSON values of results as they leave the program: of a single pair no standard deviation, which is kept as 0."""
    if isinstance(values, dict):
        told = {name: as_told(value) for name, value in values.items()}
        return told | {"std": None} if told.keys() == Spread.model_fields.keys() and told["n"] < 2 else told
    return [as_told(value) for value in values] if isinstance(values, list) else values


def percentage(share: float, digits: int = 2) -> str:
    """A finite share as a percentage, as in 1.94%.

    Halves go away from zero, and what lies within rounding of a half counts as one: shares of 10,000 images often are halves,
    and the same barrier, added up in two ways, must not read as two.
    """
    shown = Decimal(f"{100 * share:.9f}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0  # no minus before a zero
    return f"{shown}%"
