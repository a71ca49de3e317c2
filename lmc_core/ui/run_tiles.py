"""The numbers of a run side by side."""

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.figures.numbers import percent, percent_spread, plain, plain_spread
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.progress import Progress
from lmc_core.runs.results import RunResult
from lmc_core.ui.markup import Tile


def tiles_of(snapshot: Snapshot) -> list[Tile]:
    """The numbers of a run so far, or of its result: barriers, accuracy and distance, as means over pairs."""
    result = snapshot.run.result if snapshot.run is not None else None
    if not isinstance(result, RunResult) or snapshot.run is None:
        return _live_tiles(told_by_twins(snapshot))
    outcome = outcome_of(result, snapshot.run.spec.dataset)
    return _final_tiles(result, outcome.word if outcome.connected is None else "")


def told_by_twins(snapshot: Snapshot) -> Progress:
    """What a run of twins has told; nothing where the run is of another kind."""
    return snapshot.progress if isinstance(snapshot.progress, Progress) else Progress()


def _final_tiles(result: RunResult, failed: str) -> list[Tile]:
    """The numbers of a result; where the networks learnt nothing or were unstable, that word stands below the barriers."""
    test, train = result.summary.test, result.summary.train
    distances = [pair.distances.twins.l2 for pair in result.pairs if not pair.diverged and pair.distances.twins.l2 is not None]
    return [
        Tile(
            "Test error barrier",
            percent(test.error.mean),
            failed or _spread(percent_spread(test.error)) or f"threshold {percent(CONNECTED_BELOW, 0)}",
        ),
        Tile("Train error barrier", percent(train.error.mean), failed or _spread(percent_spread(train.error))),
        Tile(
            "Normalised, test", percent(test.normalized.mean), failed or _spread(percent_spread(test.normalized)) or "share of the accuracy"
        ),
        Tile("Loss barrier, test", plain(test.loss.mean, 3), failed or _spread(plain_spread(test.loss)) or "nats"),
        Tile("Twins' test accuracy", percent(test.accuracy.mean), _spread(percent_spread(test.accuracy)) or "mean of A and B"),
        Tile("Distance A to B", plain(sum(distances) / len(distances) if distances else None, 3), "L2 norm"),
    ]


def _spread(words: str) -> str:
    """The part after the mean, as in: ± 0.10%."""
    return words[words.index("±") :] if "±" in words else ""


def _live_tiles(progress: Progress) -> list[Tile]:
    last = progress.measurements[progress.measurements["epoch"] == progress.measurements["epoch"].max()]
    test, train = (last[last["split"] == split].mean(numeric_only=True) for split in ("test", "train"))
    newest = progress.history[progress.history["epoch"] == progress.epoch]
    accuracy = 1 - newest["test_error"].mean() if len(newest) else None
    return [
        Tile("Test error barrier", percent(test.get("error_barrier")), f"threshold {percent(CONNECTED_BELOW, 0)}"),
        Tile("Train error barrier", percent(train.get("error_barrier"))),
        Tile("Normalised, test", percent(test.get("normalized_barrier")), "share of the accuracy"),
        Tile("Loss barrier, test", plain(test.get("loss_barrier"), 3), "nats"),
        Tile("Twins' test accuracy", percent(accuracy), "mean of A and B"),
        Tile("Distance A to B", plain(test.get("l2"), 3), "L2 norm"),
    ]
