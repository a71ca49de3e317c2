"""The journal: which runs were asked for, by whom, where each stands and what it has told."""

import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from lmc_core.errors import LMCError
from lmc_core.jobs.database import Database
from lmc_core.jobs.loss import Loss
from lmc_core.jobs.turns import Candidate, Waiting, able_to_join, order_of_turns

JobState = Literal["queued", "running", "done", "failed", "cancelled"]

LOOKING_SECONDS = 15.0
"""A visitor who only looks on counts as a watcher for so long after the last look."""
NOTICE_SECONDS = 3600.0
"""How long a notice on a run is shown."""
DEATHS_ALLOWED = 2
"""When so many of its workers have ended by themselves, a run is failed: it is probably what ends them."""
VANISHED_ALLOWED = 50
"""The same for workers whose end may be anybody's doing, one after the other, while the run got no further."""
PATIENT_UNTIL = 3
"""After so many of these in a row the run no longer goes before those that wait."""
MOST_CREWS = 40
MOST_RUNS_OF_ORIGIN = 2_000
"""Runs, each cell of a sweep counted, that all visitors of one address have waiting or running."""
MOMENT = 1e-6
"""Seconds between two runs of one sweep, so that they are trained in its order."""

Choose = Callable[[Sequence[Candidate]], Sequence[Candidate]]
"""Of runs that wait, gives those that one worker shall train as one program, the first first."""

WANTED = "(role = 'asked' OR (role = 'looking' AND seen > ?))"


@dataclass(frozen=True)
class Origin:
    """Where a visitor comes from."""

    address: str
    max_queued: int
    """How many runs and sweeps may be queued or running that were asked for from there."""


@dataclass(frozen=True)
class Job:
    """A row of the journal; times are in seconds since 1970."""

    run_id: str
    spec: str
    """The spec's JSON."""
    state: JobState
    submitted: float
    finished: float | None
    stopping: bool
    attempt: int
    error: str | None
    generation: int
    change: int
    crew: str | None
    """The same text for runs that are at work as one program."""
    alone: bool
    """Whether it may not train in a crew."""
    paused: bool
    """Whether it waits since it gave way to shorter runs."""


@dataclass(frozen=True)
class Claim:
    """A run that this engine shall now run."""

    run_id: str
    spec: str
    attempt: int
    told: int
    """The number of its last event that the journal has."""


@dataclass(frozen=True)
class Told:
    """An event as the journal keeps it."""

    seq: int
    at: float
    event: str


