"""Events, results and weights of pruning runs that nobody trained: formulas in place of learning."""

from collections.abc import Iterator, Sequence

import numpy as np

from lmc_core.connectivity.results import Curve, Curves
from lmc_core.connectivity.spec import Measurement
from lmc_core.cost.estimates import parameter_count
from lmc_core.experiment import PruneSpec, Seeds
from lmc_core.models.spec import MLP
from lmc_core.optim.spec import SGD
from lmc_core.plan import LevelKind
from lmc_core.pruning.spec import Magnitude
from lmc_core.runs.events import Done, Event, LevelMeasured, NetworkEpoch, NetworksEpoch, PhaseBegun, Started, StepsRecorded
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.pruning_results import BarriersOfLevel, LayerDensity, Level, PairOfLevel, PruneResult
from lmc_core.runs.results import Environment, Spread, Timing

PRUNABLE = 4 * 64


def made_up_pruning(init: int = 0, epochs: int = 3, repeats: int = 1, lr: float = 0.1, **pruning: object) -> PruneSpec:
    """A small pruning run on digits; another `init` makes it another run."""
    return PruneSpec(
        architecture=MLP(width=4),
        optimizer=SGD(lr=lr),
        epochs=epochs,
        repeats=repeats,
        seeds=Seeds(init=init),
        measurement=Measurement(alphas=3),
        pruning=Magnitude.model_validate({"densities": (0.5, 0.2)} | pruning),
    )


def total_steps(spec: PruneSpec) -> int:
    """Two phases: the networks that are pruned, and the tickets."""
    return 2 * spec.total_steps


def pruning_started(spec: PruneSpec, epoch: int = 0) -> Started:
    """Training begins, or goes on, after so many epochs of both phases together."""
    return Started(step=epoch * spec.steps_per_epoch, total_steps=total_steps(spec), parameters=parameter_count(spec), engine="made up")


def networks_of(spec: PruneSpec, phase: int) -> list[tuple[LevelKind, float, int | None, int, str]]:
    """Kind, density, rewinding point, repeat and twin of the networks that train in a phase."""
    levels: list[tuple[LevelKind, float, int | None]] = [("dense", 1.0, 0)]
    if phase == 1:
        levels = [("ticket", density, step) for step in spec.rewind_steps for density in spec.pruning.densities]
    return [(*level, pair, twin) for level in levels for pair in range(spec.repeats) for twin in "ab"]


def phase_epoch(spec: PruneSpec, epoch: int) -> Iterator[Event]:
    """What is told when an epoch, counted over both phases, has ended; the numbers follow from the epoch alone."""
    if epoch == 0:
        return
    phase, own = (0, epoch) if epoch <= spec.epochs else (1, epoch - spec.epochs)
    step = epoch * spec.steps_per_epoch
    if own == 1:
        yield PhaseBegun(phase=phase, phases=2, step=step - spec.steps_per_epoch, text=f"part {phase + 1}", members=2)
    networks = networks_of(spec, phase)
    kind, density, rewind, _, _ = networks[0]
    steps = range(spec.steps_per_epoch)
    yield StepsRecorded(
        phase=phase,
        kind=kind,
        density=density,
        rewind=rewind,
        first=(own - 1) * spec.steps_per_epoch,
        loss=[None if step == 1 else 1 / (1 + step) for step in steps],
        scheduled=[density for _ in steps],
        kept=[density for _ in steps],
        masked=[step % 10 == 0 for step in steps],
    )
    yield NetworksEpoch(
        phase=phase,
        epoch=own,
        step=step,
        lr=0.1,
        networks=[
            NetworkEpoch(kind=kind, density=density, rewind=rewind, pair=pair, twin=twin, train_loss=1 / own, train_error=0.5 / own)
            for kind, density, rewind, pair, twin in networks
        ],
        train_seconds=0.1 * epoch,
    )
    if own == spec.epochs:
        for level in made_up_levels(spec, phase):
            yield LevelMeasured(step=step, level=level)


def made_up_levels(spec: PruneSpec, phase: int) -> Sequence[Level]:
    """What is measured at the end of a phase."""
    if phase == 0:
        pruned = [made_up_level(spec, "pruned", density, None) for density in spec.pruning.densities]
        return [made_up_level(spec, "dense", 1.0, 0), *pruned]
    return [made_up_level(spec, "ticket", density, step) for step in spec.rewind_steps for density in spec.pruning.densities]


def made_up_level(spec: PruneSpec, kind: LevelKind, density: float, rewind: int | None) -> Level:
    twins = kind != "pruned"
    curve = Curve(error=[0.1, 0.2, 0.1], loss=[0.2, None, 0.3])
    spread = Spread(mean=0.1, std=0.0, n=spec.repeats)
    barriers = BarriersOfLevel(error=spread, normalized=spread, loss=spread) if twins else None
    kept = round(PRUNABLE * density)
    return Level(
        kind=kind,
        density=density,
        rewind=rewind,
        nonzero=(kept,) * spec.repeats,
        prunable=PRUNABLE,
        layers=[LayerDensity(name="layers.0.weight", nonzero=kept, weights=PRUNABLE)],
        cut_off=[],
        first_layer=[[4] * 8] * 8,
        train_accuracy=Spread(mean=0.9 + 0.05 * density, std=0.01, n=spec.repeats),
        test_accuracy=Spread(mean=0.8 + 0.05 * density, std=0.02, n=spec.repeats),
        train=barriers,
        test=barriers,
        connected=False if twins else None,
        diverged_pairs=0,
        pairs=[
            PairOfLevel(
                pair=pair,
                train_error=(0.1, 0.1) if twins else (0.1,),
                test_error=(0.2, 0.2) if twins else (0.2,),
                curves=Curves(train=curve, test=curve) if twins else None,
                barriers=(0.1, 0.1) if twins else None,
                diverged_at=(None, None) if twins else (None,),
            )
            for pair in range(spec.repeats)
        ],
    )


def made_up_prune_result(spec: PruneSpec) -> PruneResult:
    return PruneResult(
        parameters=parameter_count(spec),
        prunable=PRUNABLE,
        alphas=[0.0, 0.5, 1.0],
        levels=[*made_up_levels(spec, 0), *made_up_levels(spec, 1)],
        timing=Timing(train_seconds=1.0, evaluate_seconds=0.5),
        environment=Environment(device="cpu", processor="none", threads=1, engine="made up", versions={"made up": "1"}, dataset={}),
    )


def pruning_events(spec: PruneSpec) -> Iterator[Event]:
    """All events of an uninterrupted run."""
    yield pruning_started(spec)
    for epoch in range(1, 2 * spec.epochs + 1):
        yield from phase_epoch(spec, epoch)
    yield Done(result=made_up_prune_result(spec))


def pruning_progress_of(spec: PruneSpec) -> PruningProgress:
    return PruningProgress.of(pruning_events(spec))


def pruned_weights(spec: PruneSpec) -> dict[str, dict[str, np.ndarray]]:
    numbers = np.random.default_rng(spec.seeds.init)
    mask = {"layers.0.weight": (np.arange(PRUNABLE).reshape(4, 64) % 2).astype(np.uint8)}
    dense = {"layers.0.weight": numbers.standard_normal((4, 64), np.float32), "layers.0.bias": np.zeros(4, np.float32)}
    ticket = dense | {"layers.0.weight": dense["layers.0.weight"] * mask["layers.0.weight"]}
    return {"pair0.init": dense, "pair0.dense": dense, "level3.pair0.a": ticket, "level3.pair0.b": ticket, "level3.pair0.mask": mask}
