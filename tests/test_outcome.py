"""The one verdict on twins: four outcomes by one rule, whatever a result's own file says."""

import json

import pytest

from lmc_core.command_line.twins import percent as command_line_percent
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.numbers import percent
from lmc_core.optim.spec import Adam
from lmc_core.plan import Group
from lmc_core.runs.outcome import RULE, WORDS, judged, judged_level, learns, outcome_of, outcome_of_level, told_result
from lmc_core.runs.pruning_results import Level
from lmc_core.runs.results import RunResult, Spread, percentage
from lmc_core.sweeps.latex import _percent as latex_percent
from tests.made_up_pruning import made_up_pruning
from tests.outcomes import guessing, level_with
from tests.ui import fake_pruning
from tests.ui.fake_engine import result_of

SGD_RUN, ADAM_RUN = TwinsSpec(repeats=3), TwinsSpec(repeats=3, optimizer=Adam(lr=0.005))
PRUNING = made_up_pruning(repeats=2)


def with_test(result: RunResult, **spreads: float | None) -> RunResult:
    changed = {name: Spread(mean=mean, std=0.0, n=len(result.pairs)) for name, mean in spreads.items()}
    test = result.summary.test.model_copy(update=changed)
    return result.model_copy(update={"summary": result.summary.model_copy(update={"test": test})})


def level(kind: str, accuracy: float | None, barrier: float | None, diverged: int = 0, cut_off: tuple[str, ...] = ()) -> Level:
    made = fake_pruning.level_of(PRUNING, Group(kind, 0.2, 0, ("a",) if kind == "pruned" else ("a", "b")), cut_off)  # type: ignore[arg-type]
    return level_with(made, accuracy, barrier, diverged)


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (result_of(SGD_RUN), "connected"),
        (result_of(ADAM_RUN), "not connected"),
        (result_of(SGD_RUN, diverged=(1,)), "unstable"),
        (result_of(ADAM_RUN, diverged=(0, 1, 2)), "unstable"),
        (guessing(result_of(SGD_RUN), {1: 0.9}), "learnt nothing"),
        (guessing(result_of(SGD_RUN), {1: 0.801}), "learnt nothing"),
        (guessing(result_of(SGD_RUN), {1: 0.8}), "connected"),
        (guessing(result_of(ADAM_RUN), {0: 0.9, 1: 0.9, 2: 0.9}), "learnt nothing"),
        (with_test(result_of(SGD_RUN), error=0.0199), "connected"),
        (with_test(result_of(SGD_RUN), error=0.02), "not connected"),
    ],
)
def test_each_result_has_one_of_four_outcomes(result: RunResult, word: str) -> None:
    outcome = outcome_of(result, "digits")
    assert outcome.word == word
    assert outcome.word in WORDS
    assert outcome.connected == {"connected": True, "not connected": False}.get(word)
    assert outcome.headline.lower() == word


@pytest.mark.parametrize("claimed", [True, False, None])
def test_what_a_result_s_file_says_of_connectivity_is_not_believed(claimed: bool | None) -> None:
    for result in (result_of(SGD_RUN), guessing(result_of(SGD_RUN), {0: 0.9})):
        told = result.model_copy(update={"summary": result.summary.model_copy(update={"connected": claimed})})
        assert outcome_of(told, "digits") == outcome_of(result, "digits")
        assert judged(told, "digits").summary.connected == outcome_of(result, "digits").connected
    whole = level("ticket", 0.102, 0.0)
    assert judged_level(whole.model_copy(update={"connected": claimed}), "digits").connected is None


def test_the_reason_says_how_many_pairs_the_accuracy_and_what_guessing_gives() -> None:
    assert outcome_of(guessing(result_of(SGD_RUN), {0: 0.9, 2: 0.88}), "digits").reason == (
        "In 2 of 3 pairs a twin's test accuracy is below twice that of guessing, 10.00% at the lowest; guessing gives 10%."
    )
    one = guessing(result_of(TwinsSpec()), {0: 0.872})
    assert outcome_of(one, "digits").reason.endswith("% and 12.80%; guessing gives 10%.")
    assert outcome_of(result_of(SGD_RUN, diverged=(1,)), "digits").reason == "1 of 3 pairs diverged: a loss or a weight was not finite."
    assert outcome_of(result_of(SGD_RUN), "digits").reason == "The mean test error barrier is 0.36%, below 2%."


