import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import TRAINING, begun, quick, slow
from tests.jobs.server import server
from tests.made_up_runs import progress_of
from tests.waiting import until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@contextmanager
def taken(settings: Settings, spec: TwinsSpec) -> Iterator[None]:
    """Inside, some server is at work on the run."""
    until(lambda: begun(settings.data_dir, spec), 20)
    yield


def reaches(engine: Engine, spec: TwinsSpec, epoch: int) -> None:
    until(lambda: engine.snapshot(spec.run_id).progress.epoch >= epoch, 20)


def ends_like_any_other(engine: Engine, spec: TwinsSpec) -> None:
    ended = engine.wait(spec.run_id, 30)
    assert (ended.state, ended.error) == ("done", None)
    assert ended.run is not None
    assert ended.run.curves.equals(progress_of(spec).curves)


def test_a_server_that_is_killed_and_started_again_goes_on_with_what_ran_and_what_waited(settings: Settings, tmp_path: Path) -> None:
    running, waiting = slow(1, epochs=60), quick(2)
    with Engine(settings, serve=False, training=TRAINING) as onlooker:
        with server(tmp_path, running, waiting) as process:
            reaches(onlooker, running, 5)
            process.kill()
        snapshot = onlooker.snapshot(running.run_id)
        assert snapshot.state == "running"
        assert snapshot.progress.epoch >= 5
    with Engine(replace(settings, lease_seconds=600), training=TRAINING) as engine:
        until(lambda: engine.snapshot(running.run_id).progress.first_step > 0, 20)
        ends_like_any_other(engine, running)
        ends_like_any_other(engine, waiting)
    first, second = begun(settings.data_dir, running)
    assert first == 0
    assert second >= 5
    assert begun(settings.data_dir, waiting) == [0]


def test_a_server_that_is_closed_puts_its_run_back_at_a_checkpoint(settings: Settings) -> None:
    spec = slow(1, epochs=40)
    with Engine(settings, training=TRAINING) as engine:
        engine.submit(spec, "me")
        reaches(engine, spec, 5)
    with Engine(settings, training=TRAINING) as engine:
        assert engine.snapshot(spec.run_id).state in ("queued", "running")
        ends_like_any_other(engine, spec)
    assert len(begun(settings.data_dir, spec)) == 2


def test_of_two_servers_on_one_cache_one_trains_and_both_show_and_stop_it(settings: Settings, tmp_path: Path) -> None:
    spec, other = slow(1), quick(2)
    with server(tmp_path, spec), taken(settings, spec), Engine(settings, training=TRAINING) as here:
        here.submit(spec, "me")
        reaches(here, spec, 5)
        assert here.snapshot(spec.run_id).watchers == 2
        assert here.wait(here.submit(other, "me"), 20).state == "done"
        assert not here.cancel(spec.run_id, "me")
        assert here.cancel(spec.run_id, "somebody")
        assert here.wait(spec.run_id, 5).state == "cancelled"
    assert begun(settings.data_dir, spec) == [0]


def test_a_server_takes_up_what_another_one_had_running_when_it_was_killed(settings: Settings, tmp_path: Path) -> None:
    spec = slow(1, epochs=60)
    with server(tmp_path, spec) as there, taken(settings, spec), Engine(settings, training=TRAINING) as here:
        reaches(here, spec, 5)
        there.kill()
        ends_like_any_other(here, spec)
    assert len(begun(settings.data_dir, spec)) == 2


def test_a_server_that_slept_gives_up_what_another_one_took_over(settings: Settings, tmp_path: Path) -> None:
    """Its worker is awake meanwhile: the new attempt waits for it, and at no time are two at work on one run."""
    spec = slow(1, epochs=160)
    with server(tmp_path, spec) as sleeper, taken(settings, spec), Engine(settings, training=TRAINING) as here:
        reaches(here, spec, 5)
        sleeper.send_signal(signal.SIGSTOP)
        until(lambda: _attempt(here, spec) == 2, settings.lease_seconds + 10)
        assert begun(settings.data_dir, spec) == [0]
        sleeper.send_signal(signal.SIGCONT)
        until(lambda: len(begun(settings.data_dir, spec)) == 2, 10)
        ends_like_any_other(here, spec)
    first, second = begun(settings.data_dir, spec)
    assert first == 0
    assert second >= 5


def _attempt(engine: Engine, spec: TwinsSpec) -> int:
    job = engine._open.journal.job(spec.run_id)
    assert job is not None
    return job.attempt


def test_a_command_line_trains_itself_where_no_server_is_up_and_starts_nothing_before_it_must(settings: Settings) -> None:
    with Engine(settings, serve=False, training=TRAINING) as command:
        assert command.wait(command.submit(quick(1), "me"), 20).state == "done"


def test_a_command_line_does_not_wait_behind_a_servers_queue(settings: Settings, tmp_path: Path) -> None:
    with server(tmp_path, slow(1)), taken(settings, slow(1)), Engine(settings, serve=False, training=TRAINING) as command:
        reaches(command, slow(1), 1)
        assert command.wait(command.submit(quick(2), "me"), 20).state == "done"
        assert command.snapshot(slow(1).run_id).state == "running"
        command.cancel(slow(1).run_id, "somebody")
        command.wait(slow(1).run_id, 5)
