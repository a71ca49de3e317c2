"""A pruning run: phases of networks that train together, levels that are measured, and the events that tell of both."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.interpolation import equidistant
from lmc_core.data.dataset import Dataset
from lmc_core.data.spec import CATALOG
from lmc_core.data.subset import first
from lmc_core.errors import Stopped
from lmc_core.experiment import PruneSpec
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples, StackedNet
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.plan import Phase, members_of_phase, phases, total_steps
from lmc_core.pruning.prunable import prunable_of
from lmc_core.pruning.sparsity import MASK
from lmc_core.runs.events import Done, Event, LevelMeasured, NetworksEpoch, Notice, PhaseBegun, Started, StepsDone
from lmc_core.runs.outcome import judged_level
from lmc_core.runs.pruning_results import Level, PruneResult
from lmc_core.runs.results import Spikes, Timing
from lmc_core.training import memory
from lmc_core.training.checkpoint import Checkpoint, DamagedCheckpointError
from lmc_core.training.cohort import ALIVE
from lmc_core.training.crew import never
from lmc_core.training.device import device_of, engine_of, environment_of
from lmc_core.training.divergence import RULE
from lmc_core.training.level import Networks, measured
from lmc_core.training.networks import stacked
from lmc_core.training.pace import Pace
from lmc_core.training.pruning_phase import PhaseTraining
from lmc_core.training.report import evaluator_of
from lmc_core.training.sparsity import sparsity_of
from lmc_core.training.tickets import DENSE, Kept, Tickets, rewound


@dataclass(frozen=True)
class TrainedNetworks:
    """The weights of a finished run, as `build(spec)` loads them, and masks under the same names.

    Under "pair0.init" and "pair0.dense" lie the initialisation and the dense network, under "level3.pair0.a", "level3.pair0.b"
    and "level3.pair0.mask" the networks of a level of the result and the mask (uint8) that they have in common.
    """

    weights: dict[str, dict[str, Tensor]]


class PruningStanding(BaseModel):
    """Where a pruning run stands, beside its tensors.

    Attributes:
        run_id: of the spec that it belongs to.
        phase: index of the phase at work, or of the next one.
        step: of the training of its networks.
        trained: whether the phase's networks have ended and only measuring is left.
        reported: whether the epoch that ended at this step, if one did, has been told.
        levels: measured so far.
        diverged_at: under the name of a network that has ended, the step at which it diverged.
        spikes: under the name of a network that has ended; those that were not counted are missing.
        train_seconds: spent in steps so far.
        evaluate_seconds: spent in measuring so far.
        divergence: the rule by which networks diverged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    phase: int
    step: int
    trained: bool
    reported: bool
    levels: list[Level]
    diverged_at: dict[str, int]
    train_seconds: float
    evaluate_seconds: float
    spikes: dict[str, Spikes] = {}
    divergence: int = 1


def train_pruning(
    spec: PruneSpec,
    dataset: Dataset,
    *,
    checkpoint: Path | None = None,
    should_stop: Callable[[], bool] = never,
    device: str | None = None,
    threads: int | None = None,
    checkpoint_seconds: float = 10.0,
) -> Generator[Event, None, TrainedNetworks]:
    """Prunes, retrains and measures as the spec says; yields events, Done as the last, and returns weights and masks.

    On a CPU the same spec on the same machine gives the same bits, whatever `threads` is and however often it was interrupted.

    Args:
        spec: the experiment.
        dataset: all catalogued images, or the part of them that is there.
        checkpoint: a folder; the state is written there as training goes on, and read from there if one is.
        should_stop: asked about five times a second, from the thread that iterates.
        device: instead of the spec's.
        threads: cores to use on a CPU; all that the process may use where it is None.
        checkpoint_seconds: between two writes, at least.

    Raises:
        LMCError: no such device, too few images, out of memory, a disk that cannot be written.
        Stopped: `should_stop` said so; the state is in the checkpoint.
    """
    with memory.refusals_told(spec), Cores(device_of(spec, device), threads) as cores:
        chosen, net = first(dataset, spec.train_samples, spec.test_samples), stacked(spec)
        memory.check(spec, lambda other: memory.needed_to_prune(other, net, optimizer_of(spec.optimizer), cores), cores.device)
        kept_in = None if checkpoint is None else Checkpoint(PruningStanding, checkpoint, checkpoint_seconds)
        run = _PruningRun(spec, chosen, net, cores, kept_in, should_stop)
        yield from run.events()
        return TrainedNetworks(run.weights())


