"""Whose turn it is: fair between visitors, whatever number of runs each of them asked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    """The same text for runs that are at work as one program."""
    address: str | None = None
    """Where the visitor comes from; None if that is not bounded."""


def order_of_turns(waiting: Iterable[Waiting], running: Mapping[str, int], last_turn: Mapping[str, float]) -> list[str]:
    """The run ids in the order in which workers take them.

    A visitor's n-th run stands behind every visitor's (n-1)-th, runs at work counted; among equals the visitor whose
    last turn is longest ago goes first, then the run that was asked for first.

    Args:
        waiting: all queued runs.
        running: number of runs at work, by visitor.
        last_turn: when a run of the visitor last got a worker, in seconds since 1970; absent if never.
    """
    ahead: defaultdict[str, int] = defaultdict(int, running)
    keys: dict[str, tuple[bool, int, float, float, str]] = {}
    for run in sorted(waiting, key=lambda run: (not run.interrupted, run.submitted, run.run_id)):
        keys[run.run_id] = (not run.interrupted, ahead[run.visitor], last_turn.get(run.visitor, 0.0), run.submitted, run.run_id)
        ahead[run.visitor] += 1
    return sorted(keys, key=keys.__getitem__)
