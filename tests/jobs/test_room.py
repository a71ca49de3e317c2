"""Whether the disk has room for what is asked for."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lmc_core.cost import estimates as cost
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.journal import Journal
from lmc_core.jobs.room import Room
from lmc_core.models.spec import MLP
from lmc_core.settings import GIB
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import TRAINING, quick

LARGE = TwinsSpec(architecture=MLP(width=16_384), keep=tuple(range(20)))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    settings = replace(settings_in(tmp_path), max_cache_gib=0.5)
    settings.cache_dir.mkdir()
    return Room(settings, Journal(settings.cache_dir / "journal.sqlite"))


def test_runs_that_lie_on_the_disk_and_runs_that_wait_leave_less_room(room: Room, tmp_path: Path) -> None:
    assert room.refusal(GIB // 4) is None
    room._journal.submit("a" * 20, LARGE.model_dump_json(), "visitor", 5)
    waiting = cost.disk_bytes(LARGE)
    assert room.refusal(GIB // 2 - waiting - GIB // 50) is None
    assert "that already waits; earlier runs take" in str(room.refusal(GIB // 2 - waiting + 1))


def test_earlier_runs_count_wherever_they_lie(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), max_cache_gib=0.5)
    for place in (settings.cache_dir / "runs" / ("b" * 20), settings.cache_dir / "checkpoints" / ("c" * 20), settings.cache_dir / "logs"):
        place.mkdir(parents=True)
        (place / "file").write_bytes(bytes(2**20))
    room = Room(settings, Journal(settings.cache_dir / "journal.sqlite"))
    assert 3 * 2**20 < room.taken() < 4 * 2**20


def test_a_full_disk_is_told_before_anything_is_queued(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": GIB}))
    assert room.refusal(GIB // 10) is None
    assert "but the disk has 1.0 GiB left; the owner of the server can free some." in str(room.refusal(GIB))


def test_a_run_that_would_leave_too_much_on_the_disk_is_refused_and_not_queued(tmp_path: Path) -> None:
    with Engine(replace(settings_in(tmp_path), max_disk_gib=0.05), serve=False, training=TRAINING) as engine:
        with pytest.raises(LMCError, match=r"would write about 0\.3 GiB, and 51\.2 MiB is the most for one run \(LMC_MAX_DISK_GIB\)"):
            engine.submit(LARGE, "visitor")
        assert engine.queue() == []


def test_a_sweep_that_finds_no_room_is_refused_as_a_whole(tmp_path: Path) -> None:
    cells = [quick(init) for init in range(20)]
    most = 19.5 * cost.disk_bytes(cells[0]) / GIB
    with Engine(replace(settings_in(tmp_path), max_cache_gib=most), serve=False, training=TRAINING) as engine:
        with pytest.raises(LMCError, match="LMC_MAX_CACHE_GIB"):
            engine.submit_all(cells, "visitor")
        assert engine.queue() == []
