"""One run as this process sees it: what the journal tells, folded as it comes, once for all who look."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lmc_core.experiment import read_spec
from lmc_core.jobs.journal import Job, Journal
from lmc_core.runs.events import EVENT, Started
from lmc_core.runs.kinds import AnyProgress, kind_of
from lmc_core.runs.progress import Progress
from lmc_core.runs.table import SHOWN_ROWS

FRESH_SECONDS = 0.05
"""Who looks again so soon gets what was read last."""
EVENTS_AT_ONCE = 100
"""Events that are read and folded at a time: each may hold thousands of numbers."""
STEADY_SECONDS = 0.5
"""Before so long a training has gone on, its own speed says less than the estimate."""


@dataclass(frozen=True)
class Seen:
    """The journal's row of a run and the fold of its events at one moment."""

    job: Job | None
    progress: AnyProgress
    last: int
    """The number of the last event."""
    watchers: int
    notices: tuple[str, ...]
    began: tuple[float, int] | None
    """When the training last started or went on, in seconds since 1970, and at which step."""
    heard: tuple[float, int] | None
    """The same of the last event."""


NOTHING = Seen(None, Progress(), 0, 0, (), None, None)


class View:
    """Reads a run's row and its new events, at most every FRESH_SECONDS, whatever number of sessions ask."""

    def __init__(self, journal: Journal, run_id: str) -> None:
        self._journal = journal
        self._run_id = run_id
        self._lock = threading.Lock()
        self._seen = NOTHING
        self._read = 0.0

    def seen(self) -> Seen:
        """The run now."""
        with self._lock:
            if time.monotonic() - self._read > FRESH_SECONDS:
                self._seen = self._look(self._seen)
                self._read = time.monotonic()
            return self._seen

    @property
    def rows(self) -> int:
        """Rows that are kept of the run."""
        return self._seen.progress.rows

    def stale(self) -> None:
        """Read anew when next asked: something was just written."""
        with self._lock:
            self._read = 0.0

    def _look(self, before: Seen) -> Seen:
        job = self._journal.job(self._run_id)
        notices = self._journal.notices(self._run_id)
        if job is None or job.state == "done":
            return Seen(job, Progress(), 0, 0, notices, None, None)
        if before.job is None or before.job.state == "done" or before.job.generation != job.generation:
            before = replace(NOTHING, progress=kind_of(read_spec(job.spec)).progress().bounded(SHOWN_ROWS))
        seen = replace(before, job=job, watchers=self._journal.watchers(self._run_id), notices=notices)
        while told := self._journal.events(self._run_id, after=seen.last, most=EVENTS_AT_ONCE):
            events = [EVENT.validate_json(item.event) for item in told]
            progress, began = seen.progress.after(events), seen.began
            for item, event in zip(told, events, strict=True):
                if isinstance(event, Started):
                    began = item.at, event.step
            seen = replace(seen, progress=progress, last=told[-1].seq, began=began, heard=(told[-1].at, progress.step))
        return seen


def slowness(seen: Seen, estimate: float, effort: Callable[[int], float] = float) -> float | None:
    """How many times as long as it was estimated a run takes, by its own speed; None before it has one."""
    if seen.began is None or seen.heard is None or not estimate:
        return None
    (began, at_first), (heard, at_last) = seen.began, seen.heard
    first, step, total = effort(at_first), effort(at_last), effort(seen.progress.total_steps)
    if step <= first or heard - began < STEADY_SECONDS:
        return None
    return (heard - began) / (step - first) * total / estimate


def seconds_left(seen: Seen, estimate: float, now: float, effort: Callable[[int], float] = float) -> float:
    """Estimated seconds to a run's end, from its own speed once it has one.

    Args:
        seen: the run.
        estimate: seconds that the whole run was estimated to take.
        now: seconds since 1970.
        effort: of the steps up to one, in any unit, where not all steps take the same.
    """
    if seen.began is None or seen.heard is None:
        return estimate
    (began, at_first), (heard, at_last) = seen.began, seen.heard
    first, step, total = effort(at_first), effort(at_last), effort(seen.progress.total_steps)
    if step <= first or heard - began < STEADY_SECONDS:
        return max(0.0, estimate * (1 - first / max(1, total)) - (now - began))
    return max(0.0, (heard - began) / (step - first) * (total - step) - (now - heard))
