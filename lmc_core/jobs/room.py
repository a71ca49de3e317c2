"""Whether the disk has room for what is asked for, beside what lies there and what waits."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lmc_core.checkpoints.naming import models_folder
from lmc_core.cost.footprint import disk_bytes, size_in_words
from lmc_core.experiment import read_spec
from lmc_core.jobs.journal import Journal
from lmc_core.runs.store import RUN_ID
from lmc_core.settings import GIB, Settings

FRESH_SECONDS = 30.0
"""How long a look at the folders counts: they may hold thousands of files."""
RESERVE_GIB = 0.5
"""What stays free on the disk for others than runs."""


class Room:
    """What runs take on the disk, and what is left.

    Args:
        settings: folders and limits.
        journal: what waits and runs.
    """

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self._settings = settings
        self._journal = journal
        self._lock = threading.Lock()
        self._looked = -FRESH_SECONDS
        self._taken = 0
        self._foretold: dict[str, int] = {}

    def refusal(self, needed: int) -> str | None:
        """The sentence that says why so many bytes more find no room; None if they do."""
        waiting = self._waiting()
        free, taken = shutil.disk_usage(self._settings.cache_dir).free, self.taken()
        adds, most = needed + waiting, self._settings.max_cache_gib
        asked = f"This would write about {size_in_words(needed)} beside {size_in_words(waiting)} that already waits"
        if adds > free - RESERVE_GIB * GIB:
            return f"{asked}, but the disk has {size_in_words(free)} left; the owner of the server can free some."
        if adds + taken > most * GIB:
            return (
                f"{asked}; earlier runs take {size_in_words(taken)}, and {size_in_words(most * GIB)} is the most for all "
                "(LMC_MAX_CACHE_GIB); the owner of the server can delete runs."
            )
        return None

    def _waiting(self) -> int:
        """Bytes that runs will take that wait or are at work; each is estimated once."""
        with self._lock:
            unfinished = self._journal.specs_of_unfinished(self._foretold.keys())
            self._foretold = {
                run_id: self._foretold[run_id] if spec is None else disk_bytes(read_spec(spec)) for run_id, spec in unfinished.items()
            }
            return sum(self._foretold.values())

    def taken(self) -> int:
        """Bytes of all runs, checkpoints, kept networks, logs and the journal, looked at now and then."""
        with self._lock:
            if time.monotonic() - self._looked > FRESH_SECONDS:
                self._taken = sum(_size(path) for path in self._paths())
                self._looked = time.monotonic()
            return self._taken

    def _paths(self) -> Iterator[Path]:
        cache, models = self._settings.cache_dir, models_folder(self._settings.data_dir)
        for name in ("runs", "checkpoints", "damaged", "logs"):
            yield from (cache / name).rglob("*")
        yield from cache.glob("journal.sqlite*")
        if models.is_dir():
            for kept in models.iterdir():
                if RUN_ID.fullmatch(kept.name):
                    yield from kept.rglob("*")


def _size(path: Path) -> int:
    with suppress(OSError):  # it may go while it is looked at
        return path.stat().st_size if path.is_file() else 0
    return 0
