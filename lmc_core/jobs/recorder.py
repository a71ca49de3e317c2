"""Writes what runs tell into the journal, many events at a time, and renews the engine's lease meanwhile."""

import queue
import threading
import time
from collections import defaultdict

from lmc_core.errors import LMCError
from lmc_core.jobs.journal import Journal
from lmc_core.jobs.leases import Lease

FLUSH_SECONDS = 2.0
PAUSE_AFTER_FAULT = 0.5

Heard = tuple[str, int, int, str]
"""Run id, attempt, the event's number and its JSON."""


class Recorder:
    """A thread between Dask's event loop, which must not wait for the disk, and the journal.

    While the journal cannot be written, what was heard stays in memory and is written as soon as it can.
    """

    def __init__(self, journal: Journal, owner: str, lease: Lease, beat_seconds: float) -> None:
        self._journal = journal
        self._owner = owner
        self._lease = lease
        self._beat_seconds = beat_seconds
        self._heard: queue.SimpleQueue[Heard | threading.Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)

    def start(self) -> None:
        """Begin; the first sign of life is given before this returns.

        Raises:
            LMCError: the journal cannot be written.
        """
        self._lease.beat()
        self._thread.start()

    def hear(self, run_id: str, attempt: int, number: int, event: str) -> None:
        """Take an event; returns at once."""
        self._heard.put((run_id, attempt, number, event))

    def flush(self) -> None:
        """Return when the journal has what was heard before, or after FLUSH_SECONDS."""
        written = threading.Event()
        self._heard.put(written)
        written.wait(FLUSH_SECONDS)

    def close(self) -> None:
        """Write what was heard, as far as it can be written, and end."""
        self._heard.put(None)
        self._thread.join(FLUSH_SECONDS)

    def _write(self) -> None:
        batch: list[Heard] = []
        marks: list[threading.Event] = []
        ending = False
        next_beat = time.monotonic() + self._beat_seconds
        while True:
            for item in self._wait(max(0.0, next_beat - time.monotonic())):
                if item is None:
                    ending = True
                elif isinstance(item, threading.Event):
                    marks.append(item)
                else:
                    batch.append(item)
            try:
                if time.monotonic() >= next_beat:
                    self._lease.beat()
                    next_beat = time.monotonic() + self._beat_seconds
                self._log(batch)
            except LMCError:  # a full disk, say: the engine tells of it, and the next round tries again
                time.sleep(PAUSE_AFTER_FAULT)
            if not batch:
                for mark in marks:
                    mark.set()
                marks.clear()
            if ending:
                return

    def _wait(self, seconds: float) -> list[Heard | threading.Event | None]:
        """What was heard, once there is something or the time is over."""
        try:
            items = [self._heard.get(timeout=seconds)]
        except queue.Empty:
            return []
        while not self._heard.empty():
            items.append(self._heard.get())
        return items

    def _log(self, batch: list[Heard]) -> None:
        """Write a batch, and take out of it what was written."""
        by_attempt: defaultdict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for run_id, attempt, number, event in batch:
            by_attempt[run_id, attempt].append((number, event))
        for (run_id, attempt), events in by_attempt.items():
            self._journal.log(self._owner, run_id, attempt, events)
            batch[:] = [item for item in batch if item[:2] != (run_id, attempt)]
