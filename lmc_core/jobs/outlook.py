"""When queued runs will be done, and in which order they get a worker."""

import heapq
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lmc_core.jobs.journal import Choose, Job, Journal

REREAD_SECONDS = 0.3
LONGEST_WAIT = 0.25
"""Seconds that one who asks waits for a reading that has what was just written; after them the reading before is told."""
TOGETHER = 0.65
"""Seconds that each further run adds to a crew, in parts of what it takes alone; measured with 4 and 10 runs on digits on a CPU."""
FASTEST, SLOWEST = 0.5, 20.0
"""By what factor the runs at work may correct what is told to those that wait."""


@dataclass(frozen=True)
class Place:
    """A queued or running job, how many turns come before its own plus one (None for a running one), and seconds to its end."""

    job: Job
    position: int | None
    seconds_left: float


@dataclass(frozen=True)
class _Reading:
    """The places at a moment, and how many writes had been told of before."""

    places: dict[str, Place]
    at: float
    writes: int


class Outlook:
    """The queue with its times, read at most every REREAD_SECONDS for all who ask.

    While one thread reads, the others go on with the reading before: with sixty visitors, waiting for it took most of an update's time.

    Args:
        journal: where the jobs are.
        left: estimated seconds that a job needs alone once it has its worker, or still needs if it has or had one, by its own speed.
        slowness: how many times as long as estimated a running job takes; None while that is not known.
        workers: how many runs or crews are trained at a time.
        choose: which jobs train as one program.
    """

    def __init__(
        self,
        journal: Journal,
        left: Callable[[Job], float],
        slowness: Callable[[Job], float | None],
        workers: Callable[[], int],
        choose: Choose,
    ) -> None:
        self._journal = journal
        self._left = left
        self._slowness = slowness
        self._workers = workers
        self._choose = choose
        self._pen = threading.Lock()
        self._count = threading.Lock()
        self._writes = 0
        self._reading: _Reading | None = None

    def places(self) -> dict[str, Place]:
        """Running jobs, then queued ones in the order of their turns, by run id."""
        before = self._reading
        if before is None:
            self._pen.acquire()
        elif self._is_fresh(before) or not self._pen.acquire(timeout=0 if before.writes == self._writes else LONGEST_WAIT):
            return before.places
        try:
            if self._reading is None or not self._is_fresh(self._reading):
                writes = self._writes
                self._reading = _Reading(self._look(), time.monotonic(), writes)
            return self._reading.places
        finally:
            self._pen.release()

    def stale(self) -> None:
        """Read anew when next asked: something was just written."""
        with self._count:
            self._writes += 1

    def _is_fresh(self, reading: _Reading) -> bool:
        return reading.writes == self._writes and time.monotonic() - reading.at <= REREAD_SECONDS

    def _look(self) -> dict[str, Place]:
        running, turns = self._journal.turns(self._choose)
        crews: dict[str, list[Job]] = {}
        for job in running:
            crews.setdefault(job.crew or job.run_id, []).append(job)
        busy, seen = [], []
        for crew in crews.values():
            busy.append(max(map(self._left, crew)))
            seen += [factor / (together([1.0] * len(crew))) for job in crew if (factor := self._slowness(job)) is not None]
        slowness = min(SLOWEST, max(FASTEST, statistics.median(seen))) if seen else 1.0
        waiting = [together([self._left(job) * (1.0 if job.attempt else slowness) for job in turn]) for turn in turns]
        ends = ends_of(busy, waiting, max(self._workers(), len(crews)))
        places = [Place(job, None, self._left(job)) for job in running]
        places += [Place(job, position, end) for position, (turn, end) in enumerate(zip(turns, ends, strict=True), start=1) for job in turn]
        return {place.job.run_id: place for place in places}


def together(seconds: Sequence[float]) -> float:
    """What runs take as one program that take so many seconds each alone."""
    return max(seconds) + TOGETHER * (sum(seconds) - max(seconds))


def ends_of(busy: Sequence[float], waiting: Sequence[float], workers: int) -> list[float]:
    """Seconds until each waiting run or crew ends, when each takes the first worker that is free in turn.

    Args:
        busy: seconds that the running runs still need.
        waiting: seconds that the waiting runs need, in the order of their turns.
        workers: at least the number of running runs.
    """
    free = [*busy, *[0.0] * (workers - len(busy))]
    heapq.heapify(free)
    ends = []
    for seconds in waiting:
        ends.append(heapq.heappop(free) + seconds)
        heapq.heappush(free, ends[-1])
    return ends
