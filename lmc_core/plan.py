"""What a pruning run trains and measures, in which order: phases of networks that train together. Imports no torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lmc_core.experiment import PruneSpec

LevelKind = Literal["dense", "pruned", "ticket", "random", "redrawn"]
"""dense: nothing pruned. pruned: as the method left it, not retrained. ticket: the mask on the weights at the rewinding point,
retrained. random: a mask of the same density in each layer, retrained. redrawn: the ticket's mask on another initialisation."""
PrunedTwin = Literal["a", "b"]


@dataclass(frozen=True)
class Group:
    """The networks of one level, in every repeat.

    Attributes:
        kind: what they are.
        density: share of their prunable weights that they have in the end; 1 where nothing is pruned.
        rewind: the step from whose weights they start; None for those that are pruned and not retrained.
        twins: which of the twins there are.
    """

    kind: LevelKind
    density: float
    rewind: int | None
    twins: tuple[PrunedTwin, ...]


@dataclass(frozen=True)
class Phase:
    """Networks that train together, from one step of the training to its end.

    Attributes:
        begins: the step of the training with which it begins.
        groups: that train.
        derived: groups that are pruned from the trained ones afterwards, and measured only.
        text: what happens, in a few words.
    """

    begins: int
    groups: tuple[Group, ...]
    derived: tuple[Group, ...]
    text: str

    @property
    def levels(self) -> tuple[Group, ...]:
        """What is measured when the phase has ended."""
        return self.groups + self.derived


def phases(spec: PruneSpec) -> tuple[Phase, ...]:
    """The spec's phases; each needs nothing but what those before it give."""
    return tuple(_phases(spec))


def members_of_phase(spec: PruneSpec, phase: Phase) -> int:
    """How many networks train in a phase."""
    return spec.repeats * sum(len(group.twins) for group in phase.groups)


def total_steps(spec: PruneSpec) -> int:
    """Steps of the whole run, those of its phases one after the other."""
    return sum(spec.total_steps - phase.begins for phase in phases(spec))


def network_steps(spec: PruneSpec, step: int) -> int:
    """Steps of single networks that the run has taken by one of its own steps."""
    taken = 0
    for phase in phases(spec):
        length = min(step, spec.total_steps - phase.begins)
        taken, step = taken + length * members_of_phase(spec, phase), step - length
    return taken


def prunes_in_training(spec: PruneSpec) -> bool:
    """Whether networks are pruned while they train, and not before or after."""
    return spec.pruning.acts == "during"


def rows_kept(spec: PruneSpec) -> int:
    """Networks and masks that a run holds besides those at work: initialisations, weights to rewind to, what has been measured."""
    starts = spec.repeats * (1 + len(spec.rewind_steps))
    return starts + spec.repeats * sum(len(group.twins) + 1 for phase in phases(spec) for group in phase.levels)


def _phases(spec: PruneSpec) -> Iterator[Phase]:
    pruning, rewinds = spec.pruning, spec.rewind_steps
    before = pruning.acts == "before"  # masks are there before training
    one: tuple[PrunedTwin, ...] = ("a",)
    pruned = tuple(Group("pruned", density, None, one) for density in pruning.densities)
    dense = Group("dense", 1.0, 0, ("a", "b") if rewinds[0] == 0 and pruning.twins else one)
    tickets = _tickets(spec, 0, pruning.densities) if before and rewinds[0] == 0 else ()
    if prunes_in_training(spec):
        beside = f"beside {_count(spec, [dense], 'dense ')}"
        yield Phase(0, (dense, *pruned), (), f"{_count(spec, pruned)} are pruned by {pruning.short_words}, {beside}")
    elif tickets:
        yield Phase(0, (dense, *tickets), (), f"{_count(spec, [dense], 'dense ')} and {_count(spec, tickets, 'masked ')} train")
    else:
        one_shot = pruned if pruning.acts == "after" else ()
        yield Phase(
            0, (dense,), one_shot, f"{_count(spec, [dense], 'dense ')} {'train' if spec.repeats * len(dense.twins) > 1 else 'trains'}"
        )
    if pruning.acts == "rounds":
        for number, density in enumerate(pruning.densities, 1):
            for rewind in rewinds:
                controls = _dense_controls(spec, rewind) if number == 1 else ()
                groups = (*controls, *_tickets(spec, rewind, [density]))
                yield _retraining(spec, rewind, groups, f"round {number} of {len(pruning.densities)}: ")
        return
    for rewind in rewinds[1:] if tickets else rewinds:
        yield _retraining(spec, rewind, (*_dense_controls(spec, rewind), *_tickets(spec, rewind, pruning.densities)), "")


def _retraining(spec: PruneSpec, rewind: int, groups: tuple[Group, ...], prefix: str) -> Phase:
    return Phase(rewind, groups, (), f"{prefix}{_count(spec, groups)} train from step {rewind:,}")


def _dense_controls(spec: PruneSpec, rewind: int) -> tuple[Group, ...]:
    """Dense networks that go on from a later step as the tickets do; from step 0 the dense networks themselves do."""
    return (Group("dense", 1.0, rewind, _twins(spec)),) if rewind else ()


def _tickets(spec: PruneSpec, rewind: int, densities: Sequence[float]) -> tuple[Group, ...]:
    """Tickets and their controls; those of the random method are random masks themselves."""
    pruning = spec.pruning
    kinds: list[LevelKind] = ["ticket"]
    if pruning.random_control and not pruning.is_random:
        kinds.append("random")
    if pruning.redrawn_control and rewind == 0:
        kinds.append("redrawn")
    return tuple(Group(kind, density, rewind, _twins(spec)) for kind in kinds for density in densities)


def _twins(spec: PruneSpec) -> tuple[PrunedTwin, ...]:
    return ("a", "b") if spec.pruning.twins else ("a",)


def _count(spec: PruneSpec, groups: Sequence[Group], what: str = "") -> str:
    number = spec.repeats * sum(len(group.twins) for group in groups)
    return f"{number} {what}network{'s' if number > 1 else ''}"
