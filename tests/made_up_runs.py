"""Events, results and weights of runs that nobody trained: formulas in place of learning, for tests of what carries them."""

from collections.abc import Iterator

import numpy as np

from lmc_core.connectivity.results import Barrier, Barriers, Curve, Curves, Distance, Distances, PairMeasurement
from lmc_core.connectivity.spec import Measurement
from lmc_core.cost.estimates import parameter_count
from lmc_core.experiment import Seeds, TwinsSpec
from lmc_core.models.spec import MLP
from lmc_core.optim.spec import SGD
from lmc_core.runs.events import CurveMeasured, Done, EpochDone, Event, MemberEpoch, Started
from lmc_core.runs.progress import Progress
from lmc_core.runs.results import Environment, PairResult, RunResult, Spread, Summary, SummaryOfSplit, Timing


def made_up_spec(init: int = 0, epochs: int = 3, repeats: int = 1, lr: float = 0.1) -> TwinsSpec:
    """A small run on digits; another `init` makes it another run."""
    return TwinsSpec(
        architecture=MLP(width=4),
        optimizer=SGD(lr=lr),
        epochs=epochs,
        repeats=repeats,
        seeds=Seeds(init=init),
        measurement=Measurement(alphas=3),
    )


def started(spec: TwinsSpec, epoch: int = 0) -> Started:
    return Started(step=epoch * spec.steps_per_epoch, total_steps=spec.total_steps, parameters=parameter_count(spec), engine="made up")


def epoch_events(spec: TwinsSpec, epoch: int) -> Iterator[Event]:
    """What is told when an epoch has ended; the numbers follow from the epoch alone."""
    step = epoch * spec.steps_per_epoch
    if epoch:
        members = [
            MemberEpoch(pair=pair, twin=twin, train_loss=1 / epoch, train_error=0.5 / epoch, test_loss=None, test_error=0.6 / epoch)
            for pair in range(spec.repeats)
            for twin in ("a", "b")
        ]
        yield EpochDone(epoch=epoch, step=step, lr=0.1, members=members, train_seconds=0.1 * epoch)
    yield CurveMeasured(epoch=epoch, step=step, alphas=[0.0, 0.5, 1.0], pairs=[measurement(pair, epoch) for pair in range(spec.repeats)])


def measurement(pair: int, epoch: int) -> PairMeasurement:
    curve = Curve(error=[0.1, 0.1 + 0.01 * epoch, 0.1], loss=[0.2, None, 0.3])
    barrier = Barrier(error=0.01 * epoch, normalized=0.012 * epoch, loss=None, error_chord_gap=0.01 * epoch, loss_chord_gap=None)
    distance = Distance(l2=1.0 * epoch, cosine=0.1 * epoch)
    return PairMeasurement(
        pair=pair,
        curves=Curves(train=curve, test=curve),
        barriers=Barriers(train=barrier, test=barrier),
        distances=Distances(twins=distance, init_a=distance, init_b=distance),
    )


def made_up_result(spec: TwinsSpec) -> RunResult:
    spread = Spread(mean=0.01 * spec.epochs, std=0.0, n=spec.repeats)
    accuracy = Spread(mean=0.9, std=0.0, n=spec.repeats)
    split = SummaryOfSplit(error=spread, normalized=spread, loss=spread, error_chord_gap=spread, loss_chord_gap=spread, accuracy=accuracy)
    return RunResult(
        parameters=parameter_count(spec),
        alphas=[0.0, 0.5, 1.0],
        pairs=[
            PairResult(**measurement(pair, spec.epochs).model_dump(), diverged=False, diverged_at=(None, None))
            for pair in range(spec.repeats)
        ],
        summary=Summary(train=split, test=split, diverged_pairs=0, connected=False),
        timing=Timing(train_seconds=1.0, evaluate_seconds=0.5),
        environment=Environment(device="cpu", processor="none", threads=1, engine="made up", versions={"made up": "1"}, dataset={}),
    )


def events_of(spec: TwinsSpec) -> Iterator[Event]:
    """All events of an uninterrupted run."""
    yield started(spec)
    for epoch in range(spec.epochs + 1):
        yield from epoch_events(spec, epoch)
    yield Done(result=made_up_result(spec))


def progress_of(spec: TwinsSpec) -> Progress:
    return Progress.of(events_of(spec))


def weights_of(spec: TwinsSpec) -> dict[str, dict[str, np.ndarray]]:
    numbers = np.random.default_rng(spec.seeds.init)
    return {
        f"pair{pair}.{network}": {"layers.0.weight": numbers.standard_normal((4, 64), np.float32), "layers.0.bias": np.zeros(4, np.float32)}
        for pair in range(spec.repeats)
        for network in ("init", "a", "b")
    }
