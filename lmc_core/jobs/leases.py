"""Which engines live, and what a dead one left behind."""

import os
import platform
import sqlite3
import time
from pathlib import Path

from lmc_core.jobs.database import Database


class Lease:
    """One engine's sign of life in the journal, by which the others know that its running jobs are in good hands."""

    def __init__(self, database: Database, owner: str, seconds: float, *, serves: bool) -> None:
        self._database = database
        self._owner = owner
        self._seconds = seconds
        self._serves = serves

    def beat(self) -> None:
        """Say that this engine lives."""
        self._database.change(
            "INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?, ?, ?)",
            (self._owner, platform.node(), os.getpid(), born(os.getpid()), self._serves, time.time()),
        )

    def end(self) -> None:
        """Say that this engine is gone; what it still had running is free for the others."""
        self._database.change("DELETE FROM owners WHERE owner = ?", (self._owner,))

    def others_serve(self) -> bool:
        """Whether another living engine takes anybody's runs."""
        return any(row["serves"] for row in self._database.rows("SELECT * FROM owners") if row["owner"] != self._owner and self._lives(row))

    def free_orphans(self) -> int:
        """Put back into the queue what engines had running that are dead; the number of runs.

        An engine is dead when its process is gone from this machine, or when it gave no sign for the lease's time.
        """
        running = self._database.rows("SELECT run_id, owner, attempt FROM jobs WHERE state = 'running'")
        if all(row["owner"] == self._owner for row in running):
            return 0
        with self._database.transaction():
            owners = self._database.rows("SELECT * FROM owners")
            living = {row["owner"] for row in owners if row["owner"] == self._owner or self._lives(row)}
            dead = [(row["owner"],) for row in owners if row["owner"] not in living]
            self._database.change_many("DELETE FROM owners WHERE owner = ?", dead)
            orphans = [row for row in running if row["owner"] not in living]
            for row in orphans:
                self._database.change(
                    "UPDATE jobs SET state = CASE WHEN stopping AND NOT EXISTS (SELECT 1 FROM watchers WHERE run_id = jobs.run_id "
                    "AND role = 'asked') THEN 'cancelled' ELSE 'queued' END, owner = NULL, interrupted = 1, "
                    "stopping = 0, change = change + 1 WHERE run_id = ? AND owner = ? AND attempt = ? AND state = 'running'",
                    (row["run_id"], row["owner"], row["attempt"]),
                )
        return len(orphans)

    def _lives(self, row: sqlite3.Row) -> bool:
        host, pid, born_at, heartbeat = (row[name] for name in ("host", "pid", "born", "heartbeat"))
        if time.time() - heartbeat > self._seconds:
            return False
        return bool(host != platform.node() or born(pid) == born_at)


def born(pid: int) -> str:
    """When a process of this machine began, as a text that no other process with this id has; empty if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _answers(pid)
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _answers(pid: int) -> str:
    """Where there is no /proc: whether a process with this id is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:  # another user's
        return "there"
    return "there"
