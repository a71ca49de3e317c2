"""The verdict on a finished run, in one sentence."""

from dataclasses import dataclass

from lmc_core.figures.numbers import DIVERGED, counted, percent, percent_spread
from lmc_core.results import CONNECTED_BELOW, RunResult


@dataclass(frozen=True)
class Verdict:
    """The answer in a word or two, and the sentence that gives its reason; connected is None where nothing can be said."""

    connected: bool | None
    headline: str
    sentence: str


def verdict(result: RunResult) -> Verdict:
    """Whether the twins are linearly connected (mean test error barrier below 0.02), by how much, and over how many pairs."""
    summary, pairs = result.summary, len(result.pairs)
    barrier = summary.test.error
    if summary.connected is None or barrier.mean is None:
        words = (
            f"Training was unstable in all {counted(pairs, 'pair')}: no line to measure."
            if pairs > 1
            else "Training was unstable: no line to measure."
        )
        return Verdict(None, f"Diverged {DIVERGED}", words)
    gap = abs(CONNECTED_BELOW - barrier.mean)
    threshold = percent(CONNECTED_BELOW, 0)
    rise = f"On the straight line the test error rises at most {percent_spread(barrier)} above the twins' own"
    if barrier.mean <= 0:
        rise = "On the straight line the test error never rises above the twins' own"
    side = "below" if summary.connected else "above"
    sentence = f"{rise}: {percent(gap)} {side} the threshold of {threshold}, {_over(result, barrier.n, pairs)}."
    return Verdict(summary.connected, "Connected" if summary.connected else "Not connected", sentence + _marked(summary.diverged_pairs))


def _over(result: RunResult, measured: int, pairs: int) -> str:
    if pairs == 1:
        return "measured on one pair of twins"
    below = sum(
        not pair.diverged and pair.barriers.test.error is not None and pair.barriers.test.error < CONNECTED_BELOW for pair in result.pairs
    )
    agreement = "all of them below it" if below == measured else "none of them below it" if below == 0 else f"{below} of them below it"
    return f"mean over {counted(measured, 'pair')}, {agreement}"


def _marked(diverged: int) -> str:
    return f" {counted(diverged, 'pair')} diverged ({DIVERGED}) and {'is' if diverged == 1 else 'are'} left out." if diverged else ""
