"""Long runs pause for short ones, and get their share."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lmc_core.jobs import giving_way
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.giving_way import AT_WORK_SECONDS, AtWork, gives_way
from lmc_core.jobs.turns import Waiting, order_of_turns
from lmc_core.settings import Settings
from tests.jobs.made_up_training import TRAINING, begun, slow
from tests.made_up_runs import made_up_result, progress_of
from tests.waiting import until

HOURS = 3_600.0


@pytest.mark.parametrize(
    ("change", "told", "waited", "expected"),
    [
        ({}, 10, 6, True),
        ({"seconds": 20}, 10, 6, False),
        ({"left": 100}, 1, 6, False),
        ({"owed": 400}, 10, 6, False),
        ({}, 2_000, 6, False),
        ({}, 10, 1, False),
    ],
)
def test_a_run_gives_way_to_one_much_shorter_that_has_waited_and_not_too_often(
    change: dict[str, float], told: float, waited: float, expected: bool
) -> None:
    assert gives_way(replace(AtWork(("long",), seconds=300, owed=0, left=6_600), **change), told, waited) is expected  # type: ignore[arg-type]


@dataclass
class Simulation:
    """One worker, one long run, and short runs of new visitors, on a clock that is made up; a step is a second."""

    long_seconds: float
    short_seconds: float
    every: float
    now: float = 0.0

    def run(self) -> tuple[float, list[float]]:
        """Seconds until the long run ends, and what each short run waited."""
        left, owed, started, paused = self.long_seconds, 0.0, 0.0, -1.0
        turns, waiting, waits = {"long": 0.0}, list[Waiting](), list[float]()
        at_work, busy_until, returns = "long", 0.0, -1.0
        while left > 0:
            self.now += 1
            if self.now % self.every == 0:
                waiting.append(Waiting(f"{self.now}", f"visitor {self.now}", self.now, told=self.short_seconds))
            if at_work == "long":
                left -= 1
                run = AtWork(("long",), self.now - started, owed, left)
                if any(gives_way(run, short.told or 0.0, self.now - short.submitted) for short in waiting):
                    at_work, paused, returns = "", self.now, self.now + (self.now - started)
            if at_work and at_work != "long" and self.now >= busy_until:
                at_work = ""
            if not at_work:
                long = [Waiting("long", "long", 0.0, begun=True, returns=returns, seconds_left=left)]
                at_work = order_of_turns([*long, *waiting], {}, turns, self.now)[0]
                turns[next((short.visitor for short in waiting if short.run_id == at_work), "long")] = self.now
                if at_work == "long":
                    started, owed = self.now, self.now - paused
                else:
                    short = next(short for short in waiting if short.run_id == at_work)
                    waiting.remove(short)
                    waits.append(self.now - short.submitted)
                    busy_until = self.now + self.short_seconds
        return self.now, waits


def test_a_short_run_does_not_wait_for_two_hours_and_the_long_one_ends() -> None:
    took, waits = Simulation(2 * HOURS, 10.0, every=60).run()
    assert max(waits) <= AT_WORK_SECONDS + 10
    assert took < 1.3 * 2 * HOURS


@pytest.mark.parametrize("short_seconds", [5.0, 60.0, 600.0])
def test_however_many_short_runs_come_the_long_one_has_half_of_the_time(short_seconds: float) -> None:
    took, _ = Simulation(2 * HOURS, short_seconds, every=5).run()
    assert took < 2 * 2 * HOURS + 2 * short_seconds + AT_WORK_SECONDS


def test_a_paused_run_goes_before_other_long_ones_and_after_the_short_ones() -> None:
    paused = Waiting("paused", "me", 1, begun=True, returns=200.0, seconds_left=5_000.0)
    short, long = Waiting("short", "you", 2, told=100.0), Waiting("long", "another", 0, told=5_000.0)
    assert order_of_turns([long, paused, short], {}, {"me": 90.0}, 100.0) == ["short", "paused", "long"]
    assert order_of_turns([long, paused, short], {}, {"me": 90.0}, 200.0)[0] == "paused"


def test_a_long_run_pauses_says_so_and_goes_on_to_the_same_result(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("AT_WORK_SECONDS", 0.5), ("LEFT_SECONDS", 1.0), ("WAITED_SECONDS", 0.1), ("TIMES_SHORTER", 2.0)):
        monkeypatch.setattr(giving_way, name, seconds)
    own = replace(settings, cache_dir=tmp_path / "cache", data_dir=tmp_path / "data")
    long, short = slow(1, epochs=250), slow(2, epochs=20)
    with Engine(own, training=TRAINING) as engine:
        engine.submit(long, "me")
        until(lambda: engine.snapshot(long.run_id).progress.epoch >= 20, 20)
        engine.submit(short, "you")
        until(lambda: engine.snapshot(long.run_id).paused, 20)
        assert engine.snapshot(long.run_id).state == "queued"
        assert engine.wait(short.run_id, 20).state == "done"
        ended = engine.wait(long.run_id, 60)
    assert ended.run is not None
    assert ended.run.result == made_up_result(long)
    assert ended.run.history.equals(progress_of(long).history)
    first, second = begun(own.data_dir, long)
    assert (first, second >= 20) == (0, True)