@pytest.mark.parametrize(("dataset", "guess"), [("digits", "10%"), ("cifar100", "1%"), ("tiny_imagenet", "0.5%")])
def test_guessing_is_among_the_classes_of_the_data_set(dataset: DatasetName, guess: str) -> None:
    chance = 1 / CATALOG[dataset].classes
    result = guessing(result_of(SGD_RUN), {0: 1 - 1.99 * chance})
    assert outcome_of(result, dataset).reason.endswith(f"guessing gives {guess}.")


def test_below_an_accuracy_of_2_percent_a_barrier_of_2_percent_cannot_be_reached_and_that_is_said() -> None:
    result = guessing(result_of(SGD_RUN), dict.fromkeys(range(3), 0.985))
    low = [pair.model_copy(update={"curves": pair.curves.model_copy(update={"test": pair.curves.test.model_copy(
        update={"error": [0.985] * len(pair.curves.test.error)})})}) for pair in result.pairs]  # fmt: skip
    found = outcome_of(with_test(result.model_copy(update={"pairs": low}), accuracy=0.015, error=0.0), "tiny_imagenet")
    assert found.word == "learnt nothing"
    assert found.reason == "The mean test accuracy is 1.50%, so a barrier of 2% cannot be reached; guessing gives 0.5%."
    assert not learns(0.015, "tiny_imagenet")
    assert learns(0.02, "tiny_imagenet")


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (level("ticket", 0.9, 0.01), "connected"),
        (level("ticket", 0.9, 0.02), "not connected"),
        (level("ticket", 0.103, 0.0), "learnt nothing"),
        (level("ticket", 0.103, 0.3), "learnt nothing"),
        (level("ticket", 0.9, 0.0, diverged=1), "unstable"),
        (level("ticket", 0.103, 0.0, diverged=1), "unstable"),
        (level("random", 0.103, 0.0), "learnt nothing"),
        (level("dense", 0.103, 0.0), "learnt nothing"),
        (level("dense", 0.9, None), None),
        (level("ticket", 0.103, None), "learnt nothing"),
        (level("pruned", 0.9, None), None),
        (level("pruned", 0.103, None), None),
        (level("pruned", None, None, diverged=1), "unstable"),
    ],
)
def test_a_level_of_a_pruning_run_is_judged_by_the_same_rule(found: Level, word: str | None) -> None:
    outcome = outcome_of_level(found, "digits")
    assert (outcome.word if outcome else None) == word


def test_a_level_that_lost_a_layer_says_so() -> None:
    outcome = outcome_of_level(level("ticket", 0.103, 0.0, cut_off=("layers.0.weight", "layers.0.bias")), "digits")
    assert outcome is not None
    assert outcome.reason.endswith("guessing gives 10%. No weight is left in layers.0.")


def test_the_rule_is_told_in_the_words_of_its_outcomes() -> None:
    assert all(word.removeprefix("not ") in RULE.lower() for word in WORDS)


def test_a_share_that_is_a_half_reads_the_same_in_every_output() -> None:
    below = 0.03975 - 1e-17
    spread = Spread(mean=below, std=0.00725, n=2)
    assert percentage(below) == "3.98%"
    assert percent(below) == "3.98%"
    assert command_line_percent(spread) == "3.98% ± 0.73"
    assert latex_percent(spread) == r"3.98 $\pm$ 0.73"


@pytest.mark.parametrize(("repeats", "known"), [(1, False), (2, True)])
def test_a_single_pair_leaves_the_program_without_a_standard_deviation_and_with_its_verdict(repeats: int, known: bool) -> None:
    result = result_of(TwinsSpec(epochs=3, repeats=repeats))
    told, outcome = json.loads(json.dumps(told_result(result, "digits"))), outcome_of(result, "digits")
    assert (told["summary"]["test"]["error"]["std"] is not None) == known
    assert (told["outcome"], told["reason"]) == (outcome.word, outcome.reason)
