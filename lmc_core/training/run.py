"""The one training loop: a generator that trains pairs of twins, measures the line between them and tells what happens."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from lmc_core.cores import Cores
from lmc_core.data.catalog import CATALOG
from lmc_core.data.dataset import Dataset
from lmc_core.data.subset import first
from lmc_core.errors import Stopped
from lmc_core.events import CurveMeasured, Diverged, Done, EpochDone, Event, Notice, Started, StepsDone
from lmc_core.models import initialise
from lmc_core.models.stacked import Samples, stacked
from lmc_core.results import PairMeasurement, Timing
from lmc_core.spec import TwinsSpec
from lmc_core.training import memory
from lmc_core.training.checkpoint import Checkpoint, DamagedCheckpointError, Standing
from lmc_core.training.cohort import ALIVE, Cohort
from lmc_core.training.device import device_of, engine_of, environment_of
from lmc_core.training.execution import Execution, Task, execution_of
from lmc_core.training.member import members_of
from lmc_core.training.optimizer import optimizer_of
from lmc_core.training.report import TWINS, Report
from lmc_core.training.schedule import learning_rate

SEGMENT_SECONDS = 0.2
"""Time between two looks at whether to stop."""
SIGN_OF_LIFE_SECONDS = 0.5
"""Time between two StepsDone inside a long epoch, at least."""


@dataclass(frozen=True)
class TrainedTwins:
    """The weights of a finished run, as `build(spec)` loads them, under "pair0.init", "pair0.a", "pair0.b" and so on."""

    weights: dict[str, dict[str, Tensor]]


def never() -> bool:
    """Nobody asks to stop."""
    return False


def train_twins(
    spec: TwinsSpec,
    dataset: Dataset,
    *,
    device: str | None = None,
    checkpoint: Path | None = None,
    should_stop: Callable[[], bool] = never,
    threads: int | None = None,
    checkpoint_seconds: float = 10.0,
) -> Generator[Event, None, TrainedTwins]:
    """Trains and measures the spec's pairs; yields events, Done as the last, and returns the final weights.

    On a CPU the same spec on the same machine gives the same bits, whatever `threads` is and however often it was
    interrupted.

    Args:
        spec: the experiment.
        dataset: all catalogued images, or the part of them that is there.
        device: instead of the spec's.
        checkpoint: a folder; the state is written there as training goes on, and read from there if one is.
        should_stop: asked about five times a second, from the thread that iterates.
        threads: cores to use on a CPU; all that the process may use where it is None.
        checkpoint_seconds: between two writes, at least.

    Raises:
        LMCError: no such device, too few images, out of memory, a disk that cannot be written.
        Stopped: `should_stop` said so; the state is in the checkpoint.
    """
    with memory.refusals_told(spec), Cores(device_of(spec, device), threads) as cores:
        kept = None if checkpoint is None else Checkpoint(checkpoint, checkpoint_seconds)
        training = _Training(spec, first(dataset, spec.train_samples), cores, kept, should_stop)
        yield from training.events()
        return training.weights()


class _Training:
    """A run between two events."""

    def __init__(
        self, spec: TwinsSpec, dataset: Dataset, cores: Cores, checkpoint: Checkpoint | None, should_stop: Callable[[], bool]
    ) -> None:
        self._spec = spec
        self._dataset = dataset
        self._cores = cores
        self._checkpoint = checkpoint
        self._should_stop = should_stop
        self._net = stacked(spec)
        self._optimizer = optimizer_of(spec.optimizer)
        memory.check(spec, memory.needed(spec, self._net, self._optimizer, cores), cores.device)
        train, test = Samples(self._net, dataset, "train", cores.device), Samples(self._net, dataset, "test", cores.device)
        self._inits = [self._net.layout.pack(initialise(spec, pair)).to(cores.device) for pair in range(spec.repeats)]
        self._report = Report(spec, self._inits, train, test, cores, self._stop_if_asked)
        self._task = Task(
            net=self._net,
            samples=train,
            optimizer=self._optimizer,
            schedule=spec.schedule.name,
            batch_size=spec.batch_size,
            total_steps=spec.total_steps,
            side=CATALOG[spec.dataset].side,
        )
        self._parted = spec.spawn_step == 0
        self._cohort = self._begin()
        self._step = 0
        self._reported = False
        self._train_seconds = 0.0
        self._evaluate_seconds = 0.0
        self._segment = 1
        self._told = time.monotonic()
        self._pairs: list[PairMeasurement] = []

    def events(self) -> Iterator[Event]:
        """Everything from Started to Done."""
        spec = self._spec
        yield from self._restore()
        engine = engine_of(spec, self._cores)
        yield Started(step=self._step, total_steps=spec.total_steps, parameters=self._net.layout.parameters, engine=engine)
        execution = execution_of(self._task, self._cohort, self._cores)
        while True:
            if self._step % spec.steps_per_epoch == 0 and not self._reported:
                yield from self._epoch_events()
                self._reported = True
            if self._step == spec.total_steps:
                break
            if self._checkpoint is not None and self._checkpoint.due:
                self._write()
            self._stop_if_asked()
            if self._step == spec.spawn_step and not self._parted:
                self._cohort, self._parted = self._cohort.forked(members_of(spec, "b")), True
                execution = execution_of(self._task, self._cohort, self._cores)
            yield from self._advance(execution)
        timing = Timing(train_seconds=self._train_seconds, evaluate_seconds=self._evaluate_seconds)
        environment = environment_of(spec, self._dataset, self._cores)
        yield Done(result=self._report.result(self._cohort, self._pairs, timing, environment))

    def weights(self) -> TrainedTwins:
        """Initialisation and twins of every pair."""
        unpack, rows = self._net.layout.unpack, self._cohort.parameters
        found = {f"pair{pair}.init": unpack(init) for pair, init in enumerate(self._inits)}
        for pair in range(self._spec.repeats):
            found |= {f"pair{pair}.{twin}": unpack(rows[self._cohort.row_of(pair, twin)]) for twin in TWINS}
        return TrainedTwins(found)

    def _begin(self) -> Cohort:
        members = [*members_of(self._spec, "a"), *(members_of(self._spec, "b") if self._parted else ())]
        return Cohort.begin(members, [self._inits[member.pair] for member in members], self._optimizer)

    def _advance(self, execution: Execution) -> Iterator[Event]:
        """Some steps of one epoch, as many as take about a segment's time."""
        spec, before = self._spec, self._cohort.diverged_at.tolist()
        if self._step % spec.steps_per_epoch == 0:
            self._cohort.begin_epoch()
        ends = [self._step + self._segment, self._step - self._step % spec.steps_per_epoch + spec.steps_per_epoch]
        if not self._parted:
            ends.append(spec.spawn_step)
        begun, last = time.monotonic(), min(ends)
        execution.advance(self._step, last)
        at_epoch_end = last % spec.steps_per_epoch == 0
        if at_epoch_end:
            self._cohort.freeze_where_not_finite(last - 1)
        after = self._cohort.diverged_at.tolist()
        took = time.monotonic() - begun
        self._train_seconds += took
        self._segment = max(1, min(2 * self._segment, int((last - self._step) * SEGMENT_SECONDS / max(took, 1e-9))))
        self._step, self._reported = last, False
        for row, (was, now) in enumerate(zip(before, after, strict=True)):
            if was == ALIVE != now:
                member = self._cohort.members[row]
                for twin in (member.twin,) if self._parted else TWINS:
                    yield Diverged(pair=member.pair, twin=twin, step=now)
        if not at_epoch_end and time.monotonic() - self._told >= SIGN_OF_LIFE_SECONDS:
            self._told = time.monotonic()
            yield StepsDone(step=self._step, train_seconds=self._train_seconds)

    def _epoch_events(self) -> Iterator[Event]:
        """What is told after an epoch; epoch 0 is the initialisation."""
        spec, epoch, begun = self._spec, self._step // self._spec.steps_per_epoch, time.monotonic()
        every, ended = spec.measurement.every, self._step == spec.total_steps
        measured = self._report.pairs(self._cohort) if ended or (every and epoch % every == 0) else None
        members = self._report.members(self._cohort, len(self._task.samples), measured) if epoch else []
        self._evaluate_seconds += time.monotonic() - begun
        self._told = time.monotonic()
        if epoch:
            lead = self._cohort.members[0]
            lr = learning_rate(spec.schedule.name, lead.lr, self._step - 1, lead.warmup_steps, spec.total_steps)
            yield EpochDone(epoch=epoch, step=self._step, lr=lr, members=members, train_seconds=self._train_seconds)
        if measured is not None:
            self._pairs = measured
            yield CurveMeasured(epoch=epoch, step=self._step, alphas=self._report.alphas, pairs=measured)

    def _restore(self) -> Iterator[Event]:
        """Goes on from the checkpoint, if there is one of this run."""
        if self._checkpoint is None:
            return
        try:
            found = self._checkpoint.read()
        except DamagedCheckpointError:
            yield Notice(text="The checkpoint of this run was damaged, so its training starts again from the beginning.")
            return
        if found is None or found[0].run_id != self._spec.run_id:
            return
        standing, tensors = found
        self._parted = standing.parted
        self._cohort = self._begin().with_tensors(tensors)
        self._step, self._reported = standing.step, standing.reported
        self._train_seconds, self._evaluate_seconds = standing.train_seconds, standing.evaluate_seconds

    def _write(self) -> None:
        if self._checkpoint is not None:
            standing = Standing(
                run_id=self._spec.run_id,
                step=self._step,
                parted=self._parted,
                reported=self._reported,
                train_seconds=self._train_seconds,
                evaluate_seconds=self._evaluate_seconds,
            )
            self._checkpoint.write(standing, self._cohort.tensors)

    def _stop_if_asked(self) -> None:
        if self._should_stop():
            self._write()
            raise Stopped("The run was stopped; starting it again goes on from here.")