class Journal:
    """The jobs of one cache, shared by all engines of all processes that use it on this machine."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def submit(
        self, run_id: str, spec: str, visitor: str, max_queued: int, origin: Origin | None = None, told: float | None = None
    ) -> None:
        """Note that a visitor wants a run; it is queued unless it is queued or running already.

        Raises:
            LMCError: the visitor, or all of one origin, have as many runs queued or running as they may have.
        """
        self.submit_all({run_id: spec}, visitor, max_queued, None, origin, {} if told is None else {run_id: told})

    def submit_all(
        self,
        specs: Mapping[str, str],
        visitor: str,
        max_queued: int,
        sweep: str | None,
        origin: Origin | None = None,
        told: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Note that a visitor wants some runs, all or none; those are queued that are not queued or running already.

        Args:
            specs: the specs' JSON by run id, in the order in which they shall be trained.
            visitor: who wants them.
            max_queued: how many runs and sweeps a visitor may have queued or running.
            sweep: a text of its own for these runs, which then count as one; None: each counts.
            origin: where the visitor comes from, if that is bounded.
            told: seconds that each is estimated to take; without them no long run gives way to it.

        Raises:
            LMCError: as in `submit`.
        """
        now = time.time()
        with self.database.transaction():
            unfinished = self._unfinished()
            under_way = {waiting.run_id for waiting, _ in unfinished}
            if not under_way.issuperset(specs):
                new = sum(run_id not in under_way for run_id in specs)
                _demand_room(visitor, max_queued, origin, [waiting for waiting, _ in unfinished], new)
            for place, (run_id, spec) in enumerate(specs.items()):
                if run_id not in under_way:
                    submitted, address = now + place * MOMENT, origin.address if origin else None
                    self.database.change("DELETE FROM watchers WHERE run_id = ?", (run_id,))
                    self.database.change(
                        "INSERT INTO jobs (run_id, spec, state, submitted, sweep, address, generation, told) "
                        "VALUES (?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7) "
                        "ON CONFLICT (run_id) DO UPDATE SET state = 'queued', submitted = ?3, sweep = ?4, address = ?5, "
                        "finished = NULL, interrupted = 0, stopping = 0, owner = NULL, crew = NULL, alone = 0, deaths = 0, "
                        "vanished = 0, reached = 0, error = NULL, told = ?7, paused = NULL, returns = NULL, owed = 0, "
                        "change = change + 1",
                        # a row made anew is never taken for the old one
                        (run_id, spec, submitted, sweep, address, time.time_ns(), told.get(run_id)),
                    )
                self.database.change(
                    "INSERT INTO watchers VALUES (?1, ?2, 'asked', ?3, ?3) ON CONFLICT DO UPDATE SET role = 'asked', seen = ?3",
                    (run_id, visitor, now),
                )

    def look(self, run_id: str, visitor: str) -> None:
        """Note that a visitor looks on while a run waits or runs; one who asked or left stays so."""
        self.database.change(
            "INSERT INTO watchers SELECT run_id, ?2, 'looking', ?3, ?3 FROM jobs WHERE run_id = ?1 AND state IN ('queued', 'running') "
            "ON CONFLICT DO UPDATE SET seen = ?3",
            (run_id, visitor, time.time()),
        )

    def leave(self, run_id: str, visitor: str, *, everybody: bool = False) -> bool:
        """Note that a visitor (or everybody) no longer wants a run; True if it stops or was stopped, since nobody wants it."""
        now = time.time()
        with self.database.transaction():
            job = self.job(run_id)
            if job is None or job.state not in ("queued", "running"):
                return False
            self.database.change(
                "INSERT INTO watchers VALUES (?1, ?2, 'left', ?3, ?3) ON CONFLICT DO UPDATE SET role = 'left'", (run_id, visitor, now)
            )
            if everybody:
                self.database.change("UPDATE watchers SET role = 'left' WHERE run_id = ?", (run_id,))
            if self.watchers(run_id):
                return False
            self.database.change(
                "UPDATE jobs SET finished = CASE state WHEN 'queued' THEN ? END, stopping = state = 'running', "
                "state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END, change = change + 1 WHERE run_id = ?",
                (now, run_id),
            )
            return True

    def leave_all(self, run_ids: Iterable[str], visitor: str) -> int:
        """Note that a visitor no longer wants some runs; how many of them stop or were stopped."""
        with self.database.transaction():
            return sum(self.leave(run_id, visitor) for run_id in run_ids)

    def watchers(self, run_id: str) -> int:
        """How many visitors want a run."""
        row = self.database.row(
            f"SELECT COUNT(*) FROM watchers WHERE run_id = ? AND {WANTED}",  # noqa: S608 # a constant of this file
            (run_id, time.time() - LOOKING_SECONDS),
        )
        return int(row[0]) if row else 0

    def wants(self, visitor: str) -> set[str]:
        """The runs that a visitor asked for and did not leave."""
        return {row[0] for row in self.database.rows("SELECT run_id FROM watchers WHERE visitor = ? AND role = 'asked'", (visitor,))}

    def job(self, run_id: str) -> Job | None:
        """The row of a run."""
        row = self.database.row("SELECT * FROM jobs WHERE run_id = ?", (run_id,))
        return None if row is None else _job(row)

    def jobs_of(self, run_ids: Collection[str]) -> dict[str, Job]:
        """The rows of some runs, by run id."""
        marks = ", ".join("?" * len(run_ids))
        rows = self.database.rows(f"SELECT * FROM jobs WHERE run_id IN ({marks})", tuple(run_ids))  # noqa: S608 # question marks alone
        return {row["run_id"]: _job(row) for row in rows}

    def jobs(self) -> list[Job]:
        """All rows, the last asked for first."""
        return [_job(row) for row in self.database.rows("SELECT * FROM jobs ORDER BY submitted DESC")]

    def queue(self) -> tuple[list[Job], list[Job]]:
        """The running jobs, and the queued ones in the order of their turns."""
        running, turns = self.turns(_alone)
        return running, [job for turn in turns for job in turn]

    def turns(self, choose: Choose) -> tuple[list[Job], list[list[Job]]]:
        """The running jobs, and the queued ones in the order in which workers will take them, those as one that `choose` puts together.

        Who joins whom is told of the first MOST_CREWS turns, and of what stands behind them not: to look for it takes each time the longer
        the more runs wait.
        """
        jobs = {job.run_id: job for job in map(_job, self.database.rows("SELECT * FROM jobs WHERE state IN ('queued', 'running')"))}
        left = [waiting for waiting in self._order() if waiting.run_id in jobs and jobs[waiting.run_id].state == "queued"]
        turns: list[list[Job]] = []
        while left and choose is not _alone and len(turns) < MOST_CREWS:
            turn = choose(self._candidates(left, jobs))
            turns.append([jobs[candidate.run_id] for candidate in turn])
            taken = {candidate.run_id for candidate in turn}
            left = [waiting for waiting in left if waiting.run_id not in taken]
        turns += [[jobs[waiting.run_id]] for waiting in left]
        return [job for job in jobs.values() if job.state == "running"], turns

    @staticmethod
    def _candidates(order: Sequence[Waiting], jobs: Mapping[str, Job]) -> list[Candidate]:
        """The run whose turn it is, and those that may train as one program with it."""
        return [Candidate(waiting.run_id, jobs[waiting.run_id].spec, waiting.visitor) for waiting in able_to_join(order)]

    def specs_of_unfinished(self, known: Collection[str]) -> dict[str, str | None]:
        """The runs that wait or are at work, each with its spec's JSON, or None where it is among the known ones."""
        found: dict[str, str | None] = {
            row["run_id"]: None for row in self.database.rows("SELECT run_id FROM jobs WHERE state IN ('queued', 'running')")
        }
        new = [run_id for run_id in found if run_id not in known]
        return found | {run_id: job.spec for run_id, job in self.jobs_of(new).items()}

    def queued(self) -> list[str]:
        """The queued runs, in no order."""
        return [row["run_id"] for row in self.database.rows("SELECT run_id FROM jobs WHERE state = 'queued'")]

    def claim(self, owner: str, only: Collection[str] | None = None) -> Claim | None:
        """Take the queued run whose turn it is (among some, if given) for an engine; None if there is none."""
        claims = self.claim_crew(owner, _alone, only)
        return claims[0] if claims else None

    def claim_crew(self, owner: str, choose: Choose, only: Collection[str] | None = None) -> list[Claim]:
        """Take the queued run whose turn it is for an engine, and with it those that one worker shall train as one program.

        Args:
            owner: the engine.
            choose: told the run and those that may join it (see `able_to_join`), in the order of their turns, says how many and
                which they are; it names the run itself first.
            only: among which runs; None: all.
        """
        with self.database.transaction():
            allowed = [waiting for waiting in self._order() if only is None or waiting.run_id in only]
            if not allowed:
                return []
            jobs, now = self.jobs_of([waiting.run_id for waiting in allowed]), time.time()
            chosen = choose(self._candidates(allowed, jobs))
            crew = uuid.uuid4().hex if len(chosen) > 1 else None
            self.database.change_many(
                "INSERT INTO turns VALUES (?1, ?2) ON CONFLICT (visitor) DO UPDATE SET at = ?2",
                [(visitor, now) for visitor in {candidate.visitor for candidate in chosen} if visitor],
            )
            return [self._claimed(owner, candidate.run_id, crew, now) for candidate in chosen]

    def _claimed(self, owner: str, run_id: str, crew: str | None, now: float) -> Claim:
        self.database.change(
            "UPDATE jobs SET state = 'running', owner = ?1, crew = ?2, attempt = attempt + 1, started = ?3, "
            "owed = COALESCE(?3 - paused, 0), paused = NULL, returns = NULL, change = change + 1 WHERE run_id = ?4",
            (owner, crew, now, run_id),
        )
        (row,) = self.database.rows(
            "SELECT spec, attempt, (SELECT COALESCE(MAX(seq), 0) FROM events WHERE run_id = ?1) FROM jobs WHERE run_id = ?1", (run_id,)
        )
        return Claim(run_id, *row)

    def running(self, owner: str) -> dict[str, tuple[int, bool]]:
        """The runs at work for an engine: the attempt, and whether it shall stop."""
        rows = self.database.rows("SELECT run_id, attempt, stopping FROM jobs WHERE state = 'running' AND owner = ?", (owner,))
        return {row["run_id"]: (row["attempt"], bool(row["stopping"])) for row in rows}

    def log(self, owner: str, run_id: str, attempt: int, events: Sequence[tuple[int, str]]) -> None:
        """Keep events under their numbers; number 0 says that the events begin anew. An engine that lost the run keeps nothing."""
        now = time.time()
        with self.database.transaction():
            if not self._holds(owner, run_id, attempt):
                return
            start = max((place + 1 for place, (seq, _) in enumerate(events) if seq == 0), default=0)
            if start:
                self.database.change("DELETE FROM events WHERE run_id = ?", (run_id,))
                self.database.change("UPDATE jobs SET generation = generation + 1 WHERE run_id = ?", (run_id,))
            self.database.change_many(
                "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)", [(run_id, seq, now, event) for seq, event in events[start:]]
            )

    def events(self, run_id: str, after: int = 0, most: int = -1) -> list[Told]:
        """What a run told after an event's number: the next so many events, or all."""
        rows = self.database.rows(
            "SELECT seq, at, event FROM events WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?", (run_id, after, most)
        )
        return [Told(*row) for row in rows]

    def finish(self, owner: str, run_id: str, attempt: int, state: Literal["done", "failed"], error: str | None = None) -> None:
        """Note how a run ended; the events of a run that is done are in the store from now on."""
        with self.database.transaction():
            if self._end(owner, run_id, attempt, state, error) and state == "done":
                self.database.change("DELETE FROM events WHERE run_id = ?", (run_id,))

    def stopped(self, owner: str, run_id: str, attempt: int, *, first: bool = True) -> None:
        """Note that a run stopped at a checkpoint: cancelled if it was and nobody asked again, else queued as in `interrupted`."""
        with self.database.transaction():
            asked = self.database.row("SELECT 1 FROM watchers WHERE run_id = ? AND role = 'asked'", (run_id,))
            job = self.job(run_id)
            if job and job.stopping and not asked:
                self._end(owner, run_id, attempt, "cancelled", None)
            else:
                self.interrupted(owner, run_id, attempt, first=first)

    def interrupted(self, owner: str, run_id: str, attempt: int, *, first: bool = True) -> None:
        """Put a run back into the queue that lost its worker through no fault of its own; `first`: before those that had none yet."""
        self.database.change(
            "UPDATE jobs SET state = 'queued', owner = NULL, interrupted = ?, stopping = 0, change = change + 1 "
            "WHERE run_id = ? AND owner = ? AND attempt = ? AND state = 'running'",
            (first, run_id, owner, attempt),
        )

    def crew_in_the_way(self, owner: str, seconds: float) -> list[str]:
        """The runs of the crew that has kept a worker of an engine longest, and for so many seconds, if another visitor is next.

        A crew to which each of its visitors brought one run is no more in the way than a run alone.
        """
        rows = self.database.rows(
            "SELECT run_id, crew FROM jobs WHERE state = 'running' AND owner = ? AND crew IS NOT NULL AND started < ? ORDER BY started",
            (owner, time.time() - seconds),
        )
        order = self._order() if rows else []
        if not order:
            return []
        visitor_of = {job.run_id: job.visitor for job, _ in self._unfinished()}
        for crew in dict.fromkeys(row["crew"] for row in rows):
            run_ids = [row["run_id"] for row in rows if row["crew"] == crew]
            visitors = {visitor_of.get(run_id, order[0].visitor) for run_id in run_ids}
            if order[0].visitor not in visitors and len(visitors) < len(run_ids):
                return run_ids
        return []

    def parted(self, owner: str, run_id: str, attempt: int) -> None:
        """Note that something went wrong in a run's crew: as `stopped`, and each goes on alone, in the order of turns."""
        with self.database.transaction():
            if self._holds(owner, run_id, attempt):
                self.stopped(owner, run_id, attempt, first=False)
                self.database.change("UPDATE jobs SET alone = 1, crew = NULL WHERE run_id = ?", (run_id,))

    def died(self, owner: str, run_id: str, attempt: int, how: Loss) -> bool:
        """Note that a run's worker ended under it; True if it was too often and the run is failed."""
        with self.database.transaction():
            if not self._holds(owner, run_id, attempt):
                return False
            (before,) = self.database.rows(
                "SELECT deaths, vanished, reached, crew, (SELECT COALESCE(MAX(json_extract(event, '$.step')), 0) FROM events "
                "WHERE run_id = jobs.run_id) AS step FROM jobs WHERE run_id = ?",
                (run_id,),
            )
            deaths, further = before["deaths"] + (how.kind == "crashed"), before["step"] > before["reached"]
            vanished = (0 if further else before["vanished"]) + (how.kind == "vanished")
            self.database.change(
                "UPDATE jobs SET deaths = ?, vanished = ?, reached = ? WHERE run_id = ?", (deaths, vanished, before["step"], run_id)
            )
            if deaths >= DEATHS_ALLOWED or vanished >= VANISHED_ALLOWED:
                count = deaths if deaths >= DEATHS_ALLOWED else vanished
                return self._end(owner, run_id, attempt, "failed", _death_sentence(count, how))
            if before["crew"]:
                self.parted(owner, run_id, attempt)
            else:
                self.stopped(owner, run_id, attempt, first=vanished < PATIENT_UNTIL)
            return False

    def again(self, run_id: str) -> bool:
        """Queue a finished run once more, for its files were damaged; False if the journal does not know it."""
        return bool(
            self.database.change(
                "UPDATE jobs SET state = 'queued', submitted = ?, finished = NULL, deaths = 0, vanished = 0, reached = 0, "
                "change = change + 1 WHERE run_id = ? AND state = 'done'",
                (time.time(), run_id),
            )
        )

    def forget(self, run_id: str) -> bool:
        """Remove everything about a run that is neither queued nor running; False if it is."""
        with self.database.transaction():
            job = self.job(run_id)
            if job and job.state in ("queued", "running"):
                return False
            for table in ("jobs", "watchers", "events", "notices"):
                self.database.change(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))  # noqa: S608 # constants of this file
        return True

    def notice(self, run_id: str, text: str) -> None:
        """Keep a sentence for those who look at a run."""
        self.database.change("INSERT INTO notices VALUES (?, ?, ?)", (run_id, time.time(), text))

    def notices(self, run_id: str) -> tuple[str, ...]:
        """The sentences of the last hour on a run."""
        rows = self.database.rows(
            "SELECT text FROM notices WHERE run_id = ? AND at > ? ORDER BY at", (run_id, time.time() - NOTICE_SECONDS)
        )
        return tuple(row[0] for row in rows)

    def _holds(self, owner: str, run_id: str, attempt: int) -> bool:
        return self.running(owner).get(run_id, (None,))[0] == attempt

    def _end(self, owner: str, run_id: str, attempt: int, state: JobState, error: str | None) -> bool:
        return bool(
            self.database.change(
                "UPDATE jobs SET state = ?, finished = ?, error = ?, owner = NULL, crew = NULL, stopping = 0, interrupted = 0, "
                "change = change + 1 WHERE run_id = ? AND owner = ? AND attempt = ? AND state = 'running'",
                (state, time.time(), error, run_id, owner, attempt),
            )
        )

    def _unfinished(self) -> list[tuple[Waiting, JobState]]:
        rows = self.database.rows(
            "SELECT run_id, state, submitted, interrupted, sweep, crew, address, alone, attempt, told, returns, seconds_left, "
            "COALESCE((SELECT visitor FROM watchers WHERE run_id = jobs.run_id AND role = 'asked' ORDER BY since LIMIT 1), '') AS visitor "
            "FROM jobs WHERE state IN ('queued', 'running')"
        )
        names = ("run_id", "visitor", "submitted", "sweep", "crew", "address", "told", "returns", "seconds_left")
        return [
            (
                Waiting(
                    **{name: row[name] for name in names},
                    interrupted=bool(row["interrupted"]),
                    alone=bool(row["alone"]),
                    begun=row["attempt"] > 0,
                ),
                row["state"],
            )
            for row in rows
        ]

    def _order(self) -> list[Waiting]:
        unfinished = self._unfinished()
        at_work = {(job.visitor, job.crew or job.run_id) for job, state in unfinished if state == "running"}
        turns = {row["visitor"]: row["at"] for row in self.database.rows("SELECT visitor, at FROM turns")} if unfinished else {}
        queued = {job.run_id: job for job, state in unfinished if state == "queued"}
        order = order_of_turns(queued.values(), Counter(visitor for visitor, _ in at_work), turns, time.time())
        return [queued[run_id] for run_id in order]


