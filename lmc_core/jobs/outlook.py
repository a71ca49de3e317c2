"""When queued runs will be done, and in which order they get a worker."""

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lmc_core.jobs.journal import Job, Journal

REREAD_SECONDS = 0.3


@dataclass(frozen=True)
class Place:
    """A queued or running job, how many turns come before it plus one (None for a running one), and seconds to its end."""

    job: Job
    position: int | None
    seconds_left: float


class Outlook:
    """The queue with its times, read at most every REREAD_SECONDS for all who ask.

    Args:
        journal: where the jobs are.
        left: estimated seconds that a job needs once it has its worker, or still needs if it has one.
        workers: how many runs or crews are trained at a time.
    """

    def __init__(self, journal: Journal, left: Callable[[Job], float], workers: Callable[[], int]) -> None:
        self._journal = journal
        self._left = left
        self._workers = workers
        self._lock = threading.Lock()
        self._read = 0.0
        self._places: dict[str, Place] = {}

    def places(self) -> dict[str, Place]:
        """Running jobs, then queued ones in the order of their turns, by run id."""
        with self._lock:
            if time.monotonic() - self._read > REREAD_SECONDS:
                self._places, self._read = self._look(), time.monotonic()
            return self._places

    def stale(self) -> None:
        """Read anew when next asked: something was just written."""
        with self._lock:
            self._read = 0.0

    def _look(self) -> dict[str, Place]:
        running, queued = self._journal.queue()
        busy = [self._left(job) for job in running]
        crews: dict[str, float] = {}
        for job, seconds in zip(running, busy, strict=True):
            crews[job.crew or job.run_id] = max(seconds, crews.get(job.crew or job.run_id, 0.0))
        ends = ends_of(list(crews.values()), [self._left(job) for job in queued], max(self._workers(), len(crews)))
        places = [Place(job, None, seconds) for job, seconds in zip(running, busy, strict=True)]
        places += [Place(job, position, end) for position, (job, end) in enumerate(zip(queued, ends, strict=True), start=1)]
        return {place.job.run_id: place for place in places}


def ends_of(busy: Sequence[float], waiting: Sequence[float], workers: int) -> list[float]:
    """Seconds until each waiting run ends, when each takes the first worker that is free in turn.

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
