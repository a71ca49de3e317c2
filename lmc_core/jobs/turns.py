"""Whose turn it is: fair between visitors, whatever number of runs each of them asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A queued run, and for whom it waits."""

    run_id: str
    visitor: str
    submitted: float
    """Seconds since 1970."""
    interrupted: bool = False
    """Whether it already had its turn and lost its worker or server; it goes on first."""
    sweep: str | None = None
    """The sweep with which it was asked for."""
    crew: str | None = None
    """The same text for runs that are at work as one program, or were when they were last at work."""
    address: str | None = None
    """Where the visitor comes from; None if that is not bounded."""
    alone: bool = False
    """Whether something went wrong in a crew of this run, so that it joins no other."""
    begun: bool = False
    """Whether it has been at work."""
    told: float | None = None
    """Seconds that it was estimated to take; None if that was not asked."""
    returns: float | None = None
    """When it goes first again, in seconds since 1970, if it gave way to shorter runs."""
    seconds_left: float | None = None
    """Estimated seconds to its end, if it gave way."""


@dataclass(frozen=True)
class Candidate:
    """A queued run that may train as one program with others."""

    run_id: str
    spec: str
    """The spec's JSON."""
    visitor: str


TIMES_SHORTER = 10.0
"""A run gives way to those that take so many times less than what is left of it."""


def order_of_turns(waiting: Iterable[Waiting], running: Mapping[str, int], last_turn: Mapping[str, float], now: float = 0.0) -> list[str]:
    """The run ids in the order in which workers take them.

    First go runs that lost their worker, and those whose pause is over; then the short ones for which others pause, then these, and
    then the rest. Among these a visitor's n-th run stands behind every visitor's (n-1)-th, runs at work counted; among equals the
    visitor whose last turn is longest ago goes first, then the run that was asked for first.

    Args:
        waiting: all queued runs.
        running: number of runs at work, by visitor.
        last_turn: when a run of the visitor last got a worker, in seconds since 1970; absent if never.
        now: likewise.
    """
    queued = list(waiting)
    longest = max((run.seconds_left or 0.0 for run in queued if run.returns is not None and run.returns > now), default=0.0)

    def rank(run: Waiting) -> int:
        if run.interrupted or (run.returns is not None and run.returns <= now):
            return 0
        if run.returns is not None:
            return 2
        return 1 if run.told is not None and run.told * TIMES_SHORTER <= longest else 3

    ahead: defaultdict[str, int] = defaultdict(int, running)
    keys: dict[str, tuple[int, int, float, float, str]] = {}
    for run in sorted(queued, key=lambda run: (rank(run), run.submitted, run.run_id)):
        keys[run.run_id] = (rank(run), ahead[run.visitor], last_turn.get(run.visitor, 0.0), run.submitted, run.run_id)
        ahead[run.visitor] += 1
    return sorted(keys, key=keys.__getitem__)


def able_to_join(order: Sequence[Waiting]) -> list[Waiting]:
    """The run whose turn it is, and those that may train as one program with it if they are alike, whoever asked for them.

    A run that has begun goes on with those beside which it was, or with others of its visitor that were alone, since they stand at
    about the same step. One that met a fault in a crew stays alone.

    Args:
        order: queued runs in the order of their turns, one at least.
    """
    lead = order[0]
    return [lead] if lead.alone else [lead, *(other for other in order[1:] if not other.alone and _standing(other) == _standing(lead))]


def _standing(run: Waiting) -> tuple[bool, str | None, str | None]:
    if not run.begun:
        return run.interrupted, None, None
    return run.interrupted, run.crew, None if run.crew else run.visitor


def same_share(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of runs that are alike, as many of each visitor as of the one who has fewest, so that nobody waits for another's sweep."""
    of_visitor = Counter(candidate.visitor for candidate in candidates)
    share, taken = min(of_visitor.values()), Counter[str]()
    chosen = []
    for candidate in candidates:
        if taken[candidate.visitor] < share:
            taken[candidate.visitor] += 1
            chosen.append(candidate)
    return chosen
