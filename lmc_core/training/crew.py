"""The one training loop: a generator that trains the pairs of one or several runs, measures them and tells what happens."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from lmc_core.connectivity.evaluation import MomentEvaluator
from lmc_core.data.dataset import Dataset
from lmc_core.data.spec import CATALOG
from lmc_core.data.subset import first
from lmc_core.errors import Stopped
from lmc_core.experiment import TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.spec import ArchitectureSpec, Precision
from lmc_core.models.stacked import Samples
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.packing import shared_key, stacks_on_cpu
from lmc_core.runs.events import Event, StepsDone
from lmc_core.training import memory
from lmc_core.training.beginnings import Beginnings
from lmc_core.training.cohort import Cohort
from lmc_core.training.crewed import CrewedRun, TrainedTwins, kept_in
from lmc_core.training.device import device_of
from lmc_core.training.execution import Execution, Task, execution_of
from lmc_core.training.holding import joined
from lmc_core.training.networks import stacked
from lmc_core.training.pace import Pace
from lmc_core.training.report import evaluator_of


def never() -> bool:
    """Nobody asks to stop."""
    return False


def train_crew(
    specs: Sequence[TwinsSpec],
    dataset: Dataset,
    *,
    checkpoints: Sequence[Path] | None = None,
    should_stop: Callable[[], bool] = never,
    device: str | None = None,
    threads: int | None = None,
    checkpoint_seconds: float = 10.0,
) -> Generator[tuple[int, Event], None, list[TrainedTwins]]:
    """Trains several runs as one program; yields the index of a spec with its event, and returns each run's final weights.

    Each run's events are those that it would tell alone, Done as its last; on a CPU its numbers are, to the bit, those that it
    would have alone. Networks that are equal in several runs, such as twins A of runs that part at different steps, are trained
    once. Runs whose checkpoints stand at different steps are trained in partial crews one after the other.

    Args:
        specs: of the runs; alike but for what may differ in a crew (see `lmc_core.packing`).
        dataset: all catalogued images, or the part of them that is there.
        checkpoints: a folder for each run; its state is written there as training goes on, and read from there if one is.
        should_stop: asked about five times a second, from the thread that iterates.
        device: instead of the specs'.
        threads: cores to use on a CPU; all that the process may use where it is None.
        checkpoint_seconds: between two writes, at least.

    Raises:
        ValueError: the runs cannot train as one program.
        LMCError: no such device, too few images, out of memory, a disk that cannot be written.
        Stopped: `should_stop` said so; the state of every run is in its checkpoint.
    """
    if len({shared_key(spec) for spec in specs}) != 1:
        raise ValueError(f"{len(specs)} runs were to be trained as one program, but they differ in more than their members may.")
    runs: list[CrewedRun] = []
    lead, folders = specs[0], list(checkpoints) if checkpoints is not None else [None] * len(specs)

    def stop_if_asked() -> None:
        if should_stop():
            for run in runs:
                run.write()
            raise Stopped("The run was stopped; starting it again goes on from here.")

    with memory.refusals_told(lead), Cores(device_of(lead, device), threads) as cores:
        chosen, net, optimizer = first(dataset, lead.train_samples, lead.test_samples), stacked(lead), optimizer_of(lead.optimizer)
        memory.check(lead, lambda other: memory.needed([other, *specs[1:]], net, optimizer, cores), cores.device)
        train, test = (Samples(net, chosen, split, cores.device) for split in ("train", "test"))
        task = Task(
            net=net,
            samples=train,
            optimizer=optimizer,
            schedule=lead.schedule.name,
            batch_size=lead.batch_size,
            total_steps=lead.total_steps,
            side=CATALOG[lead.dataset].side,
            stacks_on_cpu=stacks_on_cpu(lead),
        )
        beginnings = Beginnings(task, cores)
        evaluators: dict[tuple[ArchitectureSpec, Precision], tuple[MomentEvaluator, MomentEvaluator]] = {}
        for spec, folder in zip(specs, folders, strict=True):
            measured_as = spec.architecture, spec.measurement.precision
            if measured_as not in evaluators:
                on_train, on_test = (evaluator_of(spec, samples, cores, stop_if_asked, MomentEvaluator) for samples in (train, test))
                evaluators[measured_as] = on_train, on_test
            kept = kept_in(folder, checkpoint_seconds, len(specs))
            runs.append(CrewedRun(spec, chosen, task, beginnings, evaluators[measured_as], cores, kept))
        for index, run in enumerate(runs):
            yield from ((index, event) for event in run.begin())
        beginnings.forget()
        measuring = [evaluator for both in evaluators.values() for evaluator in both]
        by_step = sorted(enumerate(runs), key=lambda entry: entry[1].step)
        for _, group in groupby(by_step, key=lambda entry: entry[1].step):
            yield from _Crew(task, list(group), measuring, cores, stop_if_asked).events()
        return [run.weights() for run in runs]


class _Crew:
    """Runs that stand at the same step.

    Args:
        task: what all members have in common.
        entries: each run with its index.
        measuring: what measures their networks.
        cores: that compute.
        stop_if_asked: raises where one is to stop.
    """

    def __init__(
        self,
        task: Task,
        entries: Sequence[tuple[int, CrewedRun]],
        measuring: Sequence[MomentEvaluator],
        cores: Cores,
        stop_if_asked: Callable[[], None],
    ) -> None:
        self._task = task
        self._entries = entries
        self._runs = [run for _, run in entries]
        self._measuring = measuring
        self._cores = cores
        self._stop_if_asked = stop_if_asked
        self._step = self._runs[0].step
        self._pace = Pace()
        self._cohort = self._join()

    def events(self) -> Iterator[tuple[int, Event]]:
        """Everything from Started to Done."""
        for index, run in self._entries:
            yield index, run.started()
        execution = execution_of(self._task, self._cohort, self._cores)
        while True:
            if self._step % self._task.steps_per_epoch == 0:
                for index, run in self._entries:
                    if not run.reported:
                        yield from ((index, event) for event in run.epoch_events())
                        run.reported = True
                        self._pace.told()
                for evaluator in self._measuring:
                    evaluator.forget()
            if self._step == self._task.total_steps:
                break
            if all(run.checkpoint is not None and run.checkpoint.due for run in self._runs):
                for run in self._runs:
                    run.write()
            self._stop_if_asked()
            if parting := [run for run in self._runs if not run.parted and run.spec.spawn_step == self._step]:
                for run in parting:
                    run.part()
                self._cohort = self._join()
                execution = execution_of(self._task, self._cohort, self._cores)
            yield from self._advance(execution)
        for index, run in self._entries:
            yield index, run.done()

    def _join(self) -> Cohort:
        """All members as one cohort, each network once."""
        cohort, holdings = joined([run.holding for run in self._runs])
        for run, holding in zip(self._runs, holdings, strict=True):
            run.holding = holding
        return cohort

    def _advance(self, execution: Execution) -> Iterator[tuple[int, Event]]:
        """Some steps of one epoch, as many as take about a segment's time."""
        epoch, before = self._task.steps_per_epoch, self._cohort.diverged_at.tolist()
        if self._step % epoch == 0:
            self._cohort.begin_epoch()
        ends = [self._step + self._pace.segment, self._step - self._step % epoch + epoch]
        ends += [run.spec.spawn_step for run in self._runs if not run.parted]
        begun, last = time.monotonic(), min(ends)
        execution.advance(self._step, last)
        if last % epoch == 0:
            self._cohort.freeze_where_not_finite(last - 1)
        after = self._cohort.diverged_at.tolist()  # waits for an accelerator
        took = time.monotonic() - begun
        self._pace.took(last - self._step, took)
        self._step = last
        for index, run in self._entries:
            share = took * len(run.holding.members) / len(after)
            yield from ((index, event) for event in run.stepped(last, share, before, after))
        if last % epoch and self._pace.silent:
            self._pace.told()
            for index, run in self._entries:
                yield index, StepsDone(step=self._step, train_seconds=run.train_seconds)
