"""The charts and numbers of a run, drawn once for all who watch it."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from lmc_core.figures.barrier import barrier
from lmc_core.figures.history import history
from lmc_core.figures.interpolation import Measure, interpolation
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.ui.live_chart import Board, Row, board
from lmc_core.ui.markup import tiles
from lmc_core.ui.run_tiles import tiles_of

KEPT = 64
"""Drawings that stay in memory."""
LIVE_SECONDS = 0.4
"""A live run is drawn anew at most so often, however many watch it and however fast it goes."""
LARGEST_SHARE = 0.15
"""Part of a core that drawing one live run may take; a run of very many epochs is drawn more seldom."""


@dataclass(frozen=True)
class Drawing:
    """A run at one version: its charts interpolation, barrier, accuracy and loss, and its numbers as HTML."""

    version: str
    fresh_until: float
    board: Board
    tiles: str


@dataclass
class _Slot:
    """The newest drawing of a run, and the right to make the next one."""

    pen: threading.Lock
    drawing: Drawing | None = None


_lock = threading.Lock()
_slots: OrderedDict[tuple[str, Measure], _Slot] = OrderedDict()


def drawing_of(snapshot: Snapshot, measure: Measure) -> Drawing:
    """The run as it is, or while it trains as it was a moment ago; zoom lasts as long as the run is the same.

    While one visitor's thread draws, the others go on with the drawing before.
    """
    slot = _slot((snapshot.run_id, measure))
    before = slot.drawing
    if before is not None and (before.version == snapshot.version or (not snapshot.ended and time.monotonic() < before.fresh_until)):
        return before
    must_wait = before is None or snapshot.ended
    if not slot.pen.acquire(blocking=must_wait):
        return before or _draw(snapshot, measure)
    try:
        if slot.drawing is None or slot.drawing.version != snapshot.version:
            slot.drawing = _draw(snapshot, measure)
        return slot.drawing
    finally:
        slot.pen.release()


def _slot(key: tuple[str, Measure]) -> _Slot:
    with _lock:
        slot = _slots.setdefault(key, _Slot(threading.Lock()))
        _slots.move_to_end(key)
        while len(_slots) > KEPT:
            _slots.popitem(last=False)
        return slot


def _draw(snapshot: Snapshot, measure: Measure) -> Drawing:
    start = time.monotonic()
    progress, epochs = snapshot.progress, snapshot.spec.epochs if snapshot.spec else 1
    charts = [
        interpolation(progress.curves, measure),
        barrier(progress.measurements, epochs, measure),
        history(progress.history, epochs, "accuracy"),
        history(progress.history, epochs, "loss"),
    ]
    line, height, accuracy, loss = (replace(chart, revision=f"{snapshot.run_id}-{chart.revision}") for chart in charts)
    drawn = board(Row((line, height), (3, 2)), Row((accuracy, loss), (1, 1)))
    numbers = tiles(tiles_of(snapshot))
    end = time.monotonic()
    return Drawing(snapshot.version, end + max(LIVE_SECONDS, (end - start) / LARGEST_SHARE), drawn, numbers)
