"""The verdict on a finished run, in one sentence."""

from dataclasses import dataclass

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.data.spec import DatasetName
from lmc_core.figures.numbers import DIVERGED, counted, percent_spread, points_spread
from lmc_core.runs.outcome import never_parted, outcome_of
from lmc_core.runs.results import RunResult


@dataclass(frozen=True)
class Verdict:
    """The answer in a word or two, and the sentence that gives its reason; connected is None where nothing can be said."""

    connected: bool | None
    headline: str
    sentence: str


def verdict(result: RunResult, dataset: DatasetName) -> Verdict:
    """Whether the twins are linearly connected, by how much, and over how many pairs; or why their line does not say."""
    pairs, barrier, outcome = len(result.pairs), result.summary.test.error, outcome_of(result, dataset)
    if outcome.word == "unstable":
        measured = f" The {counted(barrier.n, 'other pair')}: test error barrier {percent_spread(barrier)}." if barrier.n else ""
        return Verdict(None, f"{outcome.headline} {DIVERGED}", f"{outcome.reason}{measured}")
    if outcome.connected is None or barrier.mean is None:
        return Verdict(None, outcome.headline, f"{outcome.reason} Whether the twins are connected cannot be said.")
    if never_parted(result):
        return Verdict(outcome.connected, outcome.headline, outcome.reason)
    rise = "never rises above the mean of the twins' own"
    if barrier.mean > 0:
        side = "below" if outcome.connected else "not below"
        limit = f"{side} the threshold of {100 * CONNECTED_BELOW:g}"
        rise = f"rises at most {points_spread(barrier)} above the mean of the twins' own, {limit}"
    sentence = f"On the straight line the test error {rise}: {_over(result, barrier.n, pairs)}."
    return Verdict(outcome.connected, outcome.headline, sentence)


def _over(result: RunResult, measured: int, pairs: int) -> str:
    if pairs == 1:
        return "measured on one pair of twins"
    below = sum(pair.barriers.test.error is not None and pair.barriers.test.error < CONNECTED_BELOW for pair in result.pairs)
    agreement = "all of them below it" if below == measured else "none of them below it" if below == 0 else f"{below} of them below it"
    return f"mean over {counted(measured, 'pair')}, {agreement}"
