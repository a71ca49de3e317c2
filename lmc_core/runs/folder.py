"""One finished run as a folder: config, result, tables, weights and the manifest that vouches for them."""

import io
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import safetensors.numpy
from pydantic import ValidationError

from lmc_core.disk import sync_folder, write_durably
from lmc_core.experiment import AnySpec, read_spec
from lmc_core.overrides import command_of
from lmc_core.runs.kinds import AnyProgress, AnyResult, finished_progress, kind_of
from lmc_core.runs.manifest import DamagedError, ForeignError, Manifest, OutdatedError, facts_of, read_checked, read_manifest, seal
from lmc_core.runs.table import shown_part

Weights = Mapping[str, Mapping[str, np.ndarray]]
"""Arrays under the plain module's parameter names, by network: `pair0.init`, `pair0.a`, `level3.pair0.mask`, ..."""


@dataclass(frozen=True)
class StoredRun:
    """A finished run as read from the disk, its checksums found right; its data frames are shared, so only read them."""

    run_id: str
    spec: AnySpec
    result: AnyResult
    tables: Mapping[str, pd.DataFrame]
    """By their names in the progress, such as `history`; of a long one every so many steps (see `whole`)."""
    created: datetime
    command: str
    """The command line that makes it again."""
    hardware: str
    """Device, processor and threads that trained it."""
    versions: Mapping[str, str]
    """Of python and the libraries, by their names."""
    path: Path
    """Its folder, or the pack that it lies in."""
    shipped: bool
    """Whether it lies in the gallery, which is only read."""
    weights: tuple[str, ...]
    """The networks whose weights are kept, such as `pair0.a`; `Store.weights` reads them."""
    reread: Callable[[str], pd.DataFrame] = field(compare=False)
    """All rows of a table, from the disk."""
    thinned: frozenset[str] = frozenset()
    """The tables of which not all rows are in memory."""

    def whole(self, name: str) -> pd.DataFrame:
        """All rows of a table, from the disk where they are not in memory.

        Raises:
            DamagedError: the file is missing or is not what was written.
        """
        return self.reread(name) if name in self.thinned else self.tables[name]

    @property
    def history(self) -> pd.DataFrame:
        """As in the progress."""
        return self.tables["history"]

    @property
    def curves(self) -> pd.DataFrame:
        """As in the progress."""
        return self.tables["curves"]

    @property
    def measurements(self) -> pd.DataFrame:
        """As in the progress of twins, which alone have it."""
        return self.tables["measurements"]

    @property
    def progress(self) -> AnyProgress:
        """The run as the progress that it ended with."""
        return finished_progress(self.spec, self.result, self.tables)


@dataclass(frozen=True)
class RunSummary:
    """What a list shows of a finished run."""

    run_id: str
    spec: AnySpec
    result: AnyResult
    created: datetime
    shipped: bool


def read_run(folder: Path) -> StoredRun:
    """The run in a folder; every file but the weights is hashed, and the weights' presence and length are looked at.

    Raises:
        DamagedError: a file is missing or is not what was written.
        ForeignError: another version of the program wrote the folder.
        OutdatedError: an earlier version found what today's would not.
    """
    manifest, summary = _read_described(folder)
    names = kind_of(summary.spec).progress.tables
    read = {name: shown_part(read_checked(folder, manifest, f"{name}.parquet")) for name in names}
    return StoredRun(
        **vars(summary),
        tables={name: table for name, (table, _) in read.items()},
        thinned=frozenset(name for name, (_, all_of_it) in read.items() if not all_of_it),
        command=manifest.command,
        hardware=manifest.hardware,
        versions=manifest.versions,
        path=folder,
        reread=partial(_read_table, folder),
        weights=tuple(Path(name).stem for name in manifest.files if name.startswith("weights/")),
    )


def read_summary(folder: Path) -> RunSummary:
    """What a list shows of the run in a folder, from its spec and its result alone.

    Raises:
        DamagedError: a file is missing or is not what was written.
        ForeignError: another version of the program wrote the folder.
        OutdatedError: an earlier version found what today's would not.
    """
    return _read_described(folder)[1]


def _read_table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(read_checked(folder, read_manifest(folder), f"{name}.parquet")))


def _read_described(folder: Path) -> tuple[Manifest, RunSummary]:
    manifest = read_manifest(folder)
    try:
        spec = read_spec(read_checked(folder, manifest, "config.json"))
        result = kind_of(spec).result.model_validate_json(read_checked(folder, manifest, "result.json"))
    except ValidationError as fault:
        raise ForeignError(str(fault)) from None
    if spec.run_id != folder.name:
        raise DamagedError(f"config.json describes run {spec.run_id}")
    if result.stopped_at_spike:
        raise OutdatedError("ended a training when its loss passed 10,000 nats, as an earlier version did")
    return manifest, RunSummary(folder.name, spec, result, datetime.fromisoformat(manifest.created), shipped=False)


def write_run(folder: Path, spec: AnySpec, progress: AnyProgress, result: AnyResult, weights: Weights) -> None:
    """Write a new folder with everything of a run, the manifest last; on return the disk has it.

    Raises:
        OSError: the disk is full or refuses; what was written so far is left.
    """
    (folder / "weights").mkdir(parents=True)
    files: dict[str, bytes] = {
        "config.json": spec.model_dump_json(indent=1).encode(),
        "result.json": result.model_dump_json(indent=1).encode(),
        **{f"{name}.parquet": getattr(progress, name).to_parquet(index=False) for name in progress.tables},
    }
    facts = {}
    for name, content in files.items():
        write_durably(folder / name, content)
        facts[name] = facts_of(content)
    for network, arrays in weights.items():
        name, content = f"weights/{network}.safetensors", safetensors.numpy.save(dict(arrays))
        write_durably(folder / name, content)
        facts[name] = facts_of(content)
    sync_folder(folder / "weights")
    manifest = Manifest(
        run_id=spec.run_id,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command_of(spec),
        hardware=f"{result.environment.device}; {result.environment.processor}; {result.environment.threads} threads",
        versions={"python": platform.python_version(), **result.environment.versions},
        files=facts,
    )
    seal(folder, manifest)
