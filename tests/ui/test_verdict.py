import pytest

from lmc_core.spec import Adam, TwinsSpec
from lmc_core.ui.verdict import verdict
from tests.ui.fake_engine import result_of

SGD_RUN, ADAM_RUN = TwinsSpec(repeats=3), TwinsSpec(repeats=3, optimizer=Adam(lr=0.005))


def test_connected_twins_are_named_so_with_height_threshold_and_number_of_pairs() -> None:
    found = verdict(result_of(SGD_RUN))
    assert (found.connected, found.headline) == (True, "Connected")
    assert found.sentence == (
        "On the straight line the test error rises at most 0.36% ± 0.11% above the twins' own: "
        "1.64% below the threshold of 2%, mean over 3 pairs, all of them below it."
    )


def test_a_barrier_is_named_so_with_how_far_it_is_over_the_threshold() -> None:
    found = verdict(result_of(ADAM_RUN))
    assert (found.connected, found.headline) == (False, "Not connected")
    assert "29.80% above the threshold of 2%, mean over 3 pairs, none of them below it" in found.sentence


def test_pairs_that_disagree_are_counted() -> None:
    result = result_of(SGD_RUN)
    high = result.pairs[0].barriers.test.model_copy(update={"error": 0.05})
    pair = result.pairs[0].model_copy(update={"barriers": result.pairs[0].barriers.model_copy(update={"test": high})})
    assert "2 of them below it" in verdict(result.model_copy(update={"pairs": [pair, *result.pairs[1:]]})).sentence


def test_diverged_pairs_carry_the_papers_asterisk_and_are_left_out() -> None:
    found = verdict(result_of(ADAM_RUN, diverged=(1,)))
    assert "mean over 2 pairs" in found.sentence
    assert found.sentence.endswith("1 pair diverged (∗) and is left out.")


@pytest.mark.parametrize(("repeats", "words"), [(1, "Training was unstable: no"), (2, "Training was unstable in all 2 pairs: no")])
def test_where_all_diverged_there_is_no_verdict(repeats: int, words: str) -> None:
    found = verdict(result_of(TwinsSpec(repeats=repeats), diverged=tuple(range(repeats))))
    assert found.connected is None
    assert found.headline == "Diverged ∗"
    assert words in found.sentence


def test_one_pair_is_called_one_pair() -> None:
    assert verdict(result_of(TwinsSpec())).sentence.endswith("measured on one pair of twins.")
