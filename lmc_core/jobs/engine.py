"""The engine: what a page or a command asks for runs, whoever trains it and whatever dies meanwhile."""

import secrets
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Self

from lmc_core.checkpoints import resolve as checkpoints
from lmc_core.checkpoints.kept import missing
from lmc_core.cost import estimates as cost
from lmc_core.cost.estimates import Cost
from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, read_spec
from lmc_core.jobs import cells
from lmc_core.jobs.allowance import Allowance
from lmc_core.jobs.cells import Cells, CellState, SweepCost
from lmc_core.jobs.crew import crew_of
from lmc_core.jobs.database import Database
from lmc_core.jobs.dispatcher import Dispatcher
from lmc_core.jobs.journal import Job, Journal, Origin
from lmc_core.jobs.leftovers import remove_checkpoint, remove_kept, remove_leftovers
from lmc_core.jobs.outlook import Outlook
from lmc_core.jobs.owner_token import OwnerToken
from lmc_core.jobs.room import Room
from lmc_core.jobs.showing import finished_snapshot, queue_entries, run_listings, unfinished_snapshot
from lmc_core.jobs.snapshot import QueueEntry, RunListing, Snapshot
from lmc_core.jobs.timings import Timings
from lmc_core.jobs.view import View, seconds_left, slowness
from lmc_core.runs.kinds import kind_of
from lmc_core.runs.store import RunSummary, Store, StoredRun, checked_run_id
from lmc_core.runs.table import KEPT_ROWS, within_bounds
from lmc_core.runs.used_data import lacking_images
from lmc_core.settings import GIB, Fetching, Settings, accelerators

TRAINING = "lmc_core.jobs.work:train"
KEPT_VIEWS = 1_024
WEIGH_SECONDS = 1.0
"""How often what is kept of runs is held against its bound."""
KEPT_SECONDS = 5.0
"""An estimate for the queue is made anew at most so often, and more rarely where more than LONG_QUEUE runs are estimated."""
LONG_QUEUE = 50
KEPT_ESTIMATES = 8_192
POLL_SECONDS = 0.1
STOP_SECONDS = 20.0
"""How long a run may take to stop before its owner is told that it has not."""
LOOK_SECONDS = 5.0
"""A visitor's look is written down at most so often."""


@dataclass(frozen=True)
class Parts:
    """What an engine has between start and close."""

    journal: Journal
    timings: Timings
    outlook: Outlook
    dispatcher: Dispatcher
    room: Room
    cells: Cells


