"""What is drawn of a run, drawn once for all who watch it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lmc_core.jobs.snapshot import Snapshot

KEPT = 128
"""Drawings that stay in memory."""
LIVE_SECONDS = 0.4
"""A live run is drawn anew at most so often, however many watch it and however fast it goes."""
LARGEST_SHARE = 0.15
"""Part of a core that drawing one live run may take; a run of very many epochs is drawn more seldom."""

LARGEST_SHARE_OF_ALL = 0.25
"""Part of a core that drawing all live runs may take: where many are watched, each is drawn more seldom."""
LATELY_SECONDS = 5.0
"""A run that was drawn so lately is among those that are watched."""

Drawing = TypeVar("Drawing")


@dataclass(frozen=True)
class _Drawn(Generic[Drawing]):
    """A drawing of a run at one version."""

    version: str
    fresh_until: float
    drawing: Drawing


class _Slot(Generic[Drawing]):
    """The newest drawing of something, and the right to make the next one."""

    def __init__(self) -> None:
        self.pen = threading.Lock()
        self.drawn: _Drawn[Drawing] | None = None


class DrawnOnce(Generic[Drawing]):
    """The newest drawings of runs; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot[Drawing]] = OrderedDict()

    def of(self, snapshot: Snapshot, choice: Hashable, draw: Callable[[], Drawing]) -> Drawing:
        """The run as it is, or while it trains as it was a moment ago.

        While one visitor's thread draws, the others go on with the drawing before.

        Args:
            snapshot: the run.
            choice: what of it is drawn; each choice is a drawing of its own.
            draw: makes the drawing.
        """
        slot = self._slot((snapshot.run_id, choice))
        before = slot.drawn
        if before is not None and (before.version == snapshot.version or (not snapshot.ended and time.monotonic() < before.fresh_until)):
            return before.drawing
        must_wait = before is None or snapshot.ended
        if not slot.pen.acquire(blocking=must_wait):
            return before.drawing if before else draw()
        try:
            if slot.drawn is None or slot.drawn.version != snapshot.version:
                start = time.monotonic()
                drawing = draw()
                end = time.monotonic()
                slot.drawn = _Drawn(snapshot.version, end + self._pause(end - start, end), drawing)
            return slot.drawn.drawing
        finally:
            slot.pen.release()

    def _pause(self, took: float, now: float) -> float:
        """Seconds until what took so long to draw is drawn anew."""
        with self._lock:
            drawn = [slot.drawn for slot in self._slots.values() if slot.drawn is not None]
        watched = 1 + sum(each.fresh_until > now - LATELY_SECONDS for each in drawn)
        return max(LIVE_SECONDS, took / LARGEST_SHARE, took * watched / LARGEST_SHARE_OF_ALL)

    def _slot(self, key: Hashable) -> _Slot[Drawing]:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > KEPT:
                self._slots.popitem(last=False)
            return slot