class _PruningRun:
    """A run between two events; arguments as for `train_pruning`."""

    def __init__(
        self,
        spec: PruneSpec,
        dataset: Dataset,
        net: StackedNet,
        cores: Cores,
        checkpoint: Checkpoint[PruningStanding] | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self._spec = spec
        self._dataset = dataset
        self._net = net
        self._cores = cores
        self._checkpoint = checkpoint
        self._should_stop = should_stop
        self._samples, test = (Samples(net, dataset, split, cores.device) for split in ("train", "test"))
        splits = self._samples, test
        self._on_train, self._on_test = (evaluator_of(spec, split, cores, self._stop_if_asked, Evaluator) for split in splits)
        self._alphas = equidistant(spec.measurement.alphas)
        self._prunable = prunable_of(spec.architecture, spec.data, spec.pruning, net.layout)
        self._phases = phases(spec)
        self._kept = Kept(self._phases)
        self._tickets = Tickets(spec, net, self._prunable, self._samples, cores, self._kept)
        self._pace = Pace()
        self._phase = 0
        self._step = 0
        self._trained = False
        self._reported = True
        self._levels: list[Level] = []
        self._train_seconds = 0.0
        self._evaluate_seconds = 0.0
        self._training: PhaseTraining | None = None

    def events(self) -> Iterator[Event]:
        """Everything from Started to Done."""
        found: dict[str, Tensor] = {}
        try:
            found = self._restore()
        except DamagedCheckpointError:
            yield Notice(text="The checkpoint of this run was damaged, so its training starts again from the beginning.")
        engine, parameters = engine_of(self._spec, self._cores), self._net.layout.parameters
        yield Started(step=self._step_of_run, total_steps=total_steps(self._spec), parameters=parameters, engine=engine)
        for index in range(self._phase, len(self._phases)):
            phase = self._phases[index]
            members = members_of_phase(self._spec, phase)
            yield PhaseBegun(phase=index, phases=len(self._phases), step=self._step_of_run, text=phase.text, members=members)
            if not self._trained:
                yield from self._train(phase, found)
                found = {}
            yield from self._measure(phase)
            if index + 1 < len(self._phases):
                self._phase, self._step = index + 1, self._phases[index + 1].begins
                self._trained, self._reported = False, True
        yield Done(result=self._result())

    def weights(self) -> dict[str, dict[str, Tensor]]:
        """See `TrainedNetworks`."""
        unpack, pairs = self._net.layout.unpack, range(self._spec.repeats)
        found = {f"pair{pair}.init": unpack(self._tickets.initialisation(pair)) for pair in pairs}
        found |= {f"pair{pair}.dense": unpack(self._kept.network(DENSE, pair)) for pair in pairs}
        return found | {name: unpack(row) for name, row in self._kept.rows.items() if name.startswith("level")}

    @property
    def _step_of_run(self) -> int:
        """Steps of this phase so far, and of those before it."""
        before = sum(self._spec.total_steps - phase.begins for phase in self._phases[: self._phase])
        return before + self._step - self._phases[self._phase].begins

    def _restore(self) -> dict[str, Tensor]:
        """Takes up what is in the checkpoint, if it is of this run; returns the tensors of the cohort that was at work."""
        found = None if self._checkpoint is None else self._checkpoint.read()
        if found is None or found[0].run_id != self._spec.run_id:
            return {}
        standing, tensors = found
        at_work = tensors.get("cohort.diverged_at")
        if standing.divergence != RULE and (standing.diverged_at or (at_work is not None and bool((at_work != ALIVE).any()))):
            return {}  # a network was frozen where today's rule might have let it train on
        self._phase, self._step = standing.phase, standing.step
        self._trained, self._reported = standing.trained, standing.reported
        self._levels = list(standing.levels)
        self._kept.diverged_at.update(standing.diverged_at)
        self._kept.spikes.update(standing.spikes)
        self._train_seconds, self._evaluate_seconds = standing.train_seconds, standing.evaluate_seconds
        self._kept.rows.update({name: row.to(self._cores.device) for name, row in _under("kept.", tensors).items()})
        return _under("cohort.", tensors)

    def _write(self) -> None:
        """Keeps the state, if it is to be kept."""
        if self._checkpoint is None:
            return
        standing = PruningStanding(
            run_id=self._spec.run_id,
            phase=self._phase,
            step=self._step,
            trained=self._trained,
            reported=self._reported,
            levels=self._levels,
            diverged_at=self._kept.diverged_at,
            train_seconds=self._train_seconds,
            evaluate_seconds=self._evaluate_seconds,
            spikes=self._kept.spikes,
            divergence=RULE,
        )
        at_work = {} if self._training is None else self._training.cohort.tensors
        kept = {f"kept.{name}": row for name, row in self._kept.rows.items()}
        self._checkpoint.write(standing, kept | {f"cohort.{name}": tensor for name, tensor in at_work.items()})

    def _write_if_due(self) -> None:
        if self._checkpoint is not None and self._checkpoint.due:
            self._write()

    def _stop_if_asked(self) -> None:
        if self._should_stop():
            self._write()
            raise Stopped("The run was stopped; starting it again goes on from here.")

    def _train(self, phase: Phase, found: dict[str, Tensor]) -> Iterator[Event]:
        """Takes the phase's networks to the end of the training, and keeps them as they are then."""
        spec, rule = self._spec, sparsity_of(self._spec, phase, self._prunable)
        self._training = training = PhaseTraining(spec, phase, self._net, self._samples, rule, self._tickets, self._cores)
        if found:
            training.take_up(found)
        while True:
            if not self._reported and self._step % spec.steps_per_epoch == 0:
                yield from self._epoch_events(training)
            if self._step == spec.total_steps:
                break
            self._write_if_due()
            self._stop_if_asked()
            self._advance(training)
            if self._step in spec.rewind_steps and self._phase == 0:
                for pair in range(spec.repeats):
                    self._kept.rows[rewound(self._step, pair)] = training.network(phase.groups[0], pair)
            if self._step % spec.steps_per_epoch and self._pace.silent:
                self._pace.told()
                yield StepsDone(step=self._step_of_run, train_seconds=self._train_seconds)
        training.keep(self._kept)
        for group in phase.derived:
            for pair in range(spec.repeats):
                mask, dense = self._tickets.one_shot(group, pair), self._kept.name(DENSE, pair, "a")
                name = self._kept.name(group, pair, "a")
                self._kept.rows[name] = self._kept.rows[dense] * mask
                self._kept.rows[self._kept.name(group, pair, MASK)] = mask.to(torch.uint8)
                if dense in self._kept.spikes:
                    self._kept.spikes[name] = self._kept.spikes[dense]
                if dense in self._kept.diverged_at:
                    self._kept.diverged_at[name] = self._kept.diverged_at[dense]
        self._training, self._trained = None, True

    def _advance(self, training: PhaseTraining) -> None:
        """Some steps of one epoch, as many as take about a segment's time, not past a step to rewind to."""
        epoch, later = self._spec.steps_per_epoch, [step for step in self._spec.rewind_steps if step > self._step]
        last = min(self._step + self._pace.segment, self._step - self._step % epoch + epoch, *later)
        begun = time.monotonic()
        training.advance(self._step, last)
        took = time.monotonic() - begun
        self._pace.took(last - self._step, took)
        self._train_seconds += took
        self._step, self._reported = last, False

    def _epoch_events(self, training: PhaseTraining) -> Iterator[Event]:
        self._reported = True
        yield NetworksEpoch(
            phase=self._phase,
            epoch=self._step // self._spec.steps_per_epoch,
            step=self._step_of_run,
            lr=training.lr(self._step - 1),
            networks=training.networks(self._step),
            train_seconds=self._train_seconds,
        )
        yield from training.records(self._phase, self._step)
        self._pace.told()

    def _measure(self, phase: Phase) -> Iterator[Event]:
        """The levels of a phase that has ended, but those that have been measured already."""
        before = sum(len(earlier.levels) for earlier in self._phases[: self._phase])
        for group in phase.levels[len(self._levels) - before :]:
            begun = time.monotonic()
            names = [[self._kept.name(group, pair, twin) for twin in group.twins] for pair in range(self._spec.repeats)]
            repeats = [
                Networks(
                    rows=tuple(self._kept.rows[name] for name in of_pair),
                    diverged_at=tuple(self._kept.diverged_at.get(name) for name in of_pair),
                    spikes=tuple(self._kept.spikes[name] for name in of_pair) if self._kept.spikes.keys() >= set(of_pair) else None,
                )
                for of_pair in names
            ]
            level = measured(group, repeats, self._prunable, CATALOG[self._spec.dataset].side, self._on_train, self._on_test, self._alphas)
            self._evaluate_seconds += time.monotonic() - begun
            level = judged_level(level, self._spec.dataset)
            self._levels.append(level)
            yield LevelMeasured(step=self._step_of_run, level=level)
            self._write_if_due()  # not before it was told: who goes on from there measures it no more

    def _result(self) -> PruneResult:
        return PruneResult(
            parameters=self._net.layout.parameters,
            prunable=self._prunable.weights,
            alphas=self._alphas,
            levels=self._levels,
            timing=Timing(train_seconds=self._train_seconds, evaluate_seconds=self._evaluate_seconds),
            environment=environment_of(self._spec, self._dataset, self._cores),
        )


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with the prefix, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
