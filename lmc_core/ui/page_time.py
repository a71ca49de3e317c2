"""How much of the server's time one browser may have: pages that are asked for again and again wait, and nobody else waits for them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHARE = 0.3
"""Part of a core that drawing one browser's pages may take for long."""
AT_ONCE_SECONDS = 4.0
"""What a browser may take at once before its pages wait; a page takes a tenth of a second."""
LONGEST_WAIT = 5.0
PATIENCE = 20.0
"""Seconds that a page waits for another of the same browser to be drawn: they are drawn one after the other."""
KEPT = 2_000
"""Browsers that are remembered."""


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
        self._taken: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._turns: OrderedDict[str, threading.Lock] = OrderedDict()

    @contextmanager
    def of(self, browser: str) -> Iterator[None]:
        """Count the work inside as this browser's, in its turn, and after a wait if it has had more than its share."""
        turn = self._turn_of(browser)
        mine = turn.acquire(timeout=PATIENCE)
        try:
            over = self._taken_by(browser) - AT_ONCE_SECONDS
            if over > 0:
                self._sleep(min(over / SHARE, LONGEST_WAIT))
            before = self._used()
            try:
                yield
            finally:
                self._add(browser, self._used() - before)
        finally:
            if mine:
                turn.release()

    def _turn_of(self, browser: str) -> threading.Lock:
        with self._lock:
            turn = self._turns.setdefault(browser, threading.Lock())
            self._turns.move_to_end(browser)
            while len(self._turns) > KEPT:
                self._turns.popitem(last=False)
            return turn

    def _taken_by(self, browser: str) -> float:
        with self._lock:
            taken, at = self._taken.get(browser, (0.0, self._clock()))
            return max(0.0, taken - SHARE * (self._clock() - at))

    def _add(self, browser: str, seconds: float) -> None:
        taken = self._taken_by(browser)
        with self._lock:
            self._taken[browser] = taken + seconds, self._clock()
            self._taken.move_to_end(browser)
            while len(self._taken) > KEPT:
                self._taken.popitem(last=False)


PAGE_TIME = PageTime()
"""Of this server."""
