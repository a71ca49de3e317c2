"""Results and levels whose networks end where a test wants them to, as a measurement would have them."""

from collections.abc import Mapping

from lmc_core.connectivity.results import Curve, Curves
from lmc_core.runs.pruning_results import Level
from lmc_core.runs.results import PairResult, RunResult, Spread


def guessing(result: RunResult, errors: Mapping[int, float]) -> RunResult:
    """The result with another test error at the end of twin B's training in some pairs; the mean accuracy follows."""
    pairs = [_ending(pair, errors[pair.pair]) if pair.pair in errors else pair for pair in result.pairs]
    ends = [1 - (pair.curves.test.error[0] + pair.curves.test.error[-1]) / 2 for pair in pairs]  # type: ignore[operator]
    accuracy = Spread(mean=sum(ends) / len(ends), std=0.0, n=len(ends))
    test = result.summary.test.model_copy(update={"accuracy": accuracy})
    return result.model_copy(update={"pairs": pairs, "summary": result.summary.model_copy(update={"test": test})})


def _ending(pair: PairResult, error: float) -> PairResult:
    test = pair.curves.test
    curve = Curve(error=[*test.error[:-1], error], loss=test.loss)
    return pair.model_copy(update={"curves": Curves(train=pair.curves.train, test=curve)})


def level_with(level: Level, accuracy: float | None, barrier: float | None, diverged: int = 0) -> Level:
    """The level with this test accuracy in every network and this test error barrier; a barrier of None takes the twins away."""
    error = None if accuracy is None else 1 - accuracy
    pairs = [pair.model_copy(update={"test_error": tuple(error for _ in pair.test_error)}) for pair in level.pairs]
    spread = Spread(mean=barrier, std=0.0, n=len(pairs))
    test = None if barrier is None or level.test is None else level.test.model_copy(update={"error": spread})
    more = {"train": None} if test is None else {}
    accuracies = Spread(mean=accuracy, std=0.0, n=len(pairs))
    return level.model_copy(update={"test_accuracy": accuracies, "test": test, "pairs": pairs, "diverged_pairs": diverged, **more})
