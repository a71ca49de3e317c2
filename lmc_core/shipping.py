"""Putting a finished run, without its weights, among those that ship with the project."""

import io
import json
import shutil
from pathlib import Path

from lmc_core.manifest import facts_of, read_checked, read_manifest, seal
from lmc_core.run_folder import StoredRun


def ship(run: StoredRun, gallery: Path) -> Path:
    """Write the run's files but its weights below the gallery, in fewer bytes, and seal them; returns the new folder.

    Raises:
        DamagedError: a file of the run is not what was written.
        OSError: the gallery cannot be written.
    """
    manifest = read_manifest(run.path)
    contents = {name: read_checked(run.path, manifest, name) for name in manifest.files if not name.startswith("weights/")}
    contents = {name: PACKED[Path(name).suffix](content) for name, content in contents.items()}
    folder = gallery / run.run_id
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    seal(folder, manifest.model_copy(update={"files": {name: facts_of(content) for name, content in contents.items()}}))
    return folder


def _packed_json(content: bytes) -> bytes:
    """The same values without white space."""
    return json.dumps(json.loads(content), separators=(",", ":")).encode()


def _packed_parquet(content: bytes) -> bytes:
    """A Parquet file with the same table in as few bytes as it gets: short tables are mostly what describes their columns."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(io.BytesIO(content)).replace_schema_metadata(None)
    file = io.BytesIO()
    pyarrow.parquet.write_table(
        table, file, compression="zstd", compression_level=19, write_statistics=False, use_dictionary=False, store_schema=False
    )
    return file.getvalue()


PACKED = {".json": _packed_json, ".parquet": _packed_parquet}
"""What makes a file smaller, by its ending."""
