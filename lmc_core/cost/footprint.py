"""Bytes that a run takes at most: of memory in its worker, alone or beside others, and of the disk. Imports no torch."""

import math
from collections.abc import Sequence

from lmc_core.cost.operations import keeps_images
from lmc_core.cost.running_time import accelerated as on_a_gpu_here
from lmc_core.cost.running_time import cores
from lmc_core.cost.told import event_bytes, table_cells
from lmc_core.data.spec import CATALOG
from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.models.facts import FLOAT
from lmc_core.network_keys import beginnings, steps_together
from lmc_core.packing import LARGEST_CREW, stacks_on_cpu
from lmc_core.plan import members_of_phase, phases, rows_kept

BASE_BYTES = 640 * 2**20
"""A worker with torch, before it holds data or weights."""
TRANSFORMERS_BYTES = 250 * 2**20
"""What transformers takes beside it."""
CHUNK_BYTES = 256 * 2**20
"""What measuring holds at a time, whatever the data set's size."""
COPIES = 6
"""Further sets of weights for each member at work: gradient, interpolated weights, a file on its way to the disk."""
STATES = {"sgd": 1, "adam": 2, "adamw": 2}
"""Numbers that an optimiser keeps for each parameter."""
CELL_BYTES = 30
"""Of a table's cell in memory: as it is told, in the data frame, and on its way to the disk."""
CELL_BYTES_ON_DISK = 6
TENSOR_BYTES = 160
"""Of a tensor's name and shape in a file."""
LOGS = 2
"""Places where events are kept while a run is at work: beside its checkpoint and in the journal."""
ENVELOPE_BYTES = 64 * 2**10
"""Of a run's folder besides weights and tables."""


def size_in_words(number: float) -> str:
    """Bytes in the unit in which they are not zero, as in `1.5 GiB`, `40.2 MiB`."""
    return f"{number / 2**30:,.1f} GiB" if number >= 2**30 / 10 else f"{number / 2**20:,.1f} MiB"


def memory_bytes(spec: Experiment) -> int:
    """Bytes of memory that the worker will need at most: data, weights, gradients, optimiser, activations, one chunk of measuring."""
    return memory_together([spec])


def memory_together(specs: Sequence[Experiment], accelerated: bool | None = None) -> int:
    """The same of runs that train as one program; networks that several have in common count once.

    Args:
        specs: of the runs; alike but for what may differ in a crew (see `lmc_core.packing`).
        accelerated: whether the worker has a GPU; None: as this machine has.
    """
    lead = specs[0]
    sizes = lead.sizes
    members, rows = _rows(specs)
    on_a_gpu = on_a_gpu_here(lead) if accelerated is None else accelerated and lead.device != "cpu"
    stacked = stacks_on_cpu(lead) or (on_a_gpu and lead.architecture.stacks)
    at_once = members if stacked else min(members, cores())
    weights = FLOAT * sizes.parameters * (rows + COPIES * min(members, cores()))
    activations = FLOAT * lead.images_at_once * lead.architecture.numbers_of_an_image(lead.data) * at_once
    tables = sum(CELL_BYTES * table_cells(spec) + event_bytes(spec) for spec in specs)
    base = BASE_BYTES + (TRANSFORMERS_BYTES if "transformers" in lead.architecture.packages else 0)
    return base + CHUNK_BYTES + _images(lead) + weights + math.ceil(activations) + tables


def fitting_together(specs: Sequence[Experiment], most_bytes: float, accelerated: bool) -> int:
    """How many of these runs, the first ones, one worker can train as one program: one at least.

    Args:
        specs: alike as in `memory_together`.
        most_bytes: of memory that they may take together.
        accelerated: as in `memory_together`.
    """
    fitting, too_many = 1, min(len(specs), LARGEST_CREW) + 1
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if memory_together(specs[:middle], accelerated) <= most_bytes:
            fitting = middle
        else:
            too_many = middle
    return fitting


def disk_bytes(spec: Experiment) -> int:
    """Bytes that the run will have on the disk at most: its folder, the networks that it keeps, and what it goes on from meanwhile."""
    stored = _stored(spec)
    _, checkpoint = _rows([spec])
    networks = checkpoint + max(stored, checkpoint)  # a checkpoint is written beside the one that it replaces
    tables = CELL_BYTES_ON_DISK * table_cells(spec)
    sizes = spec.sizes
    return (FLOAT * sizes.parameters + TENSOR_BYTES * sizes.tensors) * networks + tables + LOGS * event_bytes(spec) + ENVELOPE_BYTES


def _rows(specs: Sequence[Experiment]) -> tuple[int, int]:
    """Networks that train at the same time, and rows of parameters that all of a run's networks have with their states."""
    lead = specs[0]
    states = 1 + STATES[lead.optimizer.name]
    if isinstance(lead, PruneSpec):
        members = max(members_of_phase(lead, phase) for phase in phases(lead))
        return members, members * (states + lead.pruning.rows) + rows_kept(lead)
    twins = [spec for spec in specs if isinstance(spec, TwinsSpec)]
    members = len(steps_together(twins))
    return members, members * states + beginnings(twins) + sum(len(spec.keep) * spec.repeats for spec in twins)


def _stored(spec: Experiment) -> int:
    """Networks that a finished run's folder has, and those that lie beside it for others to begin with."""
    if isinstance(spec, PruneSpec):
        return rows_kept(spec)
    assert isinstance(spec, TwinsSpec)  # noqa: S101 # there is no third kind
    return spec.repeats * (3 + 2 * len(spec.keep))


def _images(spec: Experiment) -> int:
    """The data set's bytes, and its images as the network sees them where these are kept."""
    data, splits = CATALOG[spec.dataset], (spec.samples, spec.tested)
    ready = sum(count * spec.input_numbers * FLOAT for count in splits if keeps_images(spec, count))
    return (data.train + data.test) * data.features + ready
