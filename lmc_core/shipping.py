"""Putting a finished run, without its weights, among those that ship with the project."""

import shutil
from pathlib import Path

from lmc_core.manifest import read_checked, read_manifest, seal
from lmc_core.run_folder import StoredRun


def ship(run: StoredRun, gallery: Path) -> Path:
    """Copy the run's files but its weights below the gallery and seal them; returns the new folder.

    Raises:
        DamagedError: a file of the run is not what was written.
        OSError: the gallery cannot be written.
    """
    manifest = read_manifest(run.path)
    kept = {name: facts for name, facts in manifest.files.items() if not name.startswith("weights/")}
    folder = gallery / run.run_id
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name in kept:
        (folder / name).write_bytes(read_checked(run.path, manifest, name))
    seal(folder, manifest.model_copy(update={"files": kept}))
    return folder
