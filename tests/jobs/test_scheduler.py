import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lmc_core.errors import LMCError
from lmc_core.jobs import journal
from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings
from tests.jobs.conftest import settings_in
from tests.jobs.dask_processes import address, free_port, scheduler, worker
from tests.jobs.made_up_training import KILLS_ITS_WORKER, TRAINING, begun, last_worker, quick, slow
from tests.made_up_runs import progress_of
from tests.waiting import until


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The address of a scheduler with one worker, which are processes that somebody else has started."""
    folder, port = tmp_path_factory.mktemp("scheduler"), free_port()
    with scheduler(port), worker(port, folder):
        yield replace(settings_in(folder), scheduler=address(port))


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    with Engine(settings, training=TRAINING) as engine:
        yield engine


def test_runs_go_to_the_schedulers_workers_one_at_a_time(engine: Engine, settings: Settings) -> None:
    specs = [quick(1), slow(2, epochs=20)]
    for spec in specs:
        engine.submit(spec, "me")
    until(lambda: engine.snapshot(specs[1].run_id).state == "running", 20)
    assert engine.wait(specs[0].run_id, 0.3).state == "done"  # what is told of a run may be some hundredths of a second old
    assert engine.wait(specs[1].run_id, 20).state == "done"
    assert os.getpid() != last_worker(settings.data_dir)


def test_a_cancelled_run_stops_there_too(engine: Engine) -> None:
    run_id = engine.submit(slow(3), "me")
    until(lambda: engine.snapshot(run_id).progress.epoch >= 3, 20)
    engine.cancel(run_id, "me")
    assert engine.wait(run_id, 5).state == "cancelled"


def test_a_worker_killed_there_costs_a_run_its_checkpoint_at_most(engine: Engine, settings: Settings) -> None:
    """Dask itself would give such a run to the next worker three times without a word."""
    spec = slow(4, epochs=60)
    engine.submit(spec, "me")
    until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 5, 20)
    os.kill(last_worker(settings.data_dir), signal.SIGKILL)
    assert engine.wait(spec.run_id, 30).state == "done"
    first, second = begun(settings.data_dir, spec)
    assert first == 0
    assert second >= 5


def test_a_run_that_kills_its_workers_there_is_failed_though_nobody_knows_how_they_ended(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "VANISHED_ALLOWED", 2)
    poison = quick(KILLS_ITS_WORKER)
    engine.submit(poison, "me")
    innocent = engine.submit(quick(5), "me")
    ended = engine.wait(poison.run_id, 30)
    assert ended.error == "The worker process died 2 times while it trained this run; why is not known; start it again."
    assert begun(settings.data_dir, poison) == [0, 1]
    assert engine.wait(innocent, 30).state == "done"


def test_a_server_that_comes_back_stops_what_its_forerunner_left_at_work_there(settings: Settings) -> None:
    spec = slow(6, epochs=100)
    with Engine(settings, training=TRAINING) as forerunner:
        forerunner.submit(spec, "me")
        until(lambda: forerunner.snapshot(spec.run_id).progress.epoch >= 3, 20)
        forerunner._open.journal.interrupted(forerunner._open.dispatcher.owner, spec.run_id, 1)
        ended = forerunner.wait(spec.run_id, 30)
    assert ended.state == "done"
    first, second = begun(settings.data_dir, spec)
    assert first == 0
    assert second >= 3


def test_a_command_line_whose_scheduler_does_not_answer_says_so(tmp_path: Path) -> None:
    port = free_port()
    settings = replace(settings_in(tmp_path), scheduler=address(port))
    sentence = rf"No Dask scheduler answers at tcp://127\.0\.0\.1:{port} \(LMC_SCHEDULER\): .*; start one with `dask scheduler`, or unset"
    with Engine(settings, serve=False, training=TRAINING) as command, pytest.raises(LMCError, match=sentence):
        command.wait(command.submit(quick(1), "me"), 30)


def test_those_who_wait_are_told_that_a_scheduler_has_no_workers(tmp_path: Path) -> None:
    port = free_port()
    with scheduler(port), Engine(replace(settings_in(tmp_path), scheduler=address(port)), training=TRAINING) as engine:
        run_id = engine.submit(quick(1), "me")
        sentence = f"The Dask scheduler at {address(port)} (LMC_SCHEDULER) has no workers; runs wait until one comes (`dask worker`)."
        until(lambda: sentence in engine.snapshot(run_id).notices, 30)
        with worker(port, tmp_path):
            until(lambda: sentence not in engine.snapshot(run_id).notices, 60)


def test_runs_wait_for_a_scheduler_that_is_away_and_go_on_when_it_is_back(tmp_path: Path) -> None:
    port, spec = free_port(), slow(1, epochs=60)
    with Engine(replace(settings_in(tmp_path), scheduler=address(port)), training=TRAINING) as engine:
        with scheduler(port) as first, worker(port, tmp_path):
            engine.submit(spec, "me")
            until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 5, 30)
            first.kill()
        until(lambda: any("Dask scheduler" in notice for notice in engine.snapshot(spec.run_id).notices), 30)
        with scheduler(port), worker(port, tmp_path):
            ended = engine.wait(spec.run_id, 30)
    assert (ended.state, ended.error) == ("done", None)
    assert ended.progress.curves.equals(progress_of(spec).curves)
