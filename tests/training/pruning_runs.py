"""Small pruning specs, runs to their end, and phases under watch."""

from collections.abc import Callable

from torch import Tensor
from typing_extensions import override

from lmc_core.data.dataset import Dataset
from lmc_core.experiment import PruneSpec
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples
from lmc_core.plan import phases
from lmc_core.pruning.prunable import prunable_of
from lmc_core.pruning.sparsity import Sparsity
from lmc_core.runs.events import Event
from lmc_core.runs.pruning_results import Level, PruneResult
from lmc_core.training.cohort import Cohort
from lmc_core.training.execution import Execution, InShares, OneByOne, Task, Together
from lmc_core.training.networks import stacked
from lmc_core.training.pruning_phase import PhaseTraining
from lmc_core.training.pruning_run import TrainedNetworks, train_pruning
from lmc_core.training.sparsity import sparsity_of
from lmc_core.training.tickets import Kept, Tickets
from tests.training.runs import ARCHITECTURES, DATA, OPTIMIZERS

METHODS = {
    "magnitude": {"name": "magnitude"},
    "magnitude by layer": {"name": "magnitude", "scope": "layer", "densities": [0.5, 0.2]},
    "gradual magnitude": {"name": "magnitude", "schedule": "gradual", "interval": 3, "initial_epochs": 1, "final_epochs": 1},
    "random": {"name": "random"},
    "platon": {"name": "platon", "interval": 3, "final_epochs": 0.4},
    "hard platon": {"name": "platon", "interval": 3, "masking": "hard"},
    "iterative": {"name": "iterative"},
    "snip": {"name": "snip", "images": 50},
}
ORDERS: dict[str, Callable[[Task, Cohort, Cores], Execution]] = {
    "one by one": OneByOne,
    "in shares": InShares,
    "together": lambda task, cohort, cores: Together(task, cohort, cores.device),
}


def small_prune_spec(
    method: str | dict = "magnitude",
    architecture: str | dict = "mlp",
    optimizer: str | dict = "momentum",
    pruning: dict | None = None,
    **rest,
) -> PruneSpec:
    """A spec for `DATA`; method, architecture and optimiser by their names in tables, or as values."""
    chosen = METHODS[method] if isinstance(method, str) else method
    densities = {} if "densities" in chosen else {"densities": [0.5, 0.2]}
    values = {
        "train_samples": 90,
        "test_samples": 70,
        "batch_size": 20,
        "epochs": 4,
        "architecture": ARCHITECTURES[architecture] if isinstance(architecture, str) else architecture,
        "optimizer": OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer,
        "measurement": {"alphas": 3},
        "pruning": chosen | densities | (pruning or {}),
        "device": "cpu",
    }
    return PruneSpec.model_validate(values | rest)


def prune(spec: PruneSpec, dataset: Dataset = DATA, **rest) -> tuple[list[Event], TrainedNetworks]:
    """All events, and the weights."""
    events, generator = [], train_pruning(spec, dataset, **rest)
    while True:
        try:
            events.append(next(generator))
        except StopIteration as end:
            return events, end.value


def result_of(events: list[Event]) -> PruneResult:
    return events[-1].result


def level_of(result: PruneResult, kind: str, density: float = 1.0, rewind: int | None = 0) -> tuple[int, Level]:
    """A level and its index."""
    return next(
        (index, level) for index, level in enumerate(result.levels) if (level.kind, level.density, level.rewind) == (kind, density, rewind)
    )


def prunable_names(spec: PruneSpec) -> tuple[str, ...]:
    return prunable_of(spec.architecture, spec.data, spec.pruning, stacked(spec).layout).names


Note = Callable[[int, int, Tensor, Tensor, Tensor], None]
"""Given a step and the first member's row, weights before and gradients as the sparsity meets them, and weights after it: [K, P]."""


def watched_phase(spec: PruneSpec, order: str, note: Note, cores: Cores, index: int = 0) -> PhaseTraining:
    """The phase, computed in one share in the given order; `note` is called after each step, of one member or of all."""
    phase, net = phases(spec)[index], stacked(spec)
    samples, prunable = Samples(net, DATA, "train", cores.device), prunable_of(spec.architecture, spec.data, spec.pruning, net.layout)
    rule = sparsity_of(spec, phase, prunable)
    kind: type[Sparsity] = type(rule)

    class Watched(kind):  # type: ignore[valid-type, misc]
        def __init__(self) -> None:
            self.__dict__.update(rule.__dict__)

        @override
        def after_step(self, members, step, parameters, gradients, state) -> None:
            before, met = parameters.clone(), gradients.clone()
            super().after_step(members, step, parameters, gradients, state)
            note(step, parameters.storage_offset() // net.layout.size, before, met, parameters)

    tickets = Tickets(spec, net, prunable, samples, cores, Kept(phases(spec)))
    return PhaseTraining(spec, phase, net, samples, Watched(), tickets, cores, ORDERS[order])


def every_step(training: PhaseTraining, spec: PruneSpec, first: int = 0) -> None:
    """Takes the training to its end, a few steps at a time."""
    step, epoch = first, spec.steps_per_epoch
    while step < spec.total_steps:
        last = min(step + 3, step - step % epoch + epoch)
        training.advance(step, last)
        step = last
