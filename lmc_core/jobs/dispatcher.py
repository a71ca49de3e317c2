"""Gives each worker one run or one crew of runs at a time, and sees to it that none is lost, whoever dies."""

import queue
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lmc_core.disk import telling
from lmc_core.errors import LMCError
from lmc_core.jobs.allowance import UNLIMITED, Allowance
from lmc_core.jobs.attempt import Order, Outcome, Task
from lmc_core.jobs.crew import crew_of
from lmc_core.jobs.giving_way import Pauses
from lmc_core.jobs.journal import Journal
from lmc_core.jobs.leases import Lease
from lmc_core.jobs.loss import ClusterLostError, Loss
from lmc_core.jobs.recorder import Recorder
from lmc_core.settings import GIB, Settings

if TYPE_CHECKING:
    from lmc_core.jobs.cluster import Cluster

IDLE_SECONDS = 0.2
"""How often the journal is looked at for what other processes wrote."""
WATCH_SECONDS = 1.0
"""How often orphans, lost leases and dead workers are looked for."""
HEAD_START_SECONDS = 1.0
"""How long a command line waits for a server, whose workers are warm, before it starts workers of its own."""
TURN_SECONDS = 30.0
"""How long a crew, which may be a whole sweep, keeps its worker while another visitor waits; then it goes on after them."""
RETRY_SECONDS = 3.0
"""Pause after a fault, such as a scheduler that does not answer."""
CLOSE_SECONDS = 5.0
"""How long running runs may take to write their checkpoints when the engine closes."""
END_SECONDS = 30.0
"""How long the whole end of an engine may take."""
BEATS_A_LEASE = 6


