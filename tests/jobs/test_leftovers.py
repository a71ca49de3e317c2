import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.jobs.journal import Journal
from lmc_core.jobs.leftovers import KEPT_DAYS, remove_checkpoint, remove_leftovers

OLD, YOUNG, WAITING = "a" * 20, "b" * 20, "c" * 20
LONG_AGO = time.time() - (KEPT_DAYS + 1) * 24 * 3600


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def test_only_what_nobody_comes_back_for_is_removed(journal: Journal, tmp_path: Path) -> None:
    for run_id in (OLD, YOUNG, WAITING):
        journal.submit(run_id, "{}", "me", 9)
        (tmp_path / "checkpoints" / run_id).mkdir(parents=True)
    for run_id in (OLD, YOUNG):
        journal.leave(run_id, "me")
    for name in (OLD, f".{OLD}.x.partial"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    journal.database.change("UPDATE jobs SET finished = ? WHERE run_id = ?", (LONG_AGO, OLD))
    for place in (f"checkpoints/{OLD}", f"checkpoints/{WAITING}", f"runs/{OLD}", f"runs/.{OLD}.x.partial"):
        os.utime(tmp_path / place, (LONG_AGO, LONG_AGO))
    remove_leftovers(tmp_path, journal)
    assert {path.name for path in (tmp_path / "checkpoints").iterdir()} == {YOUNG, WAITING}
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [OLD]
    assert {job.run_id for job in journal.jobs()} == {YOUNG, WAITING}


def test_one_runs_checkpoint_is_removed_and_no_path_is_taken_for_a_run(tmp_path: Path) -> None:
    for run_id in (OLD, YOUNG):
        (tmp_path / "checkpoints" / run_id).mkdir(parents=True)
    remove_checkpoint(tmp_path, OLD)
    with pytest.raises(Exception, match="is not a run id"):
        remove_checkpoint(tmp_path, "../checkpoints")
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [YOUNG]
