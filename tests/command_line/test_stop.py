"""Stopping and deleting what a server trains."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.command_line import main
from lmc_core.jobs.engine import Engine
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import TRAINING, slow
from tests.waiting import until


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A server's engine that trains a run which somebody asked for."""
    settings = settings_in(tmp_path)
    monkeypatch.setenv("LMC_CACHE_DIR", str(settings.cache_dir))
    monkeypatch.setenv("LMC_DATA_DIR", str(settings.data_dir))
    with Engine(settings, training=TRAINING) as engine:
        engine.submit(slow(1), "somebody")
        until(lambda: engine.snapshot(slow(1).run_id).progress.epoch >= 2, 20)
        yield engine


def test_a_run_that_a_server_trains_is_stopped_and_deleted_and_its_watchers_are_told(
    server: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = slow(1).run_id
    assert main(["stop", run_id]) == 0
    ended = server.wait(run_id, 5)
    assert (ended.state, ended.notices) == ("cancelled", ("The owner of this server stopped this run.",))
    assert main(["stop", run_id]) == 2
    assert f"Run {run_id} neither waits nor trains" in capsys.readouterr().err
    server.submit(slow(1), "somebody")
    until(lambda: server.snapshot(run_id).state == "running", 20)
    assert main(["delete", run_id]) == 0
    assert (server.snapshot(run_id).state, server.snapshot(run_id).notices) == ("unknown", ("The owner of this server deleted this run.",))
    assert not (server.settings.cache_dir / "checkpoints" / run_id).exists()


def test_what_is_no_run_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LMC_CACHE_DIR", str(tmp_path))
    for command in ("stop", "delete"):
        assert main([command, "../.."]) == 2
        assert "is not a run id" in capsys.readouterr().err