class Engine:
    """Takes specs, answers with snapshots. One for a process; its methods may be called from any thread.

    Args:
        settings: folders, workers and limits.
        serve: a server's engine takes anybody's queued runs and keeps its workers warm; a command line's takes only those
            that it was given itself, and starts workers only if no server takes them.
        training: dotted name of the `lmc_core.jobs.attempt.Train` that workers call.
        head_start: seconds before the workers come up unasked, while a server's first page has the machine.
    """

    def __init__(self, settings: Settings, *, serve: bool = True, training: str = TRAINING, head_start: float = 0.0) -> None:
        self.settings = settings
        self.store = Store(settings.cache_dir, settings.gallery_dir, settings.data_dir)
        self._owner = OwnerToken(settings.owner_token or secrets.token_urlsafe(9))
        self.owner_token = self._owner.text
        """Lets its holder delete and stop any run."""
        self._serve = serve
        self._training = training
        self._head_start = head_start
        self._lock = threading.Lock()
        self._parts: Parts | None = None
        self._views: OrderedDict[str, View] = OrderedDict()
        self._weighed = 0.0
        self._foretold: dict[str, tuple[float, float]] = {}
        self._looks: dict[tuple[str, str], float] = {}

    def start(self) -> Self:
        """Open the journal and, in the background, the workers.

        Raises:
            LMCError: the cache cannot be written.
        """
        journal = Journal(self._journal_file)
        try:
            dispatcher = Dispatcher(
                self.settings,
                journal,
                self._training,
                serve=self._serve,
                finished=self._learn,
                allowance=self._allowance,
                left=self._left_at_work,
                head_start=self._head_start,
            )
            most_bytes = self.settings.max_memory_gib * GIB
            choose = partial(crew_of, accelerated=bool(accelerators()), workers=1, most_bytes=most_bytes)
            outlook = Outlook(journal, self._left, self._slowness, lambda: dispatcher.workers, choose)
            parts = Parts(
                journal,
                Timings(journal.database),
                outlook,
                dispatcher,
                Room(self.settings, journal),
                Cells(journal, self._summary, lambda run_id: self._view(run_id).seen(), outlook.places),
            )
            if self._serve:
                remove_leftovers(self.settings.cache_dir, journal)
            self._parts = parts
            parts.dispatcher.start()
        except LMCError:
            self._parts = None
            journal.close()
            raise
        return self

    def close(self) -> None:
        """End the workers; running runs write their checkpoints and wait in the queue for the next engine."""
        parts, self._parts = self._parts, None
        if parts:
            parts.dispatcher.close()
            parts.journal.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def fault(self) -> str | None:
        """The sentence that says why nothing runs at the moment, such as that the scheduler does not answer; None if all is well."""
        return self._open.dispatcher.fault

    def estimate(self, spec: AnySpec) -> Cost:
        """What a run will take, by what earlier runs took on this machine; cheap enough for every redraw of a page."""
        return self._estimates([spec])[0]

    def _estimates(self, specs: Sequence[AnySpec]) -> list[Cost]:
        if self._parts:
            return [cost.estimate(spec, self._parts.timings.of) for spec in specs]
        if not self._journal_file.exists():
            return [cost.estimate(spec) for spec in specs]
        try:
            database = Database(self._journal_file)
        except LMCError:  # a cache that cannot be written: the defaults will do for an estimate
            return [cost.estimate(spec) for spec in specs]
        try:
            timings = Timings(database)
            return [cost.estimate(spec, timings.of) for spec in specs]
        finally:
            database.close()

    def refusal(self, spec: AnySpec) -> str | None:
        """The sentence with which `submit` would refuse this run for its cost or for images that lack; None if it would not."""
        told, limits = self.estimate(spec), self.settings
        reason = cost.refusal(spec, told, limits.max_seconds, limits.max_memory_gib, limits.max_disk_gib)
        reason = reason or (self._parts.room.refusal(told.disk_bytes) if self._parts else None)
        return reason or lacking_images(spec, self.settings.data_dir)

    def check(self, spec: AnySpec, token: str | None = None) -> None:
        """Return if `submit` would take this run or knows it already, as far as can be told without training.

        Args:
            spec: the run.
            token: as in `submit`.

        Raises:
            LMCError: it would not; the same sentence.
        """
        finished, job = self.store.find(spec.run_id), self._parts.journal.job(spec.run_id) if self._parts else None
        if (finished and not finished.shipped) or (job and job.state in ("queued", "running")):
            return
        if reason := self.refusal(spec):
            raise LMCError(reason)
        self._check_start(spec, token)

    def submit(self, spec: AnySpec, visitor: str, token: str | None = None, address: str | None = None) -> str:
        """Have a run trained unless it is finished or under way; its id. One that only ships with the program is trained here.

        Networks that a finished run kept and whose folders are gone are written again.

        Args:
            spec: the run.
            visitor: a text that stays the same for one visitor, for fair turns and for cancelling.
            token: with the owner's token its checkpoint may be in any folder of this machine.
            address: where the visitor comes from, if all from there are bounded together.

        Raises:
            LMCError: the run, the visitor or the address passes a limit, which the sentence names; the run's checkpoint is not to be had.
        """
        parts, run_id = self._open, spec.run_id
        finished = self._find(run_id)
        here = finished is not None and not finished.shipped
        if finished and here and not missing(run_id, finished.weights, self.settings.data_dir):
            return run_id
        self.check(spec, token)
        told = self.estimate(spec).seconds
        parts.journal.submit(run_id, spec.model_dump_json(), visitor, self.settings.max_queued, self._origin(address), told)
        self._changed(run_id)
        parts.dispatcher.want(run_id)
        return run_id

    def estimate_all(self, specs: Sequence[AnySpec]) -> SweepCost:
        """What a sweep of these runs will take; finished ones, shipped ones too, take nothing."""
        return cells.total(len({spec.run_id for spec in specs}), self._to_train(specs), self._workers)

    def refusal_all(self, specs: Sequence[AnySpec]) -> str | None:
        """The sentence with which `submit_all` would refuse these runs for their number or cost; None if it would not."""
        return self._refusal_all(specs, self._to_train(specs))

    def _refusal_all(self, specs: Sequence[AnySpec], to_train: Sequence[tuple[AnySpec, Cost]]) -> str | None:
        jobs = self._parts.journal.jobs_of([spec.run_id for spec, _ in to_train]) if self._parts else {}
        under_way = {run_id for run_id, job in jobs.items() if job.state in ("queued", "running")}
        waiting = [item for item in to_train if item[0].run_id not in under_way]
        reason = cells.refusal(specs, waiting, self.settings, self._workers)
        return reason or (self._parts.room.refusal(sum(cost.disk_bytes for _, cost in waiting)) if self._parts else None)

    def submit_all(self, specs: Sequence[AnySpec], visitor: str, token: str | None = None, address: str | None = None) -> list[str]:
        """Have all runs of a sweep trained that are not finished or under way, or none; their ids, one for each spec.

        Runs that ship with the program count as finished, unless they keep networks, which do not ship. What finished runs kept is
        written again where it is gone. For LMC_MAX_QUEUED the sweep is one run.

        Args:
            specs: the runs, in the order in which they shall be trained.
            visitor: as in `submit`.
            token: as in `submit`.
            address: as in `submit`.

        Raises:
            LMCError: the sweep, one of its runs, the visitor or the address passes a limit, which the sentence names; a run's checkpoint
                is not to be had.
        """
        parts = self._open
        to_train = self._to_train(specs)
        if reason := self._refusal_all(specs, to_train):
            raise LMCError(reason)
        for spec, _ in to_train:
            self._check_start(spec, token)
        if wanted := {spec.run_id: spec.model_dump_json() for spec in (*(spec for spec, _ in to_train), *self._to_write(specs))}:
            told = {spec.run_id: cost.seconds for spec, cost in to_train}
            parts.journal.submit_all(wanted, visitor, self.settings.max_queued, uuid.uuid4().hex, self._origin(address), told)
            self._changed(*wanted)
            parts.dispatcher.want(*wanted)
        return [spec.run_id for spec in specs]

    def cancel_all(self, run_ids: Iterable[str], visitor: str) -> int:
        """Note that a visitor no longer wants these runs; how many of them stop, since nobody else wants them either.

        Raises:
            LMCError: one is not a run id.
        """
        leaving = [checked_run_id(run_id) for run_id in dict.fromkeys(run_ids)]
        stops = self._open.journal.leave_all(leaving, visitor)
        self._changed(*leaving)
        self._open.dispatcher.wake()
        return stops

    def states(self, run_ids: Iterable[str]) -> dict[str, CellState]:
        """Where each of these runs stands, in their order; cheap, to be polled by many who watch many runs.

        Raises:
            LMCError: one is not a run id.
        """
        return self._open.cells.states(checked_run_id(run_id) for run_id in run_ids)

    def wait_all(
        self, run_ids: Sequence[str], timeout: float | None = None, on_change: Callable[[dict[str, CellState]], None] | None = None
    ) -> dict[str, CellState]:
        """These runs when all have ended, or as they are after so many seconds; `on_change` gets what differs from before on the way.

        Raises:
            LMCError: as in `wait`.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        before: dict[str, CellState] = {}
        while True:
            states = self.states(run_ids)
            if on_change and states != before:
                on_change(states)
            before = states
            if all(cell.ended for cell in states.values()) or (deadline is not None and time.monotonic() >= deadline):
                return states
            self._raise_what_keeps_a_command_waiting()
            time.sleep(POLL_SECONDS)

    def cancel(self, run_id: str, visitor: str, token: str | None = None) -> bool:
        """Note that a visitor no longer wants a run; True if it stops, False if others still want it or it has ended.

        Args:
            run_id: the run.
            visitor: as in `submit`.
            token: with the owner's token it stops whoever wants it.

        Raises:
            LMCError: not a run id, or another token than the owner's.
        """
        checked_run_id(run_id)
        if token is not None:
            self.demand_owner(token)
        stops = self._open.journal.leave(run_id, visitor, everybody=token is not None)
        if stops and token is not None:
            self._open.journal.notice(run_id, "The owner of this server stopped this run.")
        self._changed(run_id)
        self._open.dispatcher.wake()
        return stops

    def stop(self, run_id: str, token: str) -> None:
        """Stop a run, whoever wants it, and return when it has stopped.

        Raises:
            LMCError: not a run id; another token than the owner's; the run is not under way, or does not stop.
        """
        if not self.cancel(run_id, "owner", token):
            raise LMCError(f"Run {run_id} neither waits nor trains, so there is nothing to stop.")
        deadline = time.monotonic() + STOP_SECONDS
        while (job := self._open.journal.job(run_id)) and job.state in ("queued", "running"):
            if time.monotonic() > deadline:
                raise LMCError(f"Run {run_id} was told to stop and has not done so yet; try again in a minute.")
            time.sleep(POLL_SECONDS)
        self._changed(run_id)

    def snapshot(self, run_id: str, visitor: str | None = None) -> Snapshot:
        """The run at this moment, from the cache or the journal; cheap, to be polled.

        Args:
            run_id: the run.
            visitor: who looks; counts as somebody who wants the run while looking, unless they left it.

        Raises:
            LMCError: not a run id.
        """
        view = self._view(checked_run_id(run_id))
        if visitor is not None:
            self._look(run_id, visitor)
        seen = view.seen()
        if seen.job is None or seen.job.state not in ("queued", "running"):
            if stored := self._find(run_id):
                return finished_snapshot(stored, seen.notices)
            seen = view.seen()
        return unfinished_snapshot(run_id, seen, self._open.outlook.places().get(run_id), self._open.dispatcher.word)

    def wait(self, run_id: str, timeout: float | None = None, on_change: Callable[[Snapshot], None] | None = None) -> Snapshot:
        """The run when it has ended, or as it is after so many seconds; `on_change` gets each other version on the way.

        Raises:
            LMCError: not a run id; or, in a command line's engine, nothing can run it, for a reason that the sentence gives.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        version = None
        while True:
            snapshot = self.snapshot(run_id)
            if on_change and snapshot.version != version:
                on_change(snapshot)
            version = snapshot.version
            if snapshot.ended or (deadline is not None and time.monotonic() >= deadline):
                return snapshot
            self._raise_what_keeps_a_command_waiting()
            time.sleep(POLL_SECONDS)

    def _raise_what_keeps_a_command_waiting(self) -> None:
        if self.fault and not self._serve:
            raise LMCError(self.fault)

    def queue(self, visitor: str | None = None) -> list[QueueEntry]:
        """Running runs, then queued ones in the order in which workers will take them."""
        journal = self._open.journal
        mine = journal.wants(visitor) if visitor is not None else set()
        return queue_entries(self._open.outlook.places().values(), mine, journal.watchers)

    def runs(self) -> list[RunListing]:
        """All runs in the cache and the journal, the newest first."""
        finished = self.store.list()
        self._note_damage()
        return run_listings(finished, self._open.journal.jobs())

    def delete(self, run_id: str, token: str, guesser: str = "") -> None:
        """Remove a run with its events, its checkpoint and what it kept for others to begin with; it is stopped first if under way.

        Args:
            run_id: the run.
            token: the owner's.
            guesser: as in `demand_owner`.

        Raises:
            LMCError: another token than the owner's; no such run; it does not stop; it ships with the program.
        """
        self.demand_owner(token, guesser)
        stored, job = self.store.find(run_id), self._open.journal.job(run_id)
        if job and job.state in ("queued", "running"):
            self.stop(run_id, token)
            stored = self.store.find(run_id)  # it may have ended before it heard of it
        if stored or job is None:
            self.store.delete(run_id)
        if not self._open.journal.forget(run_id):
            raise LMCError(f"Somebody asked for run {run_id} again meanwhile; delete it once more.")
        if job:
            self._open.journal.notice(run_id, "The owner of this server deleted this run.")
        remove_checkpoint(self.settings.cache_dir, run_id)
        remove_kept(self.settings.data_dir, run_id)
        self._changed(run_id)

    def demand_owner(self, token: str, guesser: str = "") -> None:
        """Return if this is the owner's token, which somebody has just entered.

        Args:
            token: what was entered.
            guesser: the address that it comes from; after wrong ones, its next guesses are not looked at for a while.

        Raises:
            LMCError: it is another one, or there were too many wrong ones.
        """
        self._owner.demand(token, guesser)

    def is_owner(self, token: str) -> bool:
        """Whether this is the token that was printed when the server started."""
        return self._owner.is_it(token)

    def fetching(self, token: str | None = None) -> Fetching:
        """What whoever asks may have fetched from the Hugging Face hub: a server's visitors some models, others any.

        Args:
            token: the owner's, or none.
        """
        if not self._serve:
            return Fetching()
        bounds = self.settings.fetching
        return replace(bounds, names=Fetching().names) if self._anywhere(token) else bounds

    def _check_start(self, spec: AnySpec, token: str | None) -> None:
        checkpoints.checked(spec, self.settings.data_dir, anywhere=self._anywhere(token), fetching=self.fetching(token))

    def _anywhere(self, token: str | None) -> bool:
        """Whether a checkpoint may be in any folder of this machine: a server's visitors name what lies in the models' folder."""
        return not self._serve or (token is not None and self.is_owner(token))

    def _origin(self, address: str | None) -> Origin | None:
        return None if address is None else Origin(address, self.settings.max_queued_per_address)

    @property
    def _journal_file(self) -> Path:
        return self.settings.cache_dir / "journal.sqlite"

    @property
    def _workers(self) -> int:
        return self._parts.dispatcher.workers if self._parts else self.settings.workers

    @property
    def _open(self) -> Parts:
        if self._parts is None:
            raise LMCError("The engine is closed; start the program again.")
        return self._parts

    def _view(self, run_id: str) -> View:
        with self._lock:
            view = self._views.pop(run_id, None) or View(self._open.journal, run_id)
            self._views[run_id] = view
            while len(self._views) > KEPT_VIEWS:
                self._views.popitem(last=False)
            if time.monotonic() - self._weighed > WEIGH_SECONDS:
                self._weighed = time.monotonic()
                within_bounds(self._views, KEPT_ROWS, lambda view: view.rows)
        return view

    def _look(self, run_id: str, visitor: str) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._looks.get((run_id, visitor), -LOOK_SECONDS) < LOOK_SECONDS:
                return
            self._looks = {key: at for key, at in self._looks.items() if now - at < LOOK_SECONDS}
            self._looks[run_id, visitor] = now
        self._open.journal.look(run_id, visitor)

    def _changed(self, *run_ids: str) -> None:
        for run_id in run_ids:
            self._view(run_id).stale()
        self._open.outlook.stale()
        self._open.cells.stale(run_ids)

    def _summary(self, run_id: str) -> RunSummary | None:
        summary = self.store.summary(run_id)
        self._note_damage()
        return summary

    def _to_train(self, specs: Sequence[AnySpec]) -> list[tuple[AnySpec, Cost]]:
        """Those of the runs, each once, that are not finished, with what they will take."""
        different = {spec.run_id: spec for spec in specs}
        left = [spec for spec in different.values() if not self._is_finished(spec)]
        return list(zip(left, self._estimates(left), strict=True))

    def _is_finished(self, spec: AnySpec) -> bool:
        """Whether there is a run with all that others may ask of it."""
        if not spec.kept_epochs:
            return self.store.summary(spec.run_id) is not None
        run = self.store.find(spec.run_id)
        return run is not None and not run.shipped

    def _to_write(self, specs: Sequence[AnySpec]) -> list[AnySpec]:
        """Those of the runs, each once, that are finished, but what they kept is gone."""
        keeping = {spec.run_id: spec for spec in specs if spec.kept_epochs}
        runs = {run_id: run for run_id in keeping if (run := self.store.find(run_id)) and not run.shipped}
        return [keeping[run_id] for run_id, run in runs.items() if missing(run_id, run.weights, self.settings.data_dir)]

    def _find(self, run_id: str) -> StoredRun | None:
        stored = self.store.find(run_id)
        self._note_damage()
        return stored

    def _note_damage(self) -> None:
        """Tell of damaged runs; those that this cache computed are computed again."""
        for damage in self.store.take_damage():
            self._open.journal.notice(damage.run_id, damage.text)
            self._open.journal.again(damage.run_id)
            self._changed(damage.run_id)
            self._open.dispatcher.wake()

    def _left(self, job: Job) -> float:
        """Seconds that a job still needs once it has a worker; of one that was at work before, those that its last speed tells."""
        spec, estimate = _spec_of(job.spec), self._foretold_seconds(job)
        if job.state == "queued" and not job.attempt:
            return estimate
        seen = self._view(job.run_id).seen()
        now = seen.heard[0] if job.state == "queued" and seen.heard else time.time()
        return seconds_left(seen, estimate, now, partial(kind_of(spec).effort, spec))

    def _left_at_work(self) -> dict[str, float]:
        places = self._open.outlook.places().values()
        return {place.job.run_id: place.seconds_left for place in places if place.position is None}

    def _slowness(self, job: Job) -> float | None:
        spec = _spec_of(job.spec)
        return slowness(self._view(job.run_id).seen(), self._foretold_seconds(job), partial(kind_of(spec).effort, spec))

    def _foretold_seconds(self, job: Job) -> float:
        """What the whole run was estimated to take, made anew now and then."""
        at, estimate = self._foretold.get(job.run_id, (-KEPT_SECONDS, 0.0))
        if time.monotonic() - at > KEPT_SECONDS * max(1.0, len(self._foretold) / LONG_QUEUE):
            estimate = self.estimate(_spec_of(job.spec)).seconds
            if len(self._foretold) > KEPT_ESTIMATES:
                self._foretold.clear()
            self._foretold[job.run_id] = time.monotonic(), estimate
        return estimate

    def _allowance(self, specs: Sequence[str]) -> Allowance:
        """What an order may take of its worker, by what its runs were told to take."""
        seconds = sum(told.seconds for told in self._estimates([_spec_of(text) for text in specs]))
        return Allowance(seconds, self.settings.max_overrun, self.settings.max_memory_gib)

    def _learn(self, run_id: str) -> None:
        if (parts := self._parts) and (stored := self.store.find(run_id)):
            parts.timings.record(stored.spec, stored.result.timing)


@lru_cache(maxsize=4_096)
def _spec_of(text: str) -> AnySpec:
    return read_spec(text)
