"""The one verdict on twins, by one rule for every page, file, chart, table and the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.runs.pruning_results import Level, PruneResult
from lmc_core.runs.results import RunResult, as_told, percentage

Word = Literal["connected", "not connected", "learnt nothing", "unstable"]
WORDS: Final[tuple[Word, ...]] = get_args(Word)
TIMES_GUESSING = 2.0
"""A network that ends below so many times the accuracy of guessing has learnt nothing."""

PARTED_NEVER = (
    "The twins never parted: both are the same network, so the line between them is a point. Nothing in training told them apart."
)

RULE = (
    "Unstable: a network of any pair diverged (a loss or a weight is not finite). "
    f"Learnt nothing: a network's test accuracy is below twice that of guessing, or the mean test accuracy is below "
    f"{CONNECTED_BELOW:.0%}, so that a barrier of {CONNECTED_BELOW:.0%} cannot be reached. "
    f"Else connected: the mean test error barrier is below {CONNECTED_BELOW:.0%}."
)
"""How a verdict is reached, in the order in which it is tried."""


@dataclass(frozen=True)
class Outcome:
    """What became of twins in a word, and the sentence that says why."""

    word: Word
    reason: str

    @property
    def connected(self) -> bool | None:
        """Whether the twins are linearly connected; None where their line does not say."""
        return {"connected": True, "not connected": False}.get(self.word)

    @property
    def headline(self) -> str:
        """The word as a title or a table's cell begins with it."""
        return self.word.capitalize()


def guessing(dataset: DatasetName) -> float:
    """The accuracy of guessing among a data set's classes."""
    return 1 / CATALOG[dataset].classes


def learns(accuracy: float, dataset: DatasetName) -> bool:
    """Whether networks of this test accuracy have learnt enough for their barrier to say something."""
    return not _below(accuracy, max(TIMES_GUESSING * guessing(dataset), CONNECTED_BELOW))


def outcome_of(result: RunResult, dataset: DatasetName) -> Outcome:
    """The verdict on a run of twins; what the result's file itself says of it is not looked at.

    Args:
        result: as it was kept, by whichever version of the program.
        dataset: of the run.
    """
    test = result.summary.test
    diverged = max(result.summary.diverged_pairs, sum(pair.diverged for pair in result.pairs))
    ends = [(pair.curves.test.error[0], pair.curves.test.error[-1]) for pair in result.pairs if not pair.diverged]
    faults = _unstable(diverged, len(result.pairs), test.error.mean) or _learnt_nothing(ends, test.accuracy.mean, dataset, "pair")
    return faults or (Outcome("connected", PARTED_NEVER) if never_parted(result) else _by_barrier(test.error.mean))


def never_parted(result: RunResult) -> bool:
    """Whether the twins of every pair are one and the same network, so that their line is a point."""
    return bool(result.pairs) and all(pair.distances.twins.l2 == 0 for pair in result.pairs)


def outcome_of_level(level: Level, dataset: DatasetName) -> Outcome | None:
    """The verdict on the networks of a level of a pruning run.

    None where there is none to give: for networks as pruned, and for single networks that have learnt something.

    Args:
        level: as it was measured, by whichever version of the program.
        dataset: of the run.
    """
    barrier = level.test.error.mean if level.test else None
    noun = "pair" if level.test else "network"
    if fault := _unstable(level.diverged_pairs, len(level.pairs), barrier if level.test else 0.0, noun):
        return fault
    if level.kind == "pruned":
        return None
    ends = [pair.test_error for pair in level.pairs]
    if fault := _learnt_nothing(ends, level.test_accuracy.mean, dataset, noun, _lost(level)):
        return fault
    return _by_barrier(barrier) if level.test else None


def judged(result: RunResult, dataset: DatasetName) -> RunResult:
    """The result with the verdict that its numbers have by this rule."""
    connected = outcome_of(result, dataset).connected
    return result.model_copy(update={"summary": result.summary.model_copy(update={"connected": connected})})


