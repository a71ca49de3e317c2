"""The charts of two runs that are compared, drawn once for all who watch them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lmc_core.experiment import AnySpec, PruneSpec
from lmc_core.figures.both_lines import both_lines
from lmc_core.figures.both_tickets import OriginLevels, both_pruned, both_tickets
from lmc_core.figures.both_trainings import both_trainings
from lmc_core.figures.chart import Chart
from lmc_core.figures.density import density_words
from lmc_core.figures.instability import instability
from lmc_core.figures.origins import OriginTwins
from lmc_core.figures.step_loss import step_loss
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.studies.fine_tuning import ORIGIN_WORDS, Origin
from lmc_core.ui.drawn_once import DrawnOnce
from lmc_core.ui.live_chart import Board, Row, board
from lmc_core.ui.made_by import made_by_runs
from lmc_core.ui.pruning_drawing import told_by_pruning
from lmc_core.ui.run_drawing import is_judged
from lmc_core.ui.run_tiles import told_by_twins

Snapshots = Mapping[Origin, Snapshot]


@dataclass(frozen=True)
class Drawing:
    """The charts at one version."""

    board: Board


_drawings: DrawnOnce[Drawing] = DrawnOnce()


def both_drawn(snapshots: Snapshots, spec: AnySpec) -> Board:
    """The runs as they are, or while they train as they were a moment ago.

    Args:
        snapshots: of the runs that are known.
        spec: of one of them; the other differs in nothing but its start.
    """
    going = [snapshot for snapshot in snapshots.values() if not snapshot.ended]
    together = replace(
        next(iter(going or snapshots.values())),
        run_id=" ".join(snapshot.run_id for snapshot in snapshots.values()),
        version=" ".join(snapshot.version for snapshot in snapshots.values()),
    )
    return _drawings.of(together, None, lambda: Drawing(_draw(snapshots, spec))).board


def _draw(snapshots: Snapshots, spec: AnySpec) -> Board:
    rows = _pruning(snapshots, spec) if isinstance(spec, PruneSpec) else _twins(snapshots, spec.epochs)
    marked = "-".join(snapshot.run_id for snapshot in snapshots.values())
    specs = [snapshot.spec for snapshot in snapshots.values() if snapshot.spec is not None]

    def own(chart: Chart) -> Chart:
        return made_by_runs(replace(chart, revision=f"{marked}-{chart.revision}"), specs)

    return board(*(replace(row, charts=tuple(map(own, row.charts))) for row in rows))


def _twins(snapshots: Snapshots, epochs: int) -> list[Row]:
    told = {origin: told_by_twins(snapshot) for origin, snapshot in snapshots.items()}
    runs = [
        OriginTwins(origin, progress.curves, progress.measurements, progress.history, is_judged(snapshots[origin]))
        for origin, progress in told.items()
    ]
    return [
        Row((both_lines(runs, "error"), both_lines(runs, "loss")), (1, 1)),
        Row((instability(runs, epochs), both_trainings(runs, epochs, "accuracy"), both_trainings(runs, epochs, "loss")), (1, 1, 1)),
    ]


def _pruning(snapshots: Snapshots, spec: PruneSpec) -> list[Row]:
    densities = list(spec.pruning.densities)
    runs = [OriginLevels(origin, told_by_pruning(snapshot).levels_table(spec.dataset)) for origin, snapshot in snapshots.items()]
    losses = tuple(_loss(origin, snapshot, densities[0]) for origin, snapshot in snapshots.items())
    below = Row(losses, (1,) * len(losses))
    if spec.pruning.twins:
        return [Row((both_tickets(runs, densities), both_pruned(runs, densities)), (4, 3)), below]
    return [Row((both_pruned(runs, densities, 440),), (1,)), below]


def _loss(origin: Origin, snapshot: Snapshot, density: float) -> Chart:
    """The loss of each step of the training in which a network is pruned: what oscillates in the blog."""
    words = f"{ORIGIN_WORDS[origin]}, pruned to {density_words(density)}"
    chart = step_loss(told_by_pruning(snapshot).steps_of("pruned", density, None), words, height=300)
    return replace(chart, name=f"{chart.name}-{origin}", revision=f"{chart.revision}-{origin}")
