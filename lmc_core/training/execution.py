"""In which order the members of a cohort are computed: one interface, an order for CPUs and one for accelerators."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples, Scratch, StackedNet
from lmc_core.optim.optimizer import Optimizer, clip
from lmc_core.optim.schedule import Shape, learning_rate
from lmc_core.pruning.sparsity import Sparsity
from lmc_core.training.cohort import ALIVE, Cohort
from lmc_core.training.divergence import diverged
from lmc_core.training.member import Member, Noise


@dataclass(frozen=True, eq=False)
class Task:
    """What the members of a cohort have in common.

    Attributes:
        net: their architecture.
        samples: the training split.
        optimizer: their update rule.
        schedule: the learning rate's shape after the warm-up.
        batch_size: images a step.
        total_steps: of the whole training.
        side: of an image, in pixels.
        stacks_on_cpu: whether members train as a stack on a CPU, too.
        sparsity: what prunes them or holds their masks; None for dense networks.
        first_step: of the training that is taken with a fresh state of the optimiser.
    """

    net: StackedNet
    samples: Samples
    optimizer: Optimizer
    schedule: Shape
    batch_size: int
    total_steps: int
    side: int
    stacks_on_cpu: bool = False
    sparsity: Sparsity | None = None
    first_step: int = 0

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch, whose last batch may be smaller."""
        return -(-len(self.samples) // self.batch_size)

    def positions(self, step: int) -> tuple[int, int]:
        """The part of the epoch's order that a step sees."""
        start = step % self.steps_per_epoch * self.batch_size
        return start, min(start + self.batch_size, len(self.samples))

    def noise(self, members: Sequence[Member], device: torch.device) -> Noise:
        """The noise that members see."""
        return Noise(members, len(self.samples), self.batch_size, self.side, device)

    def rates(self, member: Member, step: int) -> tuple[float, ...]:
        """What the optimiser is given for one member at a step."""
        lr = learning_rate(self.schedule, member.lr, step, member.warmup_steps, self.total_steps)
        return self.optimizer.at(step - self.first_step, lr)

    def update(
        self, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor], rates: Tensor, largest: Tensor | None, scratch: Scratch
    ) -> None:
        """One step of rows in place: gradients masked, then clipped, then taken by the optimiser.

        Args:
            parameters: [K, P].
            gradients: [K, P]; afterwards clipped ones where the sparsity reads them, else scratch.
            state: the rows [K, P] of optimiser and sparsity.
            rates: [rates, K, 1].
            largest: norms [K, 1] to which gradients are clipped; None where none is.
            scratch: of the calling thread.
        """
        if self.sparsity is not None:
            self.sparsity.mask_gradients(gradients, state)
        if largest is not None:
            clip(gradients, largest)
        if self.sparsity is not None and self.sparsity.reads_gradients:
            gradients = scratch.take("gradients for the optimiser", tuple(gradients.shape)).copy_(gradients)
        self.optimizer.update(parameters, gradients, state, rates)


class Execution(Protocol):
    """Trains the cohort that it was made for."""

    def advance(self, first: int, last: int) -> None:
        """Takes the steps from `first` up to but not including `last`, all of one epoch; ends early for who diverges."""
        ...


