"""Pruning runs for page tests, made of formulas: tickets that keep accuracy and connectivity to 20%, random masks that lose both."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lmc_core.connectivity.results import CONNECTED_BELOW, Curve, Curves
from lmc_core.experiment import PruneSpec
from lmc_core.plan import Group, phases, total_steps
from lmc_core.runs.events import Done, Event, LevelMeasured, NetworkEpoch, NetworksEpoch, PhaseBegun, Started, StepsRecorded
from lmc_core.runs.folder import StoredRun
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.pruning_results import BarriersOfLevel, LayerDensity, Level, PairOfLevel, PruneResult
from lmc_core.runs.results import Environment, Spread, Timing

PARAMETERS, PRUNABLE, SIDE = 38_922, 6_400, 8
LOSES = {"dense": 0.0, "ticket": 0.0, "pruned": 0.03, "random": 0.05, "redrawn": 0.04}
"""How much below the dense network's accuracy a kind is at every density."""


def accuracy(group: Group) -> float:
    return 0.97 - LOSES[group.kind] - (0.1 if group.density < 0.2 else 0.0)


def barrier(group: Group) -> float:
    """Flat down to 20%; later rewinding points have lower ones."""
    return (0.004 if group.density >= 0.2 and group.kind != "random" else 0.09) / (1 + (group.rewind or 0))


def level_of(spec: PruneSpec, group: Group, cut_off: tuple[str, ...] = ()) -> Level:
    twins = len(group.twins) == 2
    height, kept = barrier(group), round(PRUNABLE * group.density)
    error = 1 - accuracy(group)
    curve = Curve(error=[error, error + height, error], loss=[error, error + height, error])
    spread = Spread(mean=height, std=height / 10, n=spec.repeats)
    barriers = BarriersOfLevel(error=spread, normalized=spread, loss=spread) if twins else None
    return Level(
        kind=group.kind,
        density=group.density,
        rewind=group.rewind,
        nonzero=(kept,) * spec.repeats,
        prunable=PRUNABLE,
        layers=[LayerDensity(name="layers.0.weight", nonzero=0 if cut_off else kept, weights=PRUNABLE)],
        cut_off=list(cut_off),
        first_layer=[[kept // SIDE**2] * SIDE] * SIDE,
        train_accuracy=Spread(mean=accuracy(group) + 0.02, std=0.001, n=spec.repeats),
        test_accuracy=Spread(mean=accuracy(group), std=0.002, n=spec.repeats),
        train=barriers,
        test=barriers,
        connected=height < CONNECTED_BELOW if twins else None,
        diverged_pairs=0,
        pairs=[
            PairOfLevel(
                pair=pair,
                train_error=(0.01,) * len(group.twins),
                test_error=(error,) * len(group.twins),
                curves=Curves(train=curve, test=curve) if twins else None,
                barriers=(height, height) if twins else None,
                diverged_at=(None,) * len(group.twins),
            )
            for pair in range(spec.repeats)
        ],
    )


def pruning_events(spec: PruneSpec, epochs: int, cut_off: float | None = None) -> Iterator[Event]:
    """What a run tells up to so many epochs of its phases, one after the other; tickets of `cut_off` have lost their first layer."""
    yield Started(step=0, total_steps=total_steps(spec), parameters=PARAMETERS, engine="formula")
    step, told = 0, 0
    for number, phase in enumerate(phases(spec)):
        if told == epochs:
            return
        yield PhaseBegun(phase=number, phases=len(phases(spec)), step=step, text=phase.text, members=2)
        length = spec.epochs - phase.begins // spec.steps_per_epoch
        for epoch in range(1, min(length, epochs - told) + 1):
            yield from _epoch(spec, number, phase.groups, epoch, step)
            step += spec.steps_per_epoch
        told += min(length, epochs - told)
        if epoch == length:
            for group in phase.levels:
                gone = ("layers.0.weight",) if group.kind == "ticket" and group.density == cut_off else ()
                yield LevelMeasured(step=step, level=level_of(spec, group, gone))


def _epoch(spec: PruneSpec, number: int, groups: tuple[Group, ...], epoch: int, step: int) -> Iterator[Event]:
    steps = range((epoch - 1) * spec.steps_per_epoch, epoch * spec.steps_per_epoch)
    for group in groups:
        yield StepsRecorded(
            phase=number,
            kind=group.kind,
            density=group.density,
            rewind=group.rewind,
            first=steps[0],
            loss=[2 * math.exp(-at / 20) + 0.1 for at in steps],
            scheduled=[group.density for _ in steps],
            kept=[group.density if at % 10 == 0 else 1.0 for at in steps],
            masked=[at % 10 == 0 for at in steps],
        )
    networks = [
        NetworkEpoch(
            kind=group.kind,
            density=group.density,
            rewind=group.rewind,
            pair=pair,
            twin=twin,
            train_loss=1 / epoch,
            train_error=0.5 / epoch,
        )
        for group in groups
        for pair in range(spec.repeats)
        for twin in group.twins
    ]
    yield NetworksEpoch(phase=number, epoch=epoch, step=step + spec.steps_per_epoch, lr=0.1, networks=networks, train_seconds=0.1 * epoch)


def all_epochs(spec: PruneSpec) -> int:
    """Epochs of all phases."""
    return total_steps(spec) // spec.steps_per_epoch


def finished_pruning(spec: PruneSpec, cut_off: float | None = None) -> PruningProgress:
    told = list(pruning_events(spec, all_epochs(spec), cut_off))
    result = PruneResult(
        parameters=PARAMETERS,
        prunable=PRUNABLE,
        alphas=[0.0, 0.5, 1.0],
        levels=[event.level for event in told if isinstance(event, LevelMeasured)],
        timing=Timing(train_seconds=2.1, evaluate_seconds=0.4),
        environment=Environment(
            device="cpu",
            processor="A processor",
            threads=2,
            engine="formula",
            versions={"torch": "2.14.1", "numpy": "2.4.6"},
            dataset={"sha256": "0" * 64, "mean": [0.3]},
        ),
    )
    return PruningProgress.of([*told, Done(result=result)])


def stored_pruning(spec: PruneSpec, shipped: bool = False, cut_off: float | None = None) -> StoredRun:
    """A finished run as the store would read it."""
    progress = finished_pruning(spec, cut_off)
    assert progress.result is not None
    return StoredRun(
        run_id=spec.run_id,
        spec=spec,
        result=progress.result,
        tables={name: getattr(progress, name) for name in PruningProgress.tables},
        created=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        command="python -m lmc_core prune --set epochs=20",
        hardware="cpu; made up; 2 threads",
        versions={"torch": "2.14.1"},
        reread=lambda name: getattr(progress, name),
        path=Path("nowhere"),
        shipped=shipped,
        weights=("pair0.dense",),
    )