class Dispatcher:
    """A thread that takes runs from the journal to workers, one run or crew a worker.

    Args:
        settings: folders, workers, lease.
        journal: shared with the engines of other processes.
        training: dotted name of the `Train` that workers call.
        serve: take anybody's runs; otherwise only those given to `want`, on workers that are started when needed.
        finished: called with the id of each run that this engine has finished by itself, not in a crew.
        allowance: given the specs' JSON of an order, what it may take.
        left: gives the estimated seconds to the ends of runs at work.
        head_start: seconds for which the rest of the process, such as a server's first page, has the machine before workers start;
            they start at once when something is asked for.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        training: str,
        *,
        serve: bool,
        finished: Callable[[str], None],
        allowance: Callable[[Sequence[str]], Allowance] = lambda _specs: UNLIMITED,
        left: Callable[[], Mapping[str, float]] = dict,
        head_start: float = 0.0,
    ) -> None:
        self.owner = uuid.uuid4().hex
        self.fault: str | None = None
        """The sentence that says why nothing runs at the moment."""
        self._settings = settings
        self._journal = journal
        self._training = training
        self._serve = serve
        self._finished = finished
        self._allowance = allowance
        self._left = left
        self._pauses = Pauses(journal.database)
        self._pausing: dict[str, float] = {}
        self._head_start = head_start
        self._wanted: dict[str, float] = {}
        self._lease = Lease(journal.database, self.owner, settings.lease_seconds, serves=serve)
        self._recorder = Recorder(journal, self.owner, self._lease, settings.lease_seconds / BEATS_A_LEASE)
        self._cluster: Cluster | None = None
        self._running: dict[str, Task] = {}
        self._yielding: set[str] = set()
        self._told_to_stop: dict[Task, float] = {}
        self._ended: queue.SimpleQueue[list[tuple[Task, Outcome | Loss]]] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._next_watch = 0.0
        self._thread = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin, in the background.

        Raises:
            LMCError: the journal cannot be written.
        """
        self._recorder.start()
        self._thread.start()

    @property
    def workers(self) -> int:
        """How many runs or crews are trained at a time."""
        return (self._cluster.workers if self._cluster and self._settings.scheduler else 0) or self._settings.workers

    @property
    def word(self) -> str | None:
        """The sentence for those who wait: the fault, or that workers are being replaced; None if all is well."""
        return self.fault or (self._cluster.word if self._cluster else None)

    def want(self, *run_ids: str) -> None:
        """Note that this process waits for runs, and look at the journal now."""
        self._wanted |= dict.fromkeys(run_ids, time.monotonic())
        self.wake()

    def wake(self) -> None:
        """Look at the journal now."""
        self._wake.set()

    def close(self) -> None:
        """Let running runs write their checkpoints, put them back into the queue, end the workers."""
        self._closing.set()
        self.wake()
        self._thread.join(END_SECONDS)  # not for ever: a call to a scheduler elsewhere may not come back
        self._recorder.close()

    def _dispatch(self) -> None:
        pause = self._head_start
        while True:
            self._wake.wait(pause)
            self._wake.clear()
            if self._closing.is_set():
                break
            try:
                self._turn()
                self.fault, pause = None, IDLE_SECONDS
            except ClusterLostError as fault:
                self.fault, pause = str(fault), RETRY_SECONDS
                self._disconnect()
            except LMCError as fault:
                self.fault, pause = str(fault), RETRY_SECONDS
            except Exception as fault:  # noqa: BLE001 # the queue must outlive any defect; it is told and logged, and tried again
                self.fault, pause = f"The queue met an unexpected {type(fault).__name__} ({fault}); {self._note()}", RETRY_SECONDS
        self._end()

    def _turn(self) -> None:
        self._settle()
        if time.monotonic() >= self._next_watch:
            self._next_watch = time.monotonic() + WATCH_SECONDS
            self._lease.free_orphans()
            if self._cluster or self._serve:
                self._connected().free_workers()
        self._pass_on_stops()
        if self._may_claim():
            self._fill_workers()
            if self._serve:
                self._yielding |= set(self._journal.crew_in_the_way(self.owner, TURN_SECONDS)) & self._running.keys()
                self._let_short_ones_pass()

    def _let_short_ones_pass(self) -> None:
        """Have one long run, or crew, pause for the short ones that wait, and none while another is on its way out."""
        if self._yielding or not self._journal.queued():
            return
        if due := self._pauses.due(self.owner, self._left()):
            self._pausing |= {run_id: due.left for run_id in due.run_ids if run_id in self._running}
            self._yielding |= self._pausing.keys()

    def _fill_workers(self) -> None:
        cluster = self._connected()
        free = cluster.free_workers()
        for place, worker in enumerate(free):
            most_bytes = self._settings.max_memory_gib * GIB
            choose = partial(crew_of, accelerated=cluster.accelerated(worker), workers=len(free) - place, most_bytes=most_bytes)
            claims = self._journal.claim_crew(self.owner, choose, None if self._serve else self._wanted.keys())
            if not claims:
                return
            order = Order(
                tasks=tuple(Task(claim.run_id, claim.attempt, claim.spec, claim.told) for claim in claims),
                cache_dir=str(self._settings.cache_dir),
                data_dir=str(self._settings.data_dir),
                training=self._training,
                topic=self.owner,
                own_machine=cluster.on_this_machine,
                allowance=self._allowance([claim.spec for claim in claims]),
            )
            for task in order.tasks:
                self._running[task.run_id] = task
                if task.attempt > 1:
                    cluster.stop(task.run_id, task.attempt - 1)
            cluster.start(order, worker)

    def _may_claim(self) -> bool:
        queued = self._journal.queued()
        if self._serve:
            return bool(queued)
        mine = [run_id for run_id in queued if run_id in self._wanted]
        if mine and self._cluster is None and self._lease.others_serve():
            return any(time.monotonic() - self._wanted[run_id] > HEAD_START_SECONDS for run_id in mine)
        return bool(mine)

    def _connected(self) -> "Cluster":
        if self._cluster is None:
            from lmc_core.jobs.cluster import Cluster  # here, since Dask takes half a second that the first page shall not wait for

            self._cluster = Cluster(self._settings, self.owner, self._training, self._recorder.hear, self._heard_end, self.wake)
        return self._cluster

    def _disconnect(self) -> None:
        """Give up a scheduler that does not answer; what ran there goes back to the queue."""
        self._ended.put([(task, Loss("lost")) for task in self._running.values()])
        if self._cluster:
            self._cluster.close()
        self._cluster = None

    def _heard_end(self, ends: list[tuple[Task, Outcome | Loss]]) -> None:
        self._ended.put(ends)
        self.wake()

    def _settle(self) -> None:
        """Write into the journal how attempts ended."""
        while not self._ended.empty():
            ends = self._ended.get()
            self._recorder.flush()
            while ends:
                task, how = ends[0]
                try:
                    self._record_end(task.run_id, task.attempt, how)
                except LMCError:
                    self._ended.put(ends)
                    raise
                if self._running.get(task.run_id) == task:
                    del self._running[task.run_id]
                    self._yielding.discard(task.run_id)
                    self._pausing.pop(task.run_id, None)
                self._told_to_stop.pop(task, None)
                del ends[0]

    def _record_end(self, run_id: str, attempt: int, how: Outcome | Loss) -> None:
        if isinstance(how, Loss):
            if how.kind == "lost" or self._closing.is_set():  # workers may die of the server's end
                self._journal.interrupted(self.owner, run_id, attempt)
            else:
                self._journal.died(self.owner, run_id, attempt, how)
        elif how.state == "stopped":
            self._journal.stopped(self.owner, run_id, attempt, first=run_id not in self._yielding)
            if (left := self._pausing.get(run_id)) is not None:
                self._pauses.note(run_id, left)
        elif how.state == "parted":
            self._journal.parted(self.owner, run_id, attempt)
        else:
            job = self._journal.job(run_id)
            self._journal.finish(self.owner, run_id, attempt, how.state, how.error)
            if how.state == "done" and job and not job.crew:  # in a crew, a run's share says nothing of what it takes alone
                self._finished(run_id)

    def _pass_on_stops(self) -> None:
        """Stop what somebody cancelled, what yields its turn, and what another engine took over while this one gave no sign of life.

        Said again until it is heard: a message to a worker may be lost on the way.
        """
        if not self._running or self._cluster is None:
            return
        mine, now = self._journal.running(self.owner), time.monotonic()
        for task in self._running.values():
            owned, stopping = mine.get(task.run_id, (0, True))
            leave = stopping or owned != task.attempt or task.run_id in self._yielding
            if leave and now - self._told_to_stop.get(task, 0.0) > WATCH_SECONDS:
                self._cluster.stop(task.run_id, task.attempt)
                self._told_to_stop[task] = now

    def _end(self) -> None:
        deadline = time.monotonic() + CLOSE_SECONDS
        try:
            if self._cluster:
                for task in self._running.values():
                    self._cluster.stop(task.run_id, task.attempt)
            while self._running and time.monotonic() < deadline:
                self._wake.wait(IDLE_SECONDS)
                self._wake.clear()
                self._settle()
            for task in self._running.values():
                self._journal.interrupted(self.owner, task.run_id, task.attempt)
            self._lease.end()
        except LMCError as fault:  # the lease runs out, and then the others take over what was running
            self.fault = str(fault)
        finally:
            if self._cluster:
                self._cluster.close()

    def _note(self) -> str:
        path = self._settings.cache_dir / "logs" / "dispatcher.log"
        try:
            with telling(path.parent):
                path.parent.mkdir(exist_ok=True)
                path.write_text(traceback.format_exc())
        except LMCError as fault:
            return f"its details could not be kept: {fault}"
        return f"the details are in {path}."
