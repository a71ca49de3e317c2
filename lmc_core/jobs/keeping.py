"""In a worker process, with torch: the networks that a finished run kept, as folders that other runs begin with."""

import os
import shutil
import uuid
from pathlib import Path

from torch import from_numpy

from lmc_core.checkpoints.kept import checkpoint_name, missing
from lmc_core.checkpoints.naming import models_folder
from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.data.class_names import class_names
from lmc_core.disk import sync_folder, telling
from lmc_core.runs.folder import StoredRun
from lmc_core.runs.store import Store

ARRIVING = ".partial"


def write_kept(store: Store, run: StoredRun, data_dir: Path) -> None:
    """Write each kept network of a stored run below the models' folder, wholly or not at all; those that are there stay.

    The same weights give the same bytes, so a folder that was deleted comes back with its fingerprint. One process at a time
    may do this for a run.

    Args:
        store: that has the run.
        run: with its weights.
        data_dir: the folder of data sets, in which `models` is.

    Raises:
        LMCError: the disk is full or refuses, or the run's weights are damaged.
    """
    networks = missing(run.run_id, run.weights, data_dir)
    with telling(models_folder(data_dir)):
        for left_by_a_killed_process in (models_folder(data_dir) / run.run_id).glob(f"**/.*{ARRIVING}"):
            shutil.rmtree(left_by_a_killed_process)
        for network in networks:
            weights = {name: from_numpy(array) for name, array in store.weights(run.run_id, network).items()}
            folder = models_folder(data_dir) / str(checkpoint_name(run.run_id, network))
            beside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}{ARRIVING}")
            beside.mkdir(parents=True)
            save_pretrained(run.spec, weights, beside, class_names(run.spec.dataset, data_dir))
            _to_disk(beside)
            if folder.exists():  # without its weights, or it would not be missing
                shutil.rmtree(folder)
            beside.rename(folder)
            sync_folder(folder.parent)


def _to_disk(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)
