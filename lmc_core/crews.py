"""Which runs a worker can train as one program, and how many of them. Imports no torch: the web process asks, too."""

import hashlib
import json

from lmc_core.cost import FLOAT, STATES, network
from lmc_core.data.catalog import CATALOG
from lmc_core.pruning_plan import members_of_phase, phases
from lmc_core.pruning_spec import PruneSpec
from lmc_core.settings import MEMORY_SHARE, machine_memory
from lmc_core.spec import MLP, Experiment, LinearNet, TwinsSpec, canonical

OF_A_MEMBER = {"architecture": "slope", "optimizer": "lr clip_norm", "schedule": "warmup_epochs"}
"""Fields, by the part of the spec where they stand, that may differ inside a crew."""
OF_A_RUN = ("seeds", "repeats", "measurement", "start")
"""Parts of the spec that may differ inside a crew."""
STACKED_PRODUCTS = 5_000_000
"""Multiply-adds of a batch's forward pass up to which a CPU gains by stacking members: beyond it, they take most of a step."""
CREW_BYTES = 16 * 2**30
"""Most memory that the members of a crew may take."""
LARGEST_CREW = 100
"""A fault costs all runs of a crew their time since the last checkpoint."""


def crew_key(spec: TwinsSpec, accelerated: bool) -> str | None:
    """The same text for runs that train faster as one program than one after the other; None where that gains nothing.

    Equal are data, shapes, kind of optimiser, batch size, epochs, augmentation, spawn point, precision and device. Own to each
    run are seeds, repeats, checkpoint, slope, learning rate, warm-up, clipping norm and what is measured.

    Args:
        spec: of the run.
        accelerated: whether the worker's machine has a GPU; there all runs gain, on a CPU tiny networks.
    """
    if not (accelerated and spec.device != "cpu") and not stacks_on_cpu(spec):
        return None
    return shared_key(spec)


def shared_key(spec: TwinsSpec) -> str:
    """The same text for runs that can train as one program, whether they gain by it or not."""
    fields = canonical(spec)
    for part in OF_A_RUN:
        fields.pop(part, None)
    for part, names in OF_A_MEMBER.items():
        fields[part] = {name: value for name, value in fields[part].items() if name not in names.split()}
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:20]


def stacks_on_cpu(spec: Experiment) -> bool:
    """Whether a CPU trains the members as one stack: by their shapes alone, so that a run's bits do not depend on its crew."""
    products, data = network(spec).products, CATALOG[spec.dataset]
    match spec.architecture:
        case MLP():
            return products * spec.batch_size <= STACKED_PRODUCTS
        case LinearNet():  # trains through its product
            return data.classes * (data.features * spec.batch_size + products) <= STACKED_PRODUCTS
        case _:
            return False


def largest_crew(spec: TwinsSpec) -> int:
    """How many runs such as this one may be in a crew by the memory that their members take; one at least."""
    sizes, members = network(spec), members_of_run(spec)
    weights = sizes.parameters * (members * (2 + STATES[spec.optimizer.name]) + spec.repeats)
    activations = 3 * members * spec.batch_size * (sizes.units + CATALOG[spec.dataset].features)
    budget = min(CREW_BYTES, MEMORY_SHARE * machine_memory())
    return max(1, min(LARGEST_CREW, int(budget / (FLOAT * (weights + activations)))))


def members_of_run(spec: Experiment) -> int:
    """Networks that a run trains, at once or one part after the other."""
    if isinstance(spec, PruneSpec):
        return sum(members_of_phase(spec, phase) for phase in phases(spec))
    return (3 if spec.measurement.rounding_twin else 2) * spec.repeats