def judged_level(level: Level, dataset: DatasetName) -> Level:
    """The level with the verdict that its numbers have by this rule."""
    outcome = outcome_of_level(level, dataset)
    return level.model_copy(update={"connected": outcome.connected if outcome else None})


def judged_levels(result: PruneResult, dataset: DatasetName) -> PruneResult:
    """The result of a pruning run with the verdicts that its numbers have by this rule."""
    return result.model_copy(update={"levels": [judged_level(level, dataset) for level in result.levels]})


def told_result(result: RunResult | PruneResult, dataset: DatasetName) -> dict[str, object]:
    """A result as it leaves the program: as JSON values, with the verdicts by this rule and, of twins, the word and its reason."""
    if isinstance(result, PruneResult):
        pruned: dict[str, object] = as_told(judged_levels(result, dataset).model_dump(mode="json"))
        return pruned
    outcome = outcome_of(result, dataset)
    return {"outcome": outcome.word, "reason": outcome.reason, **as_told(judged(result, dataset).model_dump(mode="json"))}


def lost_layers(level: Level) -> list[str]:
    """The layers of which no weight is left; one that has lost its biases alone still works."""
    return [name.removesuffix(".weight") for name in level.cut_off if not name.endswith(".bias")]


def _unstable(diverged: int, number: int, barrier: float | None, noun: str = "pair") -> Outcome | None:
    if diverged:
        which = f"The {noun}" if number == 1 else f"{diverged} of {number} {noun}s"
        return Outcome("unstable", f"{which} diverged: a loss or a weight was not finite.")
    return Outcome("unstable", "No line was measured.") if barrier is None else None


def _learnt_nothing(
    errors: Sequence[tuple[float | None, ...]], mean: float | None, dataset: DatasetName, noun: str, lost: str = ""
) -> Outcome | None:
    """The verdict on networks that are no better than guessing, by the test errors of each pair's networks and their mean accuracy."""
    limit, given = TIMES_GUESSING * guessing(dataset), f"guessing gives {100 * guessing(dataset):g}%"
    known = [[1 - error for error in of_pair if error is not None] for of_pair in errors]
    low = [min(of_pair) for of_pair in known if of_pair and _below(min(of_pair), limit)]
    if low and len(errors) == 1:
        owner, be = ("The twins' test accuracies", "are") if noun == "pair" else ("The network's test accuracy", "is")
        return Outcome("learnt nothing", f"{owner} {be} {' and '.join(map(_share, known[0]))}; {given}.{lost}")
    if low:
        which = f"In {len(low)} of {len(errors)} pairs a twin's" if noun == "pair" else f"Of {len(low)} of {len(errors)} networks the"
        below = "below twice that of guessing"
        return Outcome("learnt nothing", f"{which} test accuracy is {below}, {_share(min(low))} at the lowest; {given}.{lost}")
    if mean is not None and _below(mean, limit):
        return Outcome("learnt nothing", f"The mean test accuracy is {_share(mean)}; {given}.{lost}")
    if mean is not None and _below(mean, CONNECTED_BELOW):
        reach = f"a barrier of {CONNECTED_BELOW:.0%} cannot be reached"
        return Outcome("learnt nothing", f"The mean test accuracy is {_share(mean)}, so {reach}; {given}.{lost}")
    return None


def _by_barrier(barrier: float | None) -> Outcome:
    if barrier is None:
        return Outcome("unstable", "No line was measured.")
    word: Word = "connected" if barrier < CONNECTED_BELOW else "not connected"
    side = "below" if word == "connected" else "not below"
    return Outcome(word, f"The mean test error barrier is {_share(barrier)}, {side} {CONNECTED_BELOW:.0%}.")


def _lost(level: Level) -> str:
    names = lost_layers(level)
    return f" No weight is left in {', '.join(names)}." if names else ""


def _below(accuracy: float, limit: float) -> bool:
    """Whether an accuracy, which is one minus an error, is below by more than rounding."""
    return accuracy < limit - 1e-9


def _share(value: float) -> str:
    return percentage(value)
