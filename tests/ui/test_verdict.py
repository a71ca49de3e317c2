import pytest

from lmc_core.connectivity.results import Distances
from lmc_core.experiment import TwinsSpec
from lmc_core.optim.spec import Adam
from lmc_core.runs.results import PairResult, RunResult
from lmc_core.ui.verdict import verdict
from tests.outcomes import guessing
from tests.ui.fake_engine import result_of

SGD_RUN, ADAM_RUN = TwinsSpec(repeats=3), TwinsSpec(repeats=3, optimizer=Adam(lr=0.005))


def test_connected_twins_are_named_so_with_height_threshold_and_number_of_pairs() -> None:
    found = verdict(result_of(SGD_RUN), "digits")
    assert (found.connected, found.headline) == (True, "Connected")
    assert found.sentence == (
        "On the straight line the test error rises at most 0.36 ± 0.11 percentage points above the mean of the twins' own, "
        "below the threshold of 2: mean over 3 pairs, all of them below it."
    )


def test_a_barrier_is_named_so_with_how_far_it_is_over_the_threshold() -> None:
    found = verdict(result_of(ADAM_RUN), "digits")
    assert (found.connected, found.headline) == (False, "Not connected")
    assert "above the mean of the twins' own, not below the threshold of 2: mean over 3 pairs, none of them below it" in found.sentence


def test_pairs_that_disagree_are_counted() -> None:
    result = result_of(SGD_RUN)
    high = result.pairs[0].barriers.test.model_copy(update={"error": 0.05})
    pair = result.pairs[0].model_copy(update={"barriers": result.pairs[0].barriers.model_copy(update={"test": high})})
    assert "2 of them below it" in verdict(result.model_copy(update={"pairs": [pair, *result.pairs[1:]]}), "digits").sentence


def with_pairs(result: RunResult, error: float, apart: float) -> RunResult:
    """The result with a mean barrier, and twins that are so far apart."""
    pairs = [pair.model_copy(update={"distances": distances(pair, apart)}) for pair in result.pairs]
    test = result.summary.test.model_copy(update={"error": result.summary.test.error.model_copy(update={"mean": error})})
    return result.model_copy(update={"pairs": pairs, "summary": result.summary.model_copy(update={"test": test})})


def distances(pair: PairResult, apart: float) -> Distances:
    return pair.distances.model_copy(update={"twins": pair.distances.twins.model_copy(update={"l2": apart})})


def test_a_flat_line_is_said_to_be_flat_and_nothing_else() -> None:
    found = verdict(with_pairs(result_of(TwinsSpec()), 0.0, 1.0), "digits")
    assert found.sentence == (
        "On the straight line the test error never rises above the mean of the twins' own: measured on one pair of twins."
    )


def test_of_twins_that_never_parted_it_is_said_that_they_are_one_network() -> None:
    found = verdict(with_pairs(result_of(TwinsSpec()), 0.0, 0.0), "digits")
    assert (found.connected, found.headline) == (True, "Connected")
    assert found.sentence.startswith("The twins never parted: both are the same network")


def test_where_a_pair_diverged_the_verdict_is_unstable_and_the_others_are_a_number() -> None:
    found = verdict(result_of(ADAM_RUN, diverged=(1,)), "digits")
    assert (found.connected, found.headline) == (None, "Unstable ∗")
    assert found.sentence.startswith("1 of 3 pairs diverged: a loss or a weight was not finite. The 2 other pairs: test error barrier 32.")


@pytest.mark.parametrize(("repeats", "words"), [(1, "The pair diverged: a loss"), (2, "2 of 2 pairs diverged: a loss")])
def test_where_all_diverged_there_is_no_number(repeats: int, words: str) -> None:
    found = verdict(result_of(TwinsSpec(repeats=repeats), diverged=tuple(range(repeats))), "digits")
    assert (found.connected, found.headline) == (None, "Unstable ∗")
    assert found.sentence.startswith(words)
    assert "%" not in found.sentence


def test_of_twins_that_learnt_nothing_no_barrier_is_told() -> None:
    found = verdict(guessing(result_of(SGD_RUN), {0: 0.872}), "digits")
    assert (found.connected, found.headline) == (None, "Learnt nothing")
    assert found.sentence == (
        "In 1 of 3 pairs a twin's test accuracy is below twice that of guessing, 12.80% at the lowest; guessing gives 10%. "
        "Whether the twins are connected cannot be said."
    )


def test_one_pair_is_called_one_pair() -> None:
    assert verdict(result_of(TwinsSpec()), "digits").sentence.endswith("measured on one pair of twins.")
