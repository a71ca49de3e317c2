import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core import disk
from lmc_core.errors import LMCError
from lmc_core.runs.store import Store
from tests.made_up_runs import made_up_spec, progress_of, weights_of

SPEC = made_up_spec()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for nearly nothing."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    made = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True, check=False)
        if os.geteuid() == 0
        else None
    )
    if made is None or made.returncode:
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing_half_written(tiny_disk: Path) -> None:
    store, spec = Store(tiny_disk), made_up_spec(repeats=20)
    with pytest.raises(
        LMCError, match=r"The disk that holds .*tiny is full; free space there, or set LMC_CACHE_DIR to a folder elsewhere\."
    ):
        store.save(spec, progress_of(spec), weights_of(spec))
    assert [path for path in tiny_disk.rglob("*") if path.is_file()] == []
    assert (store.find(spec.run_id), store.take_damage()) == (None, ())


def test_a_disk_that_fills_up_anywhere_while_a_run_is_written_leaves_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = 0
    sync = os.fsync

    def full_after_some(descriptor: int) -> None:
        nonlocal writes
        writes += 1
        if writes == allowed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(disk.os, "fsync", full_after_some)
    for allowed in range(1, 11):
        writes = 0
        store = Store(tmp_path / str(allowed))
        with pytest.raises(LMCError, match="is full"):
            store.save(SPEC, progress_of(SPEC), weights_of(SPEC))
        assert list((store.root / "runs").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(LMCError, match=r"cache cannot be written \(not a directory\); set LMC_CACHE_DIR to a folder that can\."):
        Store(tmp_path / "cache").save(SPEC, progress_of(SPEC), weights_of(SPEC))


def test_a_cache_on_a_read_only_disk_still_gives_what_it_holds(tiny_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=1m", tiny_disk], check=True)
    Store(tiny_disk).save(SPEC, progress_of(SPEC), weights_of(SPEC))
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    store = Store(tiny_disk)
    assert store.find(SPEC.run_id) is not None
    other = made_up_spec(1)
    with pytest.raises(LMCError, match="cannot be written"):
        store.save(other, progress_of(other), weights_of(other))
