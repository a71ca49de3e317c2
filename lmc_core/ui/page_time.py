"""How much of the server's time one browser may have, and how many pages are drawn at once.

Pages that are asked for again and again wait, and nobody else waits for them. Pages of different browsers are drawn a few at a time:
drawn all at once, each would be there as late, and the live parts of other pages, which do not pass through here, would lag behind.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SHARE = 0.3
"""Part of a core that drawing one browser's pages may take for long."""
AT_ONCE_SECONDS = 4.0
"""What a browser may take at once before its pages wait; a page takes a tenth of a second."""
LONGEST_WAIT = 5.0
PATIENCE = 20.0
"""Seconds that a page waits for another of the same browser to be drawn: they are drawn one after the other."""
PLACES = 1
"""Pages that are drawn at once."""
LONGEST_FOR_PLACE = 0.5
"""Seconds that a page waits for others to be drawn: some take long because they wait for something themselves."""
KEPT = 2_000
"""Browsers that are remembered."""


@dataclass
class _Browser:
    """What one has taken, as it stood at a moment of the clock, and the turn of its pages."""

    taken: float
    at: float
    turn: threading.Lock = field(default_factory=threading.Lock)


class PageTime:
    """What each browser has taken lately; any thread may ask.

    Args:
        clock: seconds, for tests.
        sleep: waits so many of them.
        used: seconds that this thread has worked.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        used: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._used = used
        self._lock = threading.Lock()
        self._browsers: OrderedDict[str, _Browser] = OrderedDict()
        self._places = threading.BoundedSemaphore(PLACES)

    @contextmanager
    def of(self, browser: str) -> Iterator[None]:
        """Count the work inside as this browser's, in its turn, and after a wait if it has had more than its share."""
        own = self._known(browser)
        mine = own.turn.acquire(timeout=PATIENCE)
        try:
            over = self._taken(own) - AT_ONCE_SECONDS
            if over > 0:
                self._sleep(min(over / SHARE, LONGEST_WAIT))
            before = self._used()
            try:
                with self._a_place():
                    yield
            finally:
                own.taken, own.at = self._taken(own) + self._used() - before, self._clock()
        finally:
            if mine:
                own.turn.release()

    @contextmanager
    def _a_place(self) -> Iterator[None]:
        """One of the places in which pages are drawn, or none after a wait."""
        placed = self._places.acquire(timeout=LONGEST_FOR_PLACE)
        try:
            yield
        finally:
            if placed:
                self._places.release()

    def _known(self, browser: str) -> _Browser:
        with self._lock:
            own = self._browsers.setdefault(browser, _Browser(0.0, self._clock()))
            self._browsers.move_to_end(browser)
            while len(self._browsers) > KEPT:
                self._browsers.popitem(last=False)
            return own

    def _taken(self, own: _Browser) -> float:
        return max(0.0, own.taken - SHARE * (self._clock() - own.at))


PAGE_TIME = PageTime()
"""Of this server."""
