"""One run of a crew: everything of it but the steps, which its members take beside those of other runs."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from lmc_core.checkpoints.kept import kept_network
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.results import Barriers, BlockLine, PairMeasurement
from lmc_core.data.dataset import Dataset
from lmc_core.experiment import TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.network_keys import Twin, life_of
from lmc_core.optim.schedule import learning_rate
from lmc_core.runs.events import CurveMeasured, Diverged, Done, EpochDone, Event, Notice, Started
from lmc_core.runs.results import Timing
from lmc_core.training.beginnings import Beginnings
from lmc_core.training.checkpoint import Checkpoint, DamagedCheckpointError, Standing
from lmc_core.training.cohort import ALIVE
from lmc_core.training.device import engine_of, environment_of
from lmc_core.training.divergence import RULE
from lmc_core.training.execution import Task
from lmc_core.training.holding import Holding
from lmc_core.training.member import members_of
from lmc_core.training.report import TWINS, Report

KEPT = "kept."
"""What the names of kept networks begin with in a checkpoint, beside the members' tensors."""


@dataclass(frozen=True)
class TrainedTwins:
    """The weights of a finished run, as `build(spec)` loads them, under "pair0.init", "pair0.a", "pair0.b" and so on.

    Twin A after an epoch that the spec keeps is "pair0.a.epoch4"; where it had diverged by then it is missing.
    """

    weights: dict[str, dict[str, Tensor]]


