"""A sweep on a cluster of two machines, all of whose parts are killed in turn: a real scheduler and real workers, on loopback."""

import gc
import os
import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from lmc_core.jobs.engine import Engine
from tests.jobs.conftest import settings_in
from tests.jobs.dask_processes import address, free_port, scheduler, worker
from tests.jobs.made_up_training import TRAINING, begun, crews, last_worker, slow, workers
from tests.made_up_runs import made_up_result, progress_of
from tests.waiting import until

SAFE_EPOCHS = range(3, 80)
"""A run that stands here has a checkpoint, and does not end while a test acts."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_sweep_ends_complete_each_run_computed_once_though_a_worker_and_the_scheduler_are_killed(tmp_path: Path) -> None:
    port = free_port()
    settings = replace(settings_in(tmp_path), scheduler=address(port))
    specs = [slow(init, epochs) for epochs in (120, 121) for init in range(3)]
    run_ids = [spec.run_id for spec in specs]

    def in_the_middle(engine: Engine, done: int) -> bool:
        states = engine.states(run_ids).values()
        epochs = [cell.epoch for cell in states if cell.state == "running"]
        ended = sum(cell.state == "done" for cell in states)
        return ended >= done and len(workers(settings.data_dir)) >= 2 and bool(epochs) and all(epoch in SAFE_EPOCHS for epoch in epochs)

    with Engine(settings, training=TRAINING) as engine:
        with ExitStack() as first:
            killed = first.enter_context(scheduler(port))
            for number in (1, 2):
                first.enter_context(worker(port, tmp_path / f"machine {number}"))
            engine.submit_all(specs, "me")
            until(lambda: in_the_middle(engine, done=0), 30)
            os.kill(last_worker(settings.data_dir), signal.SIGKILL)
            until(lambda: in_the_middle(engine, done=1), 30)
            killed.kill()
        assert not all(cell.ended for cell in engine.states(run_ids).values())
        with scheduler(port), worker(port, tmp_path / "machine 3"), worker(port, tmp_path / "machine 4"):
            ended = engine.wait_all(run_ids, 90)
    assert [(cell.state, cell.error) for cell in ended.values()] == [("done", None)] * len(specs)
    assert sorted(summary.run_id for summary in engine.store.list()) == sorted(run_ids)
    for spec in specs:
        run = engine.store.find(spec.run_id)
        assert run is not None
        assert run.result == made_up_result(spec)
        assert run.history.equals(progress_of(spec).history)
        beginnings = begun(settings.data_dir, spec)
        assert beginnings[0] == 0
        assert all(later >= SAFE_EPOCHS.start for later in beginnings[1:])
    assert sum(len(begun(settings.data_dir, spec)) for spec in specs) > len(specs)
    assert max(size for spec in specs for size in crews(settings.data_dir, spec)) > 1
    gc.collect()  # Dask may leave the socket unclosed on which it was about to reach the killed scheduler: Python tells of it here
