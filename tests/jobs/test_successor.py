"""A worker is killed, and its successor just as Dask looks whether the first one was replaced."""

import os
import signal
import time
from pathlib import Path

import pytest

from lmc_core.jobs import local_workers
from lmc_core.jobs.engine import Engine
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import TRAINING, last_worker, slow
from tests.waiting import until


@pytest.mark.parametrize("dask_looks_after", [local_workers.LOST_WORKER_TIMEOUT, "4s"])
def test_a_worker_whose_successor_is_killed_as_well_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dask_looks_after: str
) -> None:
    monkeypatch.setattr(local_workers, "LOST_WORKER_TIMEOUT", dask_looks_after)
    monkeypatch.setattr(local_workers, "REPLACE_SECONDS", 1)
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        spec = slow(1, epochs=300)
        engine.submit(spec, "me")
        until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 2, 20)
        first = last_worker(tmp_path / "data")
        os.kill(first, signal.SIGKILL)
        killed = time.monotonic()
        until(lambda: last_worker(tmp_path / "data") != first, 30)
        time.sleep(max(0.0, 3.6 - (time.monotonic() - killed)))
        os.kill(last_worker(tmp_path / "data"), signal.SIGKILL)
        ended = engine.wait(spec.run_id, 60)
    assert (ended.state, ended.error) == ("done", None)
