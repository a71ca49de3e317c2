"""Many finished runs, without their weights, in one zip file: what ships with the program of a study at a size.

Members: `runs.jsonl` with spec, result and origin of a run in each line; for each kind of run its tables as Parquet, those of all runs
one below the other with their ids in the column `run_id`; `manifest.json` with the length and the sha256 of each; `manifest.sha256`,
the manifest's own. Each is checked when it is read.
"""

import io
import json
import threading
import uuid
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from lmc_core.disk import write_durably
from lmc_core.errors import LMCError
from lmc_core.experiment import SCHEMA, read_spec
from lmc_core.runs.folder import RunSummary, StoredRun
from lmc_core.runs.kinds import KINDS, kind_of
from lmc_core.runs.manifest import MANIFEST, SEAL, DamagedError, FileFacts, ForeignError, OutdatedError, facts_of, seal_of

ENDING: Final = ".zip"
RUNS: Final = "runs.jsonl"
RUN_ID: Final = "run_id"
WRITTEN: Final = (1980, 1, 1, 0, 0, 0)
"""The time that a zip file gives for each member: the same runs make the same file, bit for bit."""


KEPT_MEMBERS: Final = 6
"""Members that stay in memory as tables, the last used ones: those of two packs."""

_kept: OrderedDict[tuple[Path, str, str], pa.Table] = OrderedDict()
_lock = threading.Lock()


class PackManifest(BaseModel):
    """The content of a pack's manifest.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_number: int = SCHEMA
    runs: tuple[str, ...]
    members: dict[str, FileFacts]


class Pack:
    """A pack as it was when it was opened; a member is read from the disk, and checked, when it is first needed.

    Args:
        path: of the zip file.

    Raises:
        DamagedError: the file is not what was written.
        ForeignError: another version of the program wrote it.
        LMCError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        text = _member(path, MANIFEST)
        if _member(path, SEAL) != seal_of(text):
            raise DamagedError(f"{MANIFEST} does not match {SEAL}")
        try:
            self._manifest = PackManifest.model_validate_json(text)
        except ValidationError as fault:
            raise ForeignError(str(fault)) from None
        if self._manifest.schema_number != SCHEMA:
            raise ForeignError(f"schema {self._manifest.schema_number}")
        self._lines: dict[str, bytes] | None = None

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs in it, in the order of the study."""
        return self._manifest.runs

    def summary(self, run_id: str) -> RunSummary:
        """Spec and result of a run.

        Raises:
            DamagedError: a member is not what was written.
            ForeignError: another version of the program wrote the run.
            OutdatedError: an earlier version found what today's would not.
            KeyError: the pack does not have it.
        """
        line = self._line(run_id)
        try:
            spec = read_spec(json.dumps(line["spec"]).encode())
            result = kind_of(spec).result.model_validate(line["result"])
        except ValidationError as fault:
            raise ForeignError(str(fault)) from None
        if spec.run_id != run_id:
            raise DamagedError(f"{RUNS} has run {spec.run_id} under the name of {run_id}")
        if result.stopped_at_spike:
            raise OutdatedError("ended a training when its loss passed 10,000 nats, as an earlier version did")
        return RunSummary(run_id, spec, result, datetime.fromisoformat(line["created"]), shipped=True)

    def run(self, run_id: str) -> StoredRun:
        """A run with its tables; faults as of `summary`."""
        summary, line = self.summary(run_id), self._line(run_id)
        return StoredRun(
            **vars(summary),
            tables={name: self.table(run_id, name) for name in kind_of(summary.spec).progress.tables},
            command=line["command"],
            hardware=line["hardware"],
            versions=line["versions"],
            path=self.path,
            weights=(),
            reread=partial(self.table, run_id),
        )

    def table(self, run_id: str, name: str) -> pd.DataFrame:
        """All rows of one of a run's tables; faults as of `summary`."""
        rows = self._rows(_table_member(self._line(run_id)["spec"]["kind"], name))
        return rows.filter(pc.equal(rows[RUN_ID], run_id)).drop_columns([RUN_ID]).to_pandas()

    def _line(self, run_id: str) -> dict[str, Any]:
        if self._lines is None:
            self._lines = dict(zip(self.run_ids, self._checked(RUNS).splitlines(), strict=True))
        line: dict[str, Any] = json.loads(self._lines[run_id])
        return line

    def _rows(self, member: str) -> pa.Table:
        """The table of all runs; that of the runs last asked for stays in memory, since those of a study are asked for together."""
        key = self.path, member, self._manifest.members[member].sha256 if member in self._manifest.members else ""
        with _lock:
            if key in _kept:
                _kept.move_to_end(key)
                return _kept[key]
        table = pq.read_table(io.BytesIO(self._checked(member)))
        with _lock:
            _kept[key] = table
            while len(_kept) > KEPT_MEMBERS:
                _kept.popitem(last=False)
        return table

    def _checked(self, name: str) -> bytes:
        content = _member(self.path, name)
        if name not in self._manifest.members or facts_of(content) != self._manifest.members[name]:
            raise DamagedError(f"{name} does not match its checksum")
        return content


def write_pack(path: Path, runs: Sequence[StoredRun]) -> None:
    """Write a pack of runs, in this order, in the place of the one that is there; it is there wholly or not at all.

    Raises:
        DamagedError: a table of a run is not what was written.
        OSError: the disk refuses.
    """
    members: dict[str, bytes] = {RUNS: b"".join(map(_line_of, runs))}
    for kind in KINDS.values():
        of_kind = [run for run in runs if run.spec.kind == kind.name]
        if of_kind:
            members |= {_table_member(kind.name, name): _tables_of(of_kind, name) for name in kind.progress.tables}
    manifest = PackManifest(runs=tuple(run.run_id for run in runs), members={name: facts_of(content) for name, content in members.items()})
    text = manifest.model_dump_json(indent=1).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        write_durably(beside, _zipped({MANIFEST: text, SEAL: seal_of(text)} | members))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _table_member(kind: str, name: str) -> str:
    return f"{kind}/{name}.parquet"


def _line_of(run: StoredRun) -> bytes:
    line = {
        "spec": run.spec.model_dump(mode="json"),
        "result": run.result.model_dump(mode="json"),
        "created": run.created.isoformat(timespec="seconds"),
        "command": run.command,
        "hardware": run.hardware,
        "versions": dict(run.versions),
    }
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _tables_of(runs: Iterable[StoredRun], name: str) -> bytes:
    """One of the tables of all runs as a Parquet file, in few bytes."""
    parts = []
    for run in runs:
        table = pa.Table.from_pandas(run.whole(name), preserve_index=False).replace_schema_metadata(None)
        parts.append(table.add_column(0, RUN_ID, pa.array([run.run_id] * table.num_rows, pa.string())))
    file = io.BytesIO()
    texts = [field.name for field in parts[0].schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    pq.write_table(
        pa.concat_tables(parts, promote_options="permissive"),
        file,
        compression="zstd",
        compression_level=19,
        write_statistics=False,
        use_dictionary=texts,
        store_schema=False,
    )
    return file.getvalue()


def _zipped(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, WRITTEN), content, how, 9)
    return file.getvalue()


def _member(path: Path, name: str) -> bytes:
    """A member of a zip file, whatever the file's own checksums say of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    except FileNotFoundError:
        raise DamagedError(f"{path.name} is missing") from None
    except KeyError:
        raise DamagedError(f"{name} is missing") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as fault:
        raise DamagedError(f"{name} cannot be unpacked: {fault}") from None
    except OSError as fault:
        raise LMCError(f"{path} cannot be read ({fault.strerror or fault}); check the disk and who may read it.") from fault
