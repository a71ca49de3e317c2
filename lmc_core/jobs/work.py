"""In a worker process, with torch: load the data, train the runs, hand over arrays."""

import importlib
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, cast

from joblib import Parallel, delayed
from torch import Tensor

from lmc_core.checkpoints.resolve import located
from lmc_core.data.dataset import Dataset
from lmc_core.data.load import load
from lmc_core.experiment import AnySpec, TwinsSpec
from lmc_core.models.spec import MLP
from lmc_core.runs.events import Event
from lmc_core.runs.kinds import AnyResult, kind_of
from lmc_core.runs.store import Weights
from lmc_core.settings import Settings
from lmc_core.training.crew import never
from lmc_core.training.run import train_twins


class Trained(Protocol):
    """What a trainer leaves."""

    @property
    def weights(self) -> Mapping[str, Mapping[str, Tensor]]:
        """The networks, each under the plain module's parameter names."""


class TrainOne(Protocol):
    """A trainer of one run."""

    def __call__(
        self, spec: AnySpec, dataset: Dataset, *, checkpoint: Path, should_stop: Callable[[], bool]
    ) -> Generator[Event, None, Trained]:
        """The run's events."""


class TrainCrew(Protocol):
    """A trainer of several runs as one program."""

    def __call__(
        self, specs: Sequence[AnySpec], dataset: Dataset, *, checkpoints: Sequence[Path], should_stop: Callable[[], bool]
    ) -> Generator[tuple[int, Event], None, Sequence[Trained]]:
        """The runs' events, each with its run's index."""


def train(
    specs: Sequence[AnySpec], data_dir: Path, checkpoints: Sequence[Path], should_stop: Callable[[], bool], tell: Callable[[str], None]
) -> Generator[tuple[int, Event], None, list[Weights]]:
    """The events of runs of one kind on one data set from the data folder, each with its run's index; returns each run's weights.

    Raises:
        Stopped: `should_stop` was true, and the checkpoints were written.
        LMCError: the data or a checkpoint are not to be had, or do not fit, or memory does not suffice.
    """
    specs = [located(spec, data_dir) for spec in specs]
    kind, dataset = kind_of(specs[0]), load(specs[0].dataset, data_dir, tell)
    module, _, function = kind.trainer.partition(":")
    trainer = getattr(importlib.import_module(module), function)
    if kind.in_crews:
        crew = cast("TrainCrew", trainer)
        trained = yield from crew(specs, dataset, checkpoints=checkpoints, should_stop=should_stop)
    else:
        trained = []
        for index, (spec, checkpoint) in enumerate(zip(specs, checkpoints, strict=True)):
            one = cast("TrainOne", trainer)(spec, dataset, checkpoint=checkpoint, should_stop=should_stop)
            trained.append((yield from _of_run(index, one)))
    return [_arrays(run.weights) for run in trained]


def train_all(specs: Sequence[AnySpec], data_dir: Path | None = None, processes: int = 1) -> list[AnyResult]:
    """Train runs of any kinds without queue, cache or server, for a notebook or a script; their results, one for each spec.

    Equal specs are trained once. On a CPU the results are those that the queue's runs have, to the bit.

    Args:
        specs: the runs.
        data_dir: the folder of data sets; LMC_DATA_DIR's, or else the default one.
        processes: how many runs train at a time. 1 trains in this process, more in joblib's.

    Raises:
        LMCError: data or a checkpoint are not to be had, or memory does not suffice.
    """
    folder = data_dir or Settings.from_environment().data_dir
    different = {spec.run_id: spec for spec in specs}
    results = Parallel(n_jobs=processes)(delayed(_result)(spec, folder) for spec in different.values())
    found = dict(zip(different, results, strict=True))
    return [found[spec.run_id] for spec in specs]


def _result(spec: AnySpec, data_dir: Path) -> AnyResult:
    with TemporaryDirectory() as folder:
        events = train([spec], data_dir, [Path(folder)], never, lambda _: None)
        progress = kind_of(spec).progress.of(event for _, event in events)
    assert progress.result is not None  # noqa: S101 # the last event of a training that does not raise is its result
    return progress.result


def _of_run(index: int, events: Generator[Event, None, Trained]) -> Generator[tuple[int, Event], None, Trained]:
    """The events with the index of their run."""
    with closing(events):
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return cast("Trained", end.value)
            yield index, event


def _arrays(weights: Mapping[str, Mapping[str, Tensor]]) -> Weights:
    return {
        network: {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in tensors.items()}
        for network, tensors in weights.items()
    }


def warm() -> None:
    """Train the smallest run once, so that the first real one finds everything imported and touched."""
    spec = TwinsSpec(architecture=MLP(width=4), batch_size=1_437, epochs=1)
    with TemporaryDirectory() as folder:
        for _ in train_twins(spec, load(spec.dataset, Path(folder))):
            pass
