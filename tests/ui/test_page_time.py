"""A browser's share of the server's time."""

import threading
import time as clock

import pytest

from lmc_core.ui.page_time import AT_ONCE_SECONDS, LONGEST_WAIT, SHARE, PageTime


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
