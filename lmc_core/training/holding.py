"""The rows of one run in a cohort; equal networks of several runs lie in one row and are trained once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lmc_core.network_keys import Life, Twin
from lmc_core.runs.results import Spikes
from lmc_core.training.cohort import Cohort
from lmc_core.training.member import Member

Place = tuple[Cohort, int]
"""A row of a cohort."""


@dataclass(frozen=True, eq=False)
class Holding:
    """The members of one run, what each lives through, and where its row lies.

    Attributes:
        members: of the run, twins A first.
        lives: of the members.
        places: of the members; other runs may hold some of them, too.
    """

    members: tuple[Member, ...]
    lives: tuple[Life, ...]
    places: tuple[Place, ...]

    @property
    def rows(self) -> list[int]:
        """The row of each member in its cohort."""
        return [row for _, row in self.places]

    @property
    def tensors(self) -> Mapping[str, Tensor]:
        """Everything of these members that a checkpoint has to keep, [members, ...] each; only to be read."""
        cohort, start = self.places[0]
        if all(place == (cohort, row) for row, place in enumerate(self.places, start)):
            return {name: tensor[start : start + len(self.places)] for name, tensor in cohort.tensors.items()}
        return _stacked(self.places)

    def with_tensors(self, tensors: Mapping[str, Tensor]) -> "Holding":
        """The same members with the tensors of a checkpoint, in a cohort of their own."""
        cohort = replace(self.places[0][0], members=self.members).with_tensors(tensors)
        return replace(self, places=tuple((cohort, row) for row in range(len(self.members))))

    def place_of(self, pair: int, twin: Twin) -> Place:
        """Where a pair's twin lies; before the twins part, both lie in one row."""
        places = {(member.pair, member.twin): place for member, place in zip(self.members, self.places, strict=True)}
        return places.get((pair, twin), places[pair, "a"])

    def parameters(self, pair: int, twin: Twin) -> Tensor:
        """The row [P] of a pair's twin."""
        cohort, row = self.place_of(pair, twin)
        return cohort.parameters[row]

    def diverged_at(self, pair: int, twin: Twin) -> int:
        """The step at which a pair's twin diverged, or ALIVE."""
        cohort, row = self.place_of(pair, twin)
        return int(cohort.diverged_at[row])

    def spikes(self, pair: int, twin: Twin) -> Spikes | None:
        """The spikes of a pair's twin; None where they are not known from its first step on."""
        cohort, row = self.place_of(pair, twin)
        return cohort.spikes.told(row)

    def forked(self, others: Sequence[Member], lives: Sequence[Life]) -> "Holding":
        """These members, and others that have lived the life of their pair's twin A so far; joining gives them rows of their own."""
        places = [self.place_of(member.pair, "a") for member in others]
        return Holding((*self.members, *others), (*self.lives, *lives), (*self.places, *places))


def joined(holdings: Sequence[Holding]) -> tuple[Cohort, list[Holding]]:
    """All members in one new cohort, and the holdings there: members of one life share a row if they stand alike, to the bit.

    They do where the same kernels trained them. A run that goes on from a checkpoint of another machine may not, and then has
    rows of its own.
    """
    members: list[Member] = []
    places: list[Place] = []
    known: dict[Life, list[int]] = {}
    rows: list[list[int]] = []
    for holding in holdings:
        own = []
        for member, life, place in zip(holding.members, holding.lives, holding.places, strict=True):
            row = next((row for row in known.get(life, []) if _alike(places[row], place)), len(members))
            if row == len(members):
                members.append(member)
                places.append(place)
                known.setdefault(life, []).append(row)
            own.append(row)
        rows.append(own)
    cohort = replace(places[0][0], members=tuple(members)).with_tensors(_stacked(places))
    return cohort, [replace(holding, places=tuple((cohort, row) for row in own)) for holding, own in zip(holdings, rows, strict=True)]


def _stacked(places: Sequence[Place]) -> dict[str, Tensor]:
    """Copies of the rows at the places, which begin at cache lines wherever the rows come from."""
    of_cohorts = {id(cohort): cohort.tensors for cohort, _ in places}
    first = places[0][0].tensors
    return {name: torch.stack([of_cohorts[id(cohort)][name][row] for cohort, row in places]) for name in first}


def _alike(one: Place, other: Place) -> bool:
    if one == other:
        return True
    (cohort, row), (second, row_there) = one, other
    there = second.tensors
    return all(torch.equal(tensor[row], there[name][row_there]) for name, tensor in cohort.tensors.items())
