"""The charts and numbers of a run of twins, drawn once for all who watch it."""

from dataclasses import dataclass, replace

from lmc_core.figures.barrier import barrier
from lmc_core.figures.chart import Trace
from lmc_core.figures.history import history
from lmc_core.figures.interpolation import Measure, interpolation
from lmc_core.figures.spikes import spike_marks, spikes_of_twins
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.runs.outcome import learns, outcome_of
from lmc_core.runs.results import RunResult
from lmc_core.ui.drawn_once import DrawnOnce
from lmc_core.ui.live_chart import Board, Row, board
from lmc_core.ui.made_by import made_by_runs
from lmc_core.ui.markup import tiles
from lmc_core.ui.run_tiles import tiles_of, told_by_twins


@dataclass(frozen=True)
class Drawing:
    """A run at one version: its charts interpolation, barrier, accuracy and loss, and its numbers as HTML."""

    version: str
    board: Board
    tiles: str


_drawings: DrawnOnce[Drawing] = DrawnOnce()


def drawing_of(snapshot: Snapshot, measure: Measure) -> Drawing:
    """The run as it is, or while it trains as it was a moment ago; zoom lasts as long as the run is the same."""
    return _drawings.of(snapshot, measure, lambda: _draw(snapshot, measure))


def is_judged(snapshot: Snapshot) -> bool:
    """Whether the line says if the twins are connected: by the verdict, and while they train by what they have learnt so far."""
    if snapshot.run is not None and isinstance(snapshot.run.result, RunResult):
        return outcome_of(snapshot.run.result, snapshot.run.spec.dataset).connected is not None
    progress = told_by_twins(snapshot)
    newest = progress.history[progress.history["epoch"] == progress.epoch]["test_error"].dropna()
    return snapshot.spec is None or all(learns(1 - error, snapshot.spec.dataset) for error in newest)


def _draw(snapshot: Snapshot, measure: Measure) -> Drawing:
    progress, epochs = told_by_twins(snapshot), snapshot.spec.epochs if snapshot.spec else 1
    judged = is_judged(snapshot)
    charts = [
        interpolation(progress.curves, measure, judged=judged),
        barrier(progress.measurements, epochs, measure, judged=judged),
        history(progress.history, epochs, "accuracy"),
        history(progress.history, epochs, "loss", spikes=_spikes(snapshot)),
    ]
    own = [replace(chart, revision=f"{snapshot.run_id}-{chart.revision}") for chart in charts]
    line, height, accuracy, loss = (made_by_runs(chart, [snapshot.spec]) if snapshot.spec else chart for chart in own)
    drawn = board(Row((line, height), (3, 2)), Row((accuracy, loss), (1, 1)))
    return Drawing(snapshot.version, drawn, tiles(tiles_of(snapshot)))


def _spikes(snapshot: Snapshot) -> list[Trace]:
    """Marks of the spikes of a finished run of twins."""
    run = snapshot.run
    return spike_marks(spikes_of_twins(run.result), run.spec.steps_per_epoch) if run and isinstance(run.result, RunResult) else []
