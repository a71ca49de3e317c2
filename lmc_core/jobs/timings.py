"""How long runs took here, kept in the journal, so that the next estimate is better."""

import time
from collections.abc import Sequence

from lmc_core.cost import estimates as cost
from lmc_core.experiment import AnySpec
from lmc_core.jobs.database import Database
from lmc_core.runs.results import Timing

SHORTEST_SECONDS = 0.2
"""Less says more about the clock and the first touch of memory than about speed."""
REREAD_SECONDS = 5.0


class Timings:
    """Foretold and taken seconds by kind of run; reading is cheap, since the last answer is kept for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, tuple[float, Sequence[tuple[float, float]]]] = {}

    def record(self, spec: AnySpec, timing: Timing) -> None:
        """Keep what a finished run took."""
        for phase, foretold, took in (
            ("train", cost.train_seconds(spec), timing.train_seconds),
            ("evaluate", cost.evaluate_seconds(spec), timing.evaluate_seconds),
        ):
            if took >= SHORTEST_SECONDS:
                self._database.change("INSERT INTO timings VALUES (?, ?, ?, ?)", (time.time(), cost.kind_of(spec, phase), foretold, took))
        self._kept.clear()

    def of(self, kind: str) -> Sequence[tuple[float, float]]:
        """The recent timings of a kind, the last at the end."""
        now = time.monotonic()
        kept = self._kept.get(kind)
        if kept and now - kept[0] < REREAD_SECONDS:
            return kept[1]
        rows = self._database.rows("SELECT foretold, took FROM timings WHERE kind = ? ORDER BY at DESC LIMIT ?", (kind, cost.REMEMBERED))
        timings = [(row["foretold"], row["took"]) for row in reversed(rows)]
        self._kept[kind] = now, timings
        return timings
