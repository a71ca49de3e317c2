import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from lmc_core.errors import LMCError, plain
from lmc_core.jobs import room
from lmc_core.jobs.engine import Engine
from lmc_core.training.checkpoint import Checkpoint, Standing
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import FINDS_THE_DISK_FULL, TRAINING, quick, slow
from tests.waiting import until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "cache"
    folder.mkdir()
    made = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", folder], capture_output=True, check=False)
    if not made or made.returncode:
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError:
                return filler


def test_a_run_that_meets_a_full_disk_says_so(tmp_path: Path) -> None:
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        ended = engine.wait(engine.submit(quick(FINDS_THE_DISK_FULL), "me"), 20)
    assert ended.error is not None
    full, advice = f"The disk that holds {tmp_path / 'cache'} is full", "free space there, or set LMC_CACHE_DIR to a folder elsewhere."
    assert plain(ended.error) == f"{full}; {advice}"


def test_a_checkpoint_that_meets_a_full_disk_says_so_and_leaves_the_last_one_whole(small_disk: Path) -> None:
    kept = Checkpoint(Standing, small_disk / "state", 0)
    standing = Standing(run_id="0" * 20, step=3, parted=True, reported=False, train_seconds=1.5, evaluate_seconds=0.25)
    kept.write(standing, {"small": torch.ones(3)})
    with pytest.raises(LMCError, match=r"^The disk that holds .* is full; free space there, or set LMC_CACHE_DIR"):
        kept.write(standing, {"large": torch.ones(2_000_000)})
    found = kept.read()
    assert found is not None
    assert found[1].keys() == {"small"}
    assert [path.name for path in (small_disk / "state").iterdir()] == ["state.safetensors"]


def test_nothing_is_lost_while_the_caches_disk_is_full_and_all_goes_on_when_it_is_not(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "RESERVE_GIB", 0)
    settings = settings_in(tmp_path)
    spec = slow(1, epochs=60)
    with Engine(settings, training=TRAINING) as engine:
        finished = engine.submit(quick(2), "me")
        assert engine.wait(finished, 20).state == "done"
        engine.submit(spec, "me")
        until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 5, 20)
        filler = fill(small_disk)
        until(lambda: _refused(engine), 20)
        assert engine.snapshot(finished).state == "done"
        assert engine.snapshot(spec.run_id).progress.epoch >= 5
        filler.unlink()
        until(lambda: engine.snapshot(spec.run_id).state != "running", 30)
        assert engine.wait(engine.submit(spec, "me"), 20).state == "done"


def _refused(engine: Engine) -> bool:
    try:
        engine.submit(quick(3), "me")
    except LMCError as fault:
        assert str(fault).startswith("This would write about 0.1 MiB beside ")
        assert str(fault).endswith("but the disk has 0.0 MiB left; the owner of the server can free some.")
        return True
    engine.cancel(quick(3).run_id, "me")
    return False


def test_a_cache_that_cannot_be_written_is_told_when_the_engine_starts(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(LMCError, match=r"cache cannot be written \(.*\); set LMC_CACHE_DIR to a folder that can\."):
        Engine(settings_in(tmp_path), training=TRAINING).start()


def test_a_cache_on_a_read_only_disk_is_told_when_the_engine_starts(small_disk: Path, tmp_path: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(LMCError, match=r"cannot be used \(.*\); set LMC_CACHE_DIR to a folder that can be written\."):
        Engine(settings_in(tmp_path), training=TRAINING).start()
