"""Removing what nobody will come back for: old checkpoints, and folders that a killed worker left half written."""

import shutil
import time
from pathlib import Path

from lmc_core.checkpoints.naming import models_folder
from lmc_core.jobs.journal import Journal
from lmc_core.runs.store import checked_run_id

KEPT_DAYS = 14


def remove_leftovers(cache: Path, journal: Journal) -> None:
    """Forget failed and cancelled runs of more than KEPT_DAYS ago, their checkpoints, and folders half-written then."""
    old = time.time() - KEPT_DAYS * 24 * 3600
    jobs = journal.jobs()
    wanted = {job.run_id for job in jobs if job.state in ("queued", "running")}
    for job in jobs:
        if job.state in ("failed", "cancelled") and (job.finished or 0) < old:
            journal.forget(job.run_id)
    found = [*cache.glob("checkpoints/*"), *cache.glob("runs/.*")]
    for folder in found:
        if folder.name not in wanted and folder.stat().st_mtime < old:
            shutil.rmtree(folder, ignore_errors=True)


def remove_checkpoint(cache: Path, run_id: str) -> None:
    """Remove the checkpoint of one run, if it has one."""
    shutil.rmtree(cache / "checkpoints" / checked_run_id(run_id), ignore_errors=True)


def remove_kept(data_dir: Path, run_id: str) -> None:
    """Remove the networks that one run kept for others to begin with, if it did."""
    shutil.rmtree(models_folder(data_dir) / checked_run_id(run_id), ignore_errors=True)
