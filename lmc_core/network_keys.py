"""Which networks of several runs are one and the same, so that they are trained once. Imports no torch: the web process asks, too."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import ArchitectureSpec, Start
from lmc_core.optim.spec import OptimizerSpec, Schedule

Twin = Literal["a", "b", "r"]
"""Twin A, twin B, and the rounding twin of A."""


@dataclass(frozen=True)
class Life:
    """All that the weights of a network follow from, among runs that may train as one program (see `lmc_core.packing`).

    Attributes:
        architecture: with its slope.
        optimizer: with its rate and its clipping norm.
        schedule: with its warm-up.
        start: the checkpoint that it begins with.
        init: seed of the initialisation.
        pair: index of the repeat, of which all draws depend.
        twin: whether it sees each batch backwards, as a rounding twin does, and whether it may have parted from A.
        spawned: the step at which it parted, and 0 for one that never did.
        order: seeds of the data order before and after that step.
        augmentation: likewise of the augmentation; None where there is none.
    """

    architecture: ArchitectureSpec
    optimizer: OptimizerSpec
    schedule: Schedule
    start: Start
    init: int
    pair: int
    twin: Twin
    spawned: int
    order: tuple[int, ...]
    augmentation: tuple[int, ...] | None


def life_of(spec: TwinsSpec, pair: int, twin: Twin) -> Life:
    """What a network of the spec lives through from its initialisation to the end."""
    spawned = spec.spawn_step if twin == "b" else 0
    seeds, seen = spec.seeds, slice(0, 1) if twin != "b" else slice(0 if spawned else 1, 2)
    order: tuple[int, ...] = seeds.order
    augmentation: tuple[int, ...] = seeds.augmentation
    return Life(
        architecture=spec.architecture,
        optimizer=spec.optimizer,
        schedule=spec.schedule,
        start=spec.start,
        init=seeds.init,
        pair=pair,
        twin=twin,
        spawned=spawned,
        order=order[seen],
        augmentation=None if spec.augmentation == "none" else augmentation[seen],
    )


def steps_of_lives(spec: TwinsSpec) -> dict[Life, int]:
    """The networks that a run trains, and how many steps each takes in rows of its own; twins that never part are one."""
    found = {}
    for pair in range(spec.repeats):
        found[life_of(spec, pair, "a")] = spec.total_steps
        if spec.measurement.rounding_twin:
            found[life_of(spec, pair, "r")] = spec.total_steps
        if spec.spawn_step < spec.total_steps:
            found[life_of(spec, pair, "b")] = spec.total_steps - spec.spawn_step
    return found


def steps_together(specs: Iterable[TwinsSpec]) -> dict[Life, int]:
    """The networks that several runs train as one program, each once, and the steps of each."""
    found: dict[Life, int] = {}
    for spec in specs:
        found |= steps_of_lives(spec)
    return found


def beginnings(specs: Iterable[TwinsSpec]) -> int:
    """How many different initialisations several runs have."""
    return len({(spec.seeds.init, spec.start, pair) for spec in specs for pair in range(spec.repeats)})