class OneByOne:
    """Each member stays on one core for many steps: the order for CPUs, where stacking gains nothing at these sizes.

    Args:
        task: what the members have in common.
        cohort: the members.
        cores: the threads.
    """

    def __init__(self, task: Task, cohort: Cohort, cores: Cores) -> None:
        self._task = task
        self._cohort = cohort
        self._cores = cores
        self._noise: dict[int, Noise] = {}
        self._positions = torch.arange(task.batch_size)

    def advance(self, first: int, last: int) -> None:
        """See `Execution`."""
        alive = [row for row, step in enumerate(self._cohort.diverged_at.tolist()) if step == ALIVE]
        self._cores.run([partial(self._train, row, first, last) for row in alive])

    def _train(self, row: int, first: int, last: int) -> None:
        task, cohort, scratch = self._task, self._cohort, self._cores.scratch
        member, noise, here = cohort.members[row], self._noise_of(row), slice(row, row + 1)
        noise.begin(first // task.steps_per_epoch)
        parameters, state = cohort.parameters[here], {name: rows[here] for name, rows in cohort.state.items()}
        gradients = scratch.take("gradients of one member", tuple(parameters.shape))
        views, gradient_views = task.net.layout.views(parameters), task.net.layout.views(gradients)
        rates = torch.tensor([task.rates(member, step) for step in range(first, last)])[:, :, None, None]
        largest = torch.full((1, 1), member.clip_norm) if member.clip_norm else None
        seen: list[float] = []
        loss_sum, wrong_sum = 0.0, 0
        for step in range(first, last):
            start, stop = task.positions(step)
            index, draws = noise.batch(self._positions[: stop - start] + start)
            inputs, labels = task.samples.batch(index, draws), task.samples.labels[index]
            losses, wrong = task.net.gradients(views, gradient_views, inputs, labels, member.slope, scratch)
            loss = losses.item()
            if diverged(loss):
                cohort.diverged_at[row] = step
                break
            seen.append(loss)
            loss_sum += loss * (stop - start)
            wrong_sum += int(wrong)
            task.update(parameters, gradients, state, rates[step - first], largest, scratch)
            if task.sparsity is not None:
                task.sparsity.after_step(cohort.members[here], step, parameters, gradients, state)
                if member.recorded:
                    cohort.records["loss"][row, step % task.steps_per_epoch] = loss
                    cohort.records["kept"][row, step % task.steps_per_epoch] = task.sparsity.kept(parameters[0])
        cohort.spikes.note(row, seen, first)
        cohort.loss_sums[row] += loss_sum
        cohort.wrong_sums[row] += wrong_sum

    def _noise_of(self, row: int) -> Noise:
        if row not in self._noise:
            self._noise[row] = self._task.noise(self._cohort.members[row : row + 1], self._cores.device)
        return self._noise[row]


class Together:
    """All members take each step as one stack: the order for accelerators, where small networks are bound by launches.

    Nothing in a step waits for the device: a member that diverges is masked there, and which images and rates a step takes
    follows from a counter there. So on CUDA a step is captured once as a graph and replayed; nothing in it may copy from the
    host, as a plain number in `torch.where` does. The stack itself is tested on a CPU; the capture needs a GPU and has tests that
    are skipped without one.

    Args:
        task: what the members have in common.
        cohort: the members.
        device: where they train.
        capture: whether to capture the step where the device is a GPU and the network allows it.
    """

    def __init__(self, task: Task, cohort: Cohort, device: torch.device, capture: bool = True) -> None:
        members, epoch = cohort.members, task.steps_per_epoch
        self._task = task
        self._cohort = cohort
        self._device = device
        self._scratch = Scratch(device)
        self._noise = task.noise(members, device)
        self._gradients = torch.zeros_like(cohort.parameters)
        self._views = task.net.layout.views(cohort.parameters)
        self._gradient_views = task.net.layout.views(self._gradients)
        slopes = [member.slope for member in members]
        self._slope = slopes[0] if len(set(slopes)) == 1 else torch.tensor(slopes, device=device)
        norms = [member.clip_norm or float("inf") for member in members]
        self._largest = torch.tensor(norms, device=device).unsqueeze(1) if any(member.clip_norm for member in members) else None
        self._rates = torch.zeros(epoch, task.optimizer.rates, len(members), 1, device=device)
        self._rates_of: int | None = None
        self._step = torch.zeros(1, dtype=torch.int64, device=device)
        self._begun = torch.zeros(1, dtype=torch.int64, device=device)
        self._positions = torch.arange(task.batch_size, device=device)
        self._recorded = torch.tensor([row for row, member in enumerate(members) if member.recorded], dtype=torch.int64, device=device)
        self._losses = torch.zeros(len(members), device=device)
        self._seen = torch.zeros(epoch, len(members), device=device)
        self._unknown = torch.full((), torch.nan, device=device)
        self._capture = capture and device.type == "cuda" and task.net.capturable
        self._warm = False
        self._graph: torch.cuda.CUDAGraph | None = None

    @torch.no_grad()
    def advance(self, first: int, last: int) -> None:
        """See `Execution`."""
        task, epoch = self._task, first // self._task.steps_per_epoch
        self._noise.begin(epoch)
        self._begin(epoch)
        self._step.fill_(first)
        for step in range(first, last):
            start, stop = task.positions(step)
            if stop - start == task.batch_size and self._capture:
                self._replay()
            else:
                self._take_step(stop - start)
            if task.sparsity is not None:
                self._after_step(task.sparsity, step)
        place = first - epoch * task.steps_per_epoch
        self._cohort.spikes.note_all(self._seen[place : place + last - first], first)

    def _begin(self, epoch: int) -> None:
        """Makes the rates of an epoch ready, if they are not; members with equal schedules share the work."""
        task, members = self._task, self._cohort.members
        if self._rates_of == epoch:
            return
        self._rates_of, first = epoch, epoch * task.steps_per_epoch
        schedules = [(member.lr, member.warmup_steps) for member in members]
        leads = dict(zip(schedules, members, strict=True))
        steps = range(first, first + task.steps_per_epoch)
        rates = {schedule: torch.tensor([task.rates(lead, step) for step in steps]) for schedule, lead in leads.items()}
        self._rates.copy_(torch.stack([rates[schedule] for schedule in schedules], 2).unsqueeze(3))
        self._begun.fill_(first)

    def _take_step(self, images: int) -> None:
        """The step that the counter says, on so many images."""
        task, cohort = self._task, self._cohort
        place = self._step - self._begun
        index, draws = self._noise.batch(self._positions[:images] + place * task.batch_size)
        inputs, labels = task.samples.batch(index, draws), task.samples.labels[index]
        rates = self._rates.index_select(0, place).squeeze(0)
        losses, wrong = task.net.gradients(self._views, self._gradient_views, inputs, labels, self._slope, self._scratch)
        sound = (cohort.diverged_at == ALIVE) & torch.isfinite(losses)
        if self._device.type != "cpu" or not bool(sound.all()):  # an accelerator would have to be waited for
            frozen = ~sound
            losses, wrong = losses.masked_fill(frozen, 0), wrong.masked_fill(frozen, 0)
            rates = rates.masked_fill(frozen.unsqueeze(1), 0)
            self._gradients.masked_fill_(frozen.unsqueeze(1), 0)
            cohort.diverged_at.copy_(torch.where((cohort.diverged_at == ALIVE) & frozen, self._step, cohort.diverged_at))
        cohort.loss_sums.add_(losses, alpha=images)
        cohort.wrong_sums.add_(wrong)
        self._seen.index_copy_(0, place, losses.unsqueeze(0))
        if cohort.records:
            self._losses.copy_(losses)
        task.update(cohort.parameters, self._gradients, cohort.state, rates, self._largest, self._scratch)
        self._step.add_(1)

    def _after_step(self, sparsity: Sparsity, step: int) -> None:
        """What is not captured, as it differs from step to step: masks, and what is written down."""
        cohort, place = self._cohort, step % self._task.steps_per_epoch
        sparsity.after_step(cohort.members, step, cohort.parameters, self._gradients, cohort.state)
        if not cohort.records:
            return
        cohort.records["loss"][:, place] = torch.where(cohort.diverged_at == ALIVE, self._losses, self._unknown)
        cohort.records["kept"][self._recorded, place] = sparsity.kept(cohort.parameters.index_select(0, self._recorded))

    def _replay(self) -> None:
        """A step on CUDA: the first as it is, which warms libraries up, the second captured, then replayed."""
        images = self._task.batch_size
        if not self._warm:
            aside = torch.cuda.Stream(self._device)
            aside.wait_stream(torch.cuda.current_stream(self._device))
            with torch.cuda.stream(aside):
                self._take_step(images)
            torch.cuda.current_stream(self._device).wait_stream(aside)
            self._warm = True
            return
        if self._graph is None:
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._take_step(images)
        self._graph.replay()


class InShares:
    """Each core takes a share of the members and trains it as one stack: the order for tiny networks on a CPU.

    There a step of one member is mostly calls, which a stack makes once for all its members. Rows and scratch memory begin at
    cache lines, so a member's bits do not depend on its share; a test holds shares of every size against each other.

    Args:
        task: what the members have in common.
        cohort: the members.
        cores: the threads.
    """

    def __init__(self, task: Task, cohort: Cohort, cores: Cores) -> None:
        size = -(-len(cohort.members) // cores.count)
        self._cores = cores
        self._shares = [
            Together(task, cohort.part(start, min(start + size, len(cohort.members))), cores.device)
            for start in range(0, len(cohort.members), size)
        ]

    def advance(self, first: int, last: int) -> None:
        """See `Execution`."""
        self._cores.run([partial(share.advance, first, last) for share in self._shares])


def execution_of(task: Task, cohort: Cohort, cores: Cores) -> Execution:
    """The order that suits the device and the shapes, never the number of members: a member's bits must not depend on that."""
    if cores.device.type != "cpu":
        return Together(task, cohort, cores.device)
    return InShares(task, cohort, cores) if task.stacks_on_cpu else OneByOne(task, cohort, cores)
