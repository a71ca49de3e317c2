"""Long runs pause at a checkpoint for short ones that wait: when, for how long, and what stands about it in the journal."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from lmc_core.jobs.database import Database
from lmc_core.jobs.turns import TIMES_SHORTER

AT_WORK_SECONDS = 30.0
"""A run is at work for so long before it pauses, and for as long as its last pause took: at least half of the time is its own."""
LEFT_SECONDS = 120.0
"""One that ends sooner does not pause."""
WAITED_SECONDS = 5.0
"""A short run has waited for so long before a long one pauses for it."""


@dataclass(frozen=True)
class AtWork:
    """A run at work, or several that are one program."""

    run_ids: tuple[str, ...]
    seconds: float
    """Since it was given its worker."""
    owed: float
    """Seconds that it is at work before it pauses again."""
    left: float
    """Estimated seconds to its end."""


def gives_way(run: AtWork, told: float, waited: float) -> bool:
    """Whether a run at work pauses for one that was told to take so many seconds and has waited for so many."""
    long_enough = run.seconds >= max(AT_WORK_SECONDS, run.owed)
    return long_enough and run.left >= LEFT_SECONDS and told * TIMES_SHORTER <= run.left and waited >= WAITED_SECONDS


class Pauses:
    """What the journal knows of runs that gave way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, owner: str, left: Mapping[str, float]) -> AtWork | None:
        """What an engine has at work that shall pause now: of several, what takes longest.

        Args:
            owner: the engine.
            left: estimated seconds to the end of runs at work.
        """
        now = time.time()
        waiting = self._database.rows("SELECT told, submitted FROM jobs WHERE state = 'queued' AND told IS NOT NULL AND returns IS NULL")
        if not waiting:
            return None
        rows = self._database.rows("SELECT run_id, crew, started, owed FROM jobs WHERE state = 'running' AND owner = ?", (owner,))
        programs: dict[str, list[tuple[str, float, float]]] = {}
        for row in rows:
            programs.setdefault(row["crew"] or row["run_id"], []).append((row["run_id"], now - row["started"], row["owed"]))
        at_work = [
            AtWork(
                tuple(run_id for run_id, _, _ in program),
                min(seconds for _, seconds, _ in program),
                max(owed for _, _, owed in program),
                max(left.get(run_id, 0.0) for run_id, _, _ in program),
            )
            for program in programs.values()
        ]
        due = [run for run in at_work if any(gives_way(run, row["told"], now - row["submitted"]) for row in waiting)]
        return max(due, key=lambda run: run.left, default=None)

    def note(self, run_id: str, left: float) -> None:
        """Note that a run has given way just now: it goes first again when it has paused for as long as it was at work."""
        now = time.time()
        self._database.change(
            "UPDATE jobs SET paused = ?1, returns = ?1 + (?1 - started), seconds_left = ?2 WHERE run_id = ?3 AND state = 'queued'",
            (now, left, run_id),
        )
