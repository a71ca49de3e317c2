"""One phase of a pruning run: networks that train together from one step to the training's end."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import PruneSpec
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples, StackedNet
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.optim.schedule import learning_rate
from lmc_core.packing import stacks_on_cpu
from lmc_core.plan import Group, Phase, PrunedTwin
from lmc_core.pruning.mask import mask_of_nonzero
from lmc_core.pruning.sparsity import MASK, Sparsity
from lmc_core.runs.events import NetworkEpoch, StepsRecorded
from lmc_core.training.cohort import ALIVE, Cohort
from lmc_core.training.execution import Execution, Task, execution_of
from lmc_core.training.member import member_of
from lmc_core.training.tickets import Kept, Tickets

RECORDED = ("dense", "pruned", "ticket")
"""Kinds of networks of which each step is told, of the first repeat's twin A."""


@dataclass(frozen=True)
class Trainee:
    """Who a member of the cohort is."""

    group: Group
    pair: int
    twin: PrunedTwin


class PhaseTraining:
    """A phase at work.

    Attributes:
        cohort: its networks; of each group every repeat's twins.
        rule: what prunes them or holds their masks.

    Args:
        spec: the experiment.
        phase: that is at work.
        net: the architecture.
        samples: the training split.
        rule: as above.
        tickets: what they start from.
        cores: that compute.
        order: in which the networks are computed.
    """

    def __init__(
        self,
        spec: PruneSpec,
        phase: Phase,
        net: StackedNet,
        samples: Samples,
        rule: Sparsity,
        tickets: Tickets,
        cores: Cores,
        order: Callable[[Task, Cohort, Cores], Execution] = execution_of,
    ) -> None:
        self._spec = spec
        self._phase = phase
        self.rule = rule
        self._trainees = [Trainee(group, pair, twin) for group in phase.groups for pair in range(spec.repeats) for twin in group.twins]
        self._task = Task(
            net=net,
            samples=samples,
            optimizer=optimizer_of(spec.optimizer),
            schedule=spec.schedule.name,
            batch_size=spec.batch_size,
            total_steps=spec.total_steps,
            side=CATALOG[spec.dataset].side,
            stacks_on_cpu=stacks_on_cpu(spec),
            sparsity=rule,
            first_step=phase.begins,
        )
        self.cohort = self._begin(tickets)
        self._cores = cores
        self._order = order
        self._execution = order(self._task, self.cohort, cores)

    def take_up(self, tensors: dict[str, Tensor]) -> None:
        """Goes on from the tensors of a checkpoint."""
        self.cohort = self.cohort.with_tensors(tensors)
        self._execution = self._order(self._task, self.cohort, self._cores)

    def advance(self, first: int, last: int) -> None:
        """Takes the steps of the training from `first` up to but not including `last`, all of one epoch."""
        epoch = self._task.steps_per_epoch
        if first == max(self._phase.begins, first - first % epoch):
            self.cohort.begin_epoch()
        self._execution.advance(first, last)
        if last % epoch == 0:
            self.cohort.freeze_where_not_finite(last - 1)
        self.cohort.diverged_at.tolist()  # waits for an accelerator

    def network(self, group: Group, pair: int) -> Tensor:
        """The weights [size] of a group's twin A in their present state, as a copy."""
        return self.cohort.parameters[self._trainees.index(Trainee(group, pair, "a"))].clone()

    def keep(self, kept: Kept) -> None:
        """Hands over the networks as they have ended, masked, and their masks."""
        steps = self.cohort.diverged_at.tolist()
        for row, trainee in enumerate(self._trainees):
            weights = self.cohort.parameters[row].clone()
            self.rule.finish(self.cohort.members[row], weights, {name: rows[row] for name, rows in self.cohort.state.items()})
            name = kept.name(trainee.group, trainee.pair, trainee.twin)
            kept.rows[name] = weights
            if (spikes := self.cohort.spikes.told(row)) is not None:
                kept.spikes[name] = spikes
            if steps[row] != ALIVE:
                kept.diverged_at[name] = steps[row]
            if trainee.group.kind != "dense" and trainee.twin == "a":
                held = self.cohort.state[MASK][row] if MASK in self.cohort.state else mask_of_nonzero(weights, self.rule.prunable)
                kept.rows[kept.name(trainee.group, trainee.pair, MASK)] = held.to(torch.uint8)

    def lr(self, step: int) -> float:
        """The learning rate of a step."""
        lead = self.cohort.members[0]
        return learning_rate(self._task.schedule, lead.lr, step, lead.warmup_steps, self._task.total_steps)

    def networks(self, last: int) -> list[NetworkEpoch]:
        """Every network at the end of an epoch, of which `last` is the number of steps so far; None for a diverged one."""
        first, epoch = self._first_of_epoch(last), self._task.steps_per_epoch
        images = len(self._task.samples) - first % epoch * self._task.batch_size
        losses, wrong, steps = (sums.tolist() for sums in (self.cohort.loss_sums, self.cohort.wrong_sums, self.cohort.diverged_at))
        return [
            NetworkEpoch(
                kind=trainee.group.kind,
                density=trainee.group.density,
                rewind=trainee.group.rewind,
                pair=trainee.pair,
                twin=trainee.twin,
                train_loss=losses[row] / images if steps[row] == ALIVE else None,
                train_error=wrong[row] / images if steps[row] == ALIVE else None,
            )
            for row, trainee in enumerate(self._trainees)
        ]

    def records(self, phase: int, last: int) -> Iterator[StepsRecorded]:
        """Each step of the epoch that ended after `last` steps, of the networks that are recorded."""
        first, epoch = self._first_of_epoch(last), self._task.steps_per_epoch
        for row, (member, trainee) in enumerate(zip(self.cohort.members, self._trainees, strict=True)):
            diverged_at = int(self.cohort.diverged_at[row])
            steps = range(first, last if diverged_at == ALIVE else min(last, diverged_at))
            if not member.recorded or not steps:
                continue
            loss, kept = (self.cohort.records[name][row, steps[0] % epoch :][: len(steps)].tolist() for name in ("loss", "kept"))
            yield StepsRecorded(
                phase=phase,
                kind=trainee.group.kind,
                density=trainee.group.density,
                rewind=trainee.group.rewind,
                first=first,
                loss=[value if math.isfinite(value) else None for value in loss],
                scheduled=[self.rule.scheduled(member, step) for step in steps],
                kept=kept,
                masked=[self.rule.masks(member, step) for step in steps],
            )

    def _first_of_epoch(self, last: int) -> int:
        return max(self._phase.begins, last - self._task.steps_per_epoch)

    def _begin(self, tickets: Tickets) -> Cohort:
        members = [
            replace(
                member_of(self._spec, trainee.pair, trainee.twin),
                density=trainee.group.density,
                recorded=trainee.pair == 0 and trainee.twin == "a" and trainee.group.kind in RECORDED,
            )
            for trainee in self._trainees
        ]
        starts = [tickets.start(trainee.group, trainee.pair) for trainee in self._trainees]
        cohort = Cohort.begin(members, starts, self._task.optimizer)
        state = {name: torch.zeros_like(cohort.parameters) for name in self.rule.state}
        if MASK in state:
            masks = tickets.masks(self._phase.groups)
            for row, trainee in enumerate(self._trainees):
                state[MASK][row] = masks[trainee.group, trainee.pair]
            cohort.parameters.mul_(state[MASK])
        shape = (len(members), self._task.steps_per_epoch)
        records = {name: torch.full(shape, torch.nan, dtype=torch.float64, device=cohort.parameters.device) for name in ("loss", "kept")}
        return replace(cohort, state=cohort.state | state, records=records)
