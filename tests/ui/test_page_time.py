"""A browser's share of the server's time."""

import threading
import time as clock

import pytest

from lmc_core.ui.page_time import AT_ONCE_SECONDS, LONGEST_FOR_PLACE, LONGEST_WAIT, PLACES, SHARE, PageTime


class Time:
    """A clock that work and waiting move on."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0
        self.waits: list[float] = []
        self.kept = PageTime(lambda: self.now, self.sleep, lambda: self.worked)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def draw(self, browser: str, seconds: float) -> None:
        with self.kept.of(browser):
            self.now += seconds
            self.worked += seconds


def test_a_visitor_who_clicks_a_lot_never_waits() -> None:
    time = Time()
    for _ in range(100):
        time.draw("one", 0.15)
        time.now += 0.5
    assert time.waits == []


def test_one_who_asks_without_end_gets_the_share_and_others_do_not_wait() -> None:
    time = Time()
    for _ in range(200):
        time.draw("one", 1.0)
    assert max(time.waits) <= LONGEST_WAIT
    assert time.worked / time.now == pytest.approx(SHARE, abs=0.05)
    before = len(time.waits)
    time.draw("other", 1.0)
    assert len(time.waits) == before


def test_what_was_taken_is_forgiven_with_time_also_after_a_fault() -> None:
    time = Time()
    with pytest.raises(KeyError), time.kept.of("one"):
        time.worked += 2 * AT_ONCE_SECONDS
        raise KeyError
    time.now += 2 * AT_ONCE_SECONDS / SHARE
    time.draw("one", 0.1)
    assert time.waits == []


def test_the_pages_of_one_browser_are_drawn_one_after_the_other_and_those_of_two_beside_each_other() -> None:
    kept, at_once, most, lock = PageTime(), [0, 0], [0, 0], threading.Lock()

    def draw(browser: int) -> None:
        with kept.of(str(browser)):
            with lock:
                at_once[browser] += 1
                most[browser] = max(most[browser], at_once[browser])
            clock.sleep(0.02)
            with lock:
                at_once[browser] -= 1

    threads = [threading.Thread(target=draw, args=(place % 2,)) for place in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert most == [1, 1]


def test_pages_of_different_browsers_are_drawn_a_few_at_a_time_and_a_stuck_one_holds_nobody_for_long() -> None:
    kept, free = PageTime(), threading.Event()
    stuck = [threading.Thread(target=draw_until, args=(kept, str(place), free)) for place in range(PLACES)]
    for thread in stuck:
        thread.start()
    before = clock.monotonic()
    with kept.of("other"):
        waited = clock.monotonic() - before
    assert 0.8 * LONGEST_FOR_PLACE < waited < LONGEST_FOR_PLACE + 2.0
    free.set()
    for thread in stuck:
        thread.join(timeout=10)
    before = clock.monotonic()
    with kept.of("other"):
        assert clock.monotonic() - before < LONGEST_FOR_PLACE / 2


def draw_until(kept: PageTime, browser: str, free: threading.Event) -> None:
    with kept.of(browser):
        free.wait(timeout=10)
