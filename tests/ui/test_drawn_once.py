"""Live runs are drawn as seldom as it takes for others to have their time."""

import pytest

from lmc_core.jobs.snapshot import Snapshot
from lmc_core.ui import drawn_once
from lmc_core.ui.drawn_once import LARGEST_SHARE_OF_ALL, LIVE_SECONDS, DrawnOnce


@pytest.mark.parametrize(("runs", "took", "apart"), [(1, 0.02, LIVE_SECONDS), (40, 0.02, 40 * 0.02 / LARGEST_SHARE_OF_ALL)])
def test_many_live_runs_together_take_no_more_than_their_share(
    monkeypatch: pytest.MonkeyPatch, runs: int, took: float, apart: float
) -> None:
    now, drawings = [100.0], [0]
    monkeypatch.setattr(drawn_once.time, "monotonic", lambda: now[0])

    def draw() -> int:
        now[0] += took
        drawings[0] += 1
        return drawings[0]

    kept: DrawnOnce[int] = DrawnOnce()

    def look_for(seconds: float) -> None:
        until, version = now[0] + seconds, 0
        while now[0] < until:
            for run in range(runs):
                kept.of(Snapshot(f"run{run}", f"{version}", "running"), "error", draw)
            version, now[0] = version + 1, now[0] + 0.1

    look_for(10)
    before, start = drawings[0], now[0]
    look_for(30)
    assert (drawings[0] - before) / runs == pytest.approx((now[0] - start) / apart, rel=0.35)