def _alone(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    return candidates[:1]


def _demand_room(visitor: str, max_queued: int, origin: Origin | None, unfinished: Sequence[Waiting], new: int) -> None:
    """Raise where a visitor, or all of one origin, have as many runs queued or running as they may have; so many are to come."""
    count = len({waiting.sweep or waiting.run_id for waiting in unfinished if waiting.visitor == visitor})
    if count >= max_queued:
        raise LMCError(
            f"You have {count} runs waiting or running, and {max_queued} is the most for one visitor (LMC_MAX_QUEUED); "
            "wait for one to end, or cancel one."
        )
    if origin is None:
        return
    runs = sum(waiting.address == origin.address for waiting in unfinished)
    if runs + new > MOST_RUNS_OF_ORIGIN:
        raise LMCError(
            f"The visitors of your network have {runs:,} runs waiting or running, those of sweeps counted one by one, and "
            f"{MOST_RUNS_OF_ORIGIN:,} is the most for one network; wait for some to end."
        )
    count = len({waiting.sweep or waiting.run_id for waiting in unfinished if waiting.address == origin.address})
    if count >= origin.max_queued:
        raise LMCError(
            f"The visitors of your network have {count} runs waiting or running, and {origin.max_queued} is the most for one network "
            "(LMC_MAX_QUEUED_PER_ADDRESS); wait for some to end."
        )


def _death_sentence(count: int, how: Loss) -> str:
    """Why a run is failed, without a reason that nobody knows."""
    reason = f", the last time {how.reason}" if how.reason else "; why is not known"
    advice = f"{how.advice}, and start it again" if how.advice else "start it again"
    return f"The worker process died {count} times while it trained this run{reason}; {advice}."


def _job(row: sqlite3.Row) -> Job:
    names = ("run_id", "spec", "state", "submitted", "finished", "attempt", "error", "generation", "change", "crew")
    return Job(
        **{name: row[name] for name in names}, stopping=bool(row["stopping"]), alone=bool(row["alone"]), paused=row["paused"] is not None
    )
