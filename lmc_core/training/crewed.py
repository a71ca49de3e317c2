"""One run of a crew: everything of it but the steps, which its members take beside those of other runs."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from lmc_core.cores import Cores
from lmc_core.data.dataset import Dataset
from lmc_core.events import CurveMeasured, Diverged, Done, EpochDone, Event, Notice, Started
from lmc_core.models import initialise
from lmc_core.models.stacked import Samples
from lmc_core.results import Barriers, BlockLine, PairMeasurement, Timing
from lmc_core.spec import TwinsSpec
from lmc_core.training.checkpoint import Checkpoint, DamagedCheckpointError, Standing
from lmc_core.training.cohort import ALIVE, Cohort
from lmc_core.training.device import engine_of, environment_of
from lmc_core.training.execution import Task
from lmc_core.training.member import members_of
from lmc_core.training.report import TWINS, Report
from lmc_core.training.schedule import learning_rate


@dataclass(frozen=True)
class TrainedTwins:
    """The weights of a finished run, as `build(spec)` loads them, under "pair0.init", "pair0.a", "pair0.b" and so on."""

    weights: dict[str, dict[str, Tensor]]


class CrewedRun:
    """A run between two events.

    Attributes:
        spec: the experiment.
        cohort: its members; their tensors may be part of a larger cohort's.
        checkpoint: where its state is kept, if anywhere.
        step: optimiser steps done.
        parted: whether the twins have rows of their own.
        reported: whether the epoch that ended at this step, if one did, has been measured and told.
        train_seconds: spent in steps so far; of the time that a crew spends, each run has its members' share.

    Args:
        spec: the experiment.
        dataset: the part of it that is trained on.
        task: what its members have in common with those of other runs.
        test: the test split.
        cores: that compute.
        checkpoint: as above.
        pause: called now and then while measuring; it may raise to end it.
    """

    def __init__(
        self,
        spec: TwinsSpec,
        dataset: Dataset,
        task: Task,
        test: Samples,
        cores: Cores,
        checkpoint: Checkpoint[Standing] | None,
        pause: Callable[[], None],
    ) -> None:
        self.spec = spec
        self.checkpoint = checkpoint
        self._dataset = dataset
        self._task = task
        self._cores = cores
        self._inits = [task.net.layout.pack(initialise(spec, pair)).to(cores.device) for pair in range(spec.repeats)]
        self._report = Report(spec, self._inits, task.samples, test, cores, pause)
        self.parted = spec.spawn_step == 0
        self.cohort = self._begin()
        self.step = 0
        self.reported = False
        self.train_seconds = 0.0
        self._evaluate_seconds = 0.0
        self._pairs: list[PairMeasurement] = []
        self._floors: list[Barriers | None] = []
        self._lines: list[list[BlockLine] | None] = []

    def restore(self) -> Iterator[Event]:
        """Goes on from the checkpoint, if there is one of this run; tells if it was damaged."""
        if self.checkpoint is None:
            return
        try:
            found = self.checkpoint.read()
        except DamagedCheckpointError:
            yield Notice(text="The checkpoint of this run was damaged, so its training starts again from the beginning.")
            return
        if found is None or found[0].run_id != self.spec.run_id:
            return
        standing, tensors = found
        self.parted = standing.parted
        self.cohort = self._begin().with_tensors(tensors)
        self.step = standing.step
        self.reported = standing.reported and self.step < self.spec.total_steps  # what was measured at the end is not kept
        self.train_seconds, self._evaluate_seconds = standing.train_seconds, standing.evaluate_seconds

    def write(self) -> None:
        """Keeps the state, if it is to be kept."""
        if self.checkpoint is not None:
            standing = Standing(
                run_id=self.spec.run_id,
                step=self.step,
                parted=self.parted,
                reported=self.reported,
                train_seconds=self.train_seconds,
                evaluate_seconds=self._evaluate_seconds,
            )
            self.checkpoint.write(standing, self.cohort.tensors)

    def started(self) -> Started:
        """What is told first."""
        engine, parameters = engine_of(self.spec, self._cores), self._task.net.layout.parameters
        return Started(step=self.step, total_steps=self.spec.total_steps, parameters=parameters, engine=engine)

    def part(self) -> None:
        """Gives the twins B rows of their own, with the life of A so far."""
        self.cohort, self.parted = self.cohort.forked(members_of(self.spec, "b")), True

    def stepped(self, last: int, seconds: float, before: Sequence[int]) -> Iterator[Event]:
        """Notes that the members have gone on to a step, and tells who diverged on the way.

        Args:
            last: the step where they are now.
            seconds: this run's share of the time that it took.
            before: at which step each member had diverged before that, or ALIVE.
        """
        self.train_seconds += seconds
        self.step, self.reported = last, False
        for member, was, now in zip(self.cohort.members, before, self.cohort.diverged_at.tolist(), strict=True):
            if was == ALIVE != now:
                for twin in TWINS if member.twin == "a" and not self.parted else [twin for twin in TWINS if twin == member.twin]:
                    yield Diverged(pair=member.pair, twin=twin, step=now)

    def epoch_events(self) -> Iterator[Event]:
        """What is told after an epoch; epoch 0 is the initialisation."""
        spec, epoch, begun = self.spec, self.step // self.spec.steps_per_epoch, time.monotonic()
        every, ended = spec.measurement.every, self.step == spec.total_steps
        measured = self._report.pairs(self.cohort) if ended or (every and epoch % every == 0) else None
        members = self._report.members(self.cohort, len(self._task.samples), measured) if epoch else []
        self._floors = self._report.floors(self.cohort) if ended else []
        self._lines = self._report.block_lines(self.cohort, measured or []) if ended else []
        self._evaluate_seconds += time.monotonic() - begun
        if epoch:
            lead = self.cohort.members[0]
            lr = learning_rate(spec.schedule.name, lead.lr, self.step - 1, lead.warmup_steps, spec.total_steps)
            yield EpochDone(epoch=epoch, step=self.step, lr=lr, members=members, train_seconds=self.train_seconds)
        if measured is not None:
            self._pairs = measured
            yield CurveMeasured(epoch=epoch, step=self.step, alphas=self._report.alphas, pairs=measured)

    def done(self) -> Done:
        """What is told last."""
        timing = Timing(train_seconds=self.train_seconds, evaluate_seconds=self._evaluate_seconds)
        environment = environment_of(self.spec, self._dataset, self._cores)
        return Done(result=self._report.result(self.cohort, self._pairs, self._floors, self._lines, timing, environment))

    def weights(self) -> TrainedTwins:
        """Initialisation and twins of every pair."""
        unpack, rows = self._task.net.layout.unpack, self.cohort.parameters
        found = {f"pair{pair}.init": unpack(init) for pair, init in enumerate(self._inits)}
        for pair in range(self.spec.repeats):
            found |= {f"pair{pair}.{twin}": unpack(rows[self.cohort.row_of(pair, twin)]) for twin in TWINS}
        return TrainedTwins(found)

    def _begin(self) -> Cohort:
        rounding = members_of(self.spec, "r") if self.spec.measurement.rounding_twin else ()
        members = [*members_of(self.spec, "a"), *rounding, *(members_of(self.spec, "b") if self.parted else ())]
        return Cohort.begin(members, [self._inits[member.pair] for member in members], self._task.optimizer)


def kept_in(folder: Path | None, seconds: float, sharing: int) -> Checkpoint[Standing] | None:
    """The checkpoint in a folder, if there is to be one; `sharing` runs write theirs at the same moments."""
    return None if folder is None else Checkpoint(Standing, folder, seconds, sharing)
