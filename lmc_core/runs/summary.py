"""What several pairs say together."""

import statistics
from collections.abc import Iterable, Sequence

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.data.spec import Split
from lmc_core.runs.results import Floor, FloorOfSplit, PairResult, Spread, Summary, SummaryOfSplit


def spread(values: Iterable[float | None]) -> Spread:
    """Mean and standard deviation (n - 1) of the values that are known; deviation 0 where there is only one."""
    known = [value for value in values if value is not None]
    if not known:
        return Spread(mean=None, std=None, n=0)
    return Spread(mean=statistics.fmean(known), std=statistics.stdev(known) if len(known) > 1 else 0.0, n=len(known))


def summary(pairs: Sequence[PairResult]) -> Summary:
    """Spreads over the pairs that did not diverge; connected where their mean test error barrier lies below 0.02."""
    sound = [pair for pair in pairs if not pair.diverged]
    test = _of(sound, "test")
    return Summary(
        train=_of(sound, "train"),
        test=test,
        diverged_pairs=len(pairs) - len(sound),
        connected=None if test.error.mean is None else test.error.mean < CONNECTED_BELOW,
        rounding=_floor(sound) if any(pair.rounding for pair in pairs) else None,
    )


def _floor(pairs: Sequence[PairResult]) -> Floor:
    floors = [pair.rounding for pair in pairs if pair.rounding is not None]
    train, test = (
        FloorOfSplit(
            error=spread(height.error for height in heights),
            normalized=spread(height.normalized for height in heights),
            loss=spread(height.loss for height in heights),
        )
        for heights in ([floor.train for floor in floors], [floor.test for floor in floors])
    )
    return Floor(train=train, test=test)


def _of(pairs: Sequence[PairResult], split: Split) -> SummaryOfSplit:
    heights = [getattr(pair.barriers, split) for pair in pairs]
    errors = [getattr(pair.curves, split).error for pair in pairs]
    ends = [(error[0], error[-1]) for error in errors]
    return SummaryOfSplit(
        error=spread(height.error for height in heights),
        normalized=spread(height.normalized for height in heights),
        loss=spread(height.loss for height in heights),
        error_chord_gap=spread(height.error_chord_gap for height in heights),
        loss_chord_gap=spread(height.loss_chord_gap for height in heights),
        accuracy=spread(None if a is None or b is None else 1 - (a + b) / 2 for a, b in ends),
    )