class CrewedRun:
    """A run between two events.

    Attributes:
        spec: the experiment.
        holding: its members, in rows that other runs may share.
        checkpoint: where its state is kept, if anywhere.
        step: optimiser steps done.
        parted: whether the twins have rows of their own.
        reported: whether the epoch that ended at this step, if one did, has been measured and told.
        train_seconds: spent in steps so far; of the time that a crew spends, each run is given what its members took,
            those that it shares with other runs, too.

    Args:
        spec: the experiment.
        dataset: the part of it that is trained on.
        task: what its members have in common with those of other runs.
        beginnings: of the members of all runs.
        evaluators: of the spec's networks, on the training split and on the test split.
        cores: that compute.
        checkpoint: as above.
    """

    holding: Holding

    def __init__(
        self,
        spec: TwinsSpec,
        dataset: Dataset,
        task: Task,
        beginnings: Beginnings,
        evaluators: tuple[Evaluator, Evaluator],
        cores: Cores,
        checkpoint: Checkpoint[Standing] | None,
    ) -> None:
        self.spec = spec
        self.checkpoint = checkpoint
        self._dataset = dataset
        self._task = task
        self._cores = cores
        self._beginnings = beginnings
        self._inits = [beginnings.init(spec, pair) for pair in range(spec.repeats)]
        self._report = Report(spec, self._inits, evaluators)
        self.parted = spec.spawn_step == 0
        self.step = 0
        self.reported = False
        self.train_seconds = 0.0
        self._evaluate_seconds = 0.0
        self._pairs: list[PairMeasurement] = []
        self._floors: list[Barriers | None] = []
        self._lines: list[list[BlockLine] | None] = []
        self._kept: dict[str, Tensor] = {}

    def begin(self) -> Iterator[Event]:
        """Takes up its members, as the checkpoint has them if there is one of this run; tells if it was damaged."""
        found = None
        try:
            found = self.checkpoint.read() if self.checkpoint is not None else None
        except DamagedCheckpointError:
            yield Notice(text="The checkpoint of this run was damaged, so its training starts again from the beginning.")
        if found is None or found[0].run_id != self.spec.run_id or _stopped_by_another_rule(*found):
            self.holding = self._beginnings.holding(self.spec, self._twins)
            return
        standing, tensors = found
        self.parted = standing.parted
        self._kept = {name.removeprefix(KEPT): tensor for name, tensor in tensors.items() if name.startswith(KEPT)}
        self.holding = self._beginnings.holding(self.spec, self._twins).with_tensors(tensors)
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
                divergence=RULE,
            )
            kept = {KEPT + network: row for network, row in self._kept.items()}
            self.checkpoint.write(standing, {**self.holding.tensors, **kept})

    def started(self) -> Started:
        """What is told first."""
        engine, parameters = engine_of(self.spec, self._cores), self._task.net.layout.parameters
        return Started(step=self.step, total_steps=self.spec.total_steps, parameters=parameters, engine=engine)

    def part(self) -> None:
        """Gives the twins B rows of their own, with the life of A so far."""
        others = members_of(self.spec, "b")
        self.holding = self.holding.forked(others, [life_of(self.spec, member.pair, "b") for member in others])
        self.parted = True

    def stepped(self, last: int, seconds: float, before: Sequence[int], after: Sequence[int]) -> Iterator[Event]:
        """Notes that the members have gone on to a step, and tells who diverged on the way.

        Args:
            last: the step where they are now.
            seconds: that its members took.
            before: at which step each row of the cohort had diverged before that, or ALIVE.
            after: likewise now.
        """
        self.train_seconds += seconds
        self.step, self.reported = last, False
        for member, row in zip(self.holding.members, self.holding.rows, strict=True):
            now = after[row]
            if before[row] == ALIVE != now:
                for twin in TWINS if member.twin == "a" and not self.parted else [twin for twin in TWINS if twin == member.twin]:
                    yield Diverged(pair=member.pair, twin=twin, step=now)

    def epoch_events(self) -> Iterator[Event]:
        """What is told after an epoch; epoch 0 is the initialisation."""
        spec, epoch, begun = self.spec, self.step // self.spec.steps_per_epoch, time.monotonic()
        every, ended = spec.measurement.every, self.step == spec.total_steps
        measured = self._report.pairs(self.holding) if ended or (every and epoch % every == 0) else None
        members = self._report.members(self.holding, len(self._task.samples), measured) if epoch else []
        self._floors = self._report.floors(self.holding) if ended else []
        self._lines = self._report.block_lines(self.holding, measured or []) if ended else []
        self._evaluate_seconds += time.monotonic() - begun
        self._keep(epoch)
        if epoch:
            lead = self.holding.members[0]
            lr = learning_rate(spec.schedule.name, lead.lr, self.step - 1, lead.warmup_steps, spec.total_steps)
            yield EpochDone(epoch=epoch, step=self.step, lr=lr, members=members, train_seconds=self.train_seconds)
        if measured is not None:
            self._pairs = measured
            yield CurveMeasured(epoch=epoch, step=self.step, alphas=self._report.alphas, pairs=measured)

    def done(self) -> Done:
        """What is told last."""
        timing = Timing(train_seconds=self.train_seconds, evaluate_seconds=self._evaluate_seconds)
        environment = environment_of(self.spec, self._dataset, self._cores)
        return Done(result=self._report.result(self.holding, self._pairs, self._floors, self._lines, timing, environment))

    def weights(self) -> TrainedTwins:
        """Initialisation and twins of every pair, and what was kept on the way."""
        unpack = self._task.net.layout.unpack
        found = {f"pair{pair}.init": unpack(init) for pair, init in enumerate(self._inits)}
        for pair in range(self.spec.repeats):
            found |= {f"pair{pair}.{twin}": unpack(self.holding.parameters(pair, twin)) for twin in TWINS}
        return TrainedTwins(found | {network: unpack(row) for network, row in self._kept.items()})

    @property
    def _twins(self) -> list[Twin]:
        """Those that have rows of their own."""
        every: tuple[tuple[Twin, bool], ...] = (("a", True), ("r", self.spec.measurement.rounding_twin), ("b", self.parted))
        return [twin for twin, there in every if there]

    def _keep(self, epoch: int) -> None:
        """Sets the twins A aside if the spec keeps this epoch; one that has diverged is no network to begin with."""
        for pair in range(self.spec.repeats) if epoch in self.spec.keep else ():
            if self.holding.diverged_at(pair, "a") == ALIVE:
                self._kept[kept_network(pair, epoch)] = self.holding.parameters(pair, "a").to("cpu", copy=True)


def _stopped_by_another_rule(standing: Standing, tensors: Mapping[str, Tensor]) -> bool:
    """Whether a member was frozen where today's rule might have let it train on."""
    return standing.divergence != RULE and bool((tensors["diverged_at"] != ALIVE).any())


def kept_in(folder: Path | None, seconds: float, sharing: int) -> Checkpoint[Standing] | None:
    """The checkpoint in a folder, if there is to be one; `sharing` runs write theirs at the same moments."""
    return None if folder is None else Checkpoint(Standing, folder, seconds, sharing)
