"""The charts and numbers of a pruning run, drawn once for all who watch it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lmc_core.experiment import PruneSpec
from lmc_core.figures.chart import Chart
from lmc_core.figures.kept_ratio import kept_ratio
from lmc_core.figures.layer_density import layer_density
from lmc_core.figures.level_curves import level_curves
from lmc_core.figures.mask_picture import mask_picture
from lmc_core.figures.sparsity import sparsity
from lmc_core.figures.step_loss import step_loss
from lmc_core.figures.tickets import tickets, tickets_over_k
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.plan import phases
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.ui.drawn_once import DrawnOnce
from lmc_core.ui.live_chart import Board, Row, board
from lmc_core.ui.made_by import made_by_runs
from lmc_core.ui.markup import tiles
from lmc_core.ui.pruning_link import Networks, Over
from lmc_core.ui.pruning_look import Look, is_dense
from lmc_core.ui.pruning_tiles import pruning_tiles
from lmc_core.ui.pruning_verdict import failed, level_of
from lmc_core.ui.wording import rewind_words

if TYPE_CHECKING:
    import pandas as pd


HEIGHT = 480
"""Pixels of the open question's charts."""


@dataclass(frozen=True)
class Drawing:
    """Charts of a run at one version, and its numbers as HTML where they stand above the charts."""

    board: Board
    tiles: str = ""


@dataclass(frozen=True)
class Beside:
    """Another run whose moving average of the loss stands beside this one's."""

    run_id: str
    words: str
    progress: PruningProgress


_questions: DrawnOnce[Drawing] = DrawnOnce()
_looks: DrawnOnce[Drawing] = DrawnOnce()


def told_by_pruning(snapshot: Snapshot) -> PruningProgress:
    """What a pruning run has told; nothing where the run is of another kind or has told nothing."""
    return snapshot.progress if isinstance(snapshot.progress, PruningProgress) else PruningProgress()


def question_of(snapshot: Snapshot, spec: PruneSpec, over: Over) -> Drawing:
    """Accuracy and barrier of all levels, over the density with a row for each rewinding point, or over that point."""
    return _questions.of(snapshot, over, lambda: _question(snapshot, spec, over))


def look_of(snapshot: Snapshot, spec: PruneSpec, look: Look, beside: Beside | None) -> Board:
    """One network from within: loss and kept ratio step by step, the curve between its twins, its layers, its mask."""
    choice = look, beside.run_id if beside else None
    return _looks.of(snapshot, choice, lambda: Drawing(board(*_look(snapshot, spec, look, beside)))).board


def _question(snapshot: Snapshot, spec: PruneSpec, over: Over) -> Drawing:
    progress = told_by_pruning(snapshot)
    numbers = tiles(pruning_tiles(spec, progress.levels, progress.parameters))
    levels, history, densities = progress.levels_table(spec.dataset), progress.history, list(spec.pruning.densities)
    if over == "k" and len(spec.rewind_steps) > 1:
        return Drawing(board(Row((_own(snapshot, _over_k(spec, levels)),), (1,))), numbers)
    charts = _over_density(spec, levels, history, densities)
    rows = [tuple(_own(snapshot, chart) for chart in charts[start : start + 2]) for start in range(0, len(charts), 2)]
    shares = (4, 3) if len(charts) == 2 and len(spec.rewind_steps) == 1 else (1, 1)
    return Drawing(board(*(Row(row, shares[: len(row)]) for row in rows)), numbers)


def _over_density(spec: PruneSpec, levels: "pd.DataFrame", history: "pd.DataFrame", densities: list[float]) -> list[Chart]:
    """The open question's chart for each rewinding point, and what pruning alone leaves of the accuracy where the method tells."""
    starts = {step: f"From {rewind_words(spec, step)}" if len(spec.rewind_steps) > 1 else "" for step in spec.rewind_steps}
    first = spec.rewind_steps[0]
    if not spec.pruning.twins:
        return [sparsity(levels, history, densities, step, words, height=HEIGHT) for step, words in starts.items()]
    charts = [tickets(levels, history, densities, step, words, height=HEIGHT) for step, words in starts.items()]
    leaves = any(group.kind == "pruned" for phase in phases(spec) for group in phase.levels)
    if leaves or len(charts) == 1:
        charts.append(sparsity(levels, history, densities, first, starts[first], height=HEIGHT))
    if len(charts) % 2:
        charts.append(_over_k(spec, levels[levels["kind"] != "random"]))
    return charts


def _over_k(spec: PruneSpec, levels: "pd.DataFrame") -> Chart:
    unit = spec.pruning.rewind_unit
    return tickets_over_k(levels, spec.steps_per_epoch if unit == "epochs" else 1, unit, HEIGHT)


def _own(snapshot: Snapshot, chart: Chart) -> Chart:
    """The chart with a zoom that lasts as long as the run is the same."""
    own = replace(chart, revision=f"{snapshot.run_id}-{chart.revision}")
    return made_by_runs(own, [snapshot.spec]) if snapshot.spec else own


def _look(snapshot: Snapshot, spec: PruneSpec, look: Look, beside: Beside | None) -> list[Row]:
    import pandas as pd  # slow to import: only where a run is drawn

    progress, words = told_by_pruning(snapshot), look.words(spec)
    if is_dense(look):
        look = Look(Networks("dense", look.networks.rewind or 0), 1.0)
        words = look.words(spec)
    network = look.networks.kind, look.density, look.networks.rewind
    steps = progress.steps_of(*network)
    other = (beside.progress.steps_of(*network), beside.words) if beside else (None, "")
    level = level_of(progress.levels, *network)
    layers = pd.DataFrame([vars(layer) for layer in level.layers] if level else [], columns=["name", "nonzero", "weights"])
    first = level.layers[0].weights if level and level.layers else 0
    losses = Row((step_loss(steps, words, *other), kept_ratio(steps, words)), (3, 2))
    inside = layer_density(layers, words), mask_picture(level.first_layer if level else [], first, words)
    if spec.pruning.twins and look.networks.kind != "pruned":
        curves = progress.curves
        curves = curves[(curves["kind"] == look.networks.kind) & _same(curves["rewind"], look.networks.rewind)]
        rows = [
            losses,
            Row((level_curves(curves, look.density, words, judged=not (level and failed(level, spec.dataset))), *inside), (4, 4, 3)),
        ]
    else:
        rows = [losses, Row(inside, (3, 2))]
    return [replace(row, charts=tuple(_own(snapshot, chart) for chart in row.charts)) for row in rows]


def _same(rewinds: "pd.Series", rewind: int | None) -> "pd.Series":
    return rewinds.isna() if rewind is None else rewinds == rewind
