"""Finished runs on disk: a folder each, named by its run id, checked against its checksums whenever it is read."""

import io
import json
import re
import shutil
import threading
import time
import uuid
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import safetensors.numpy

from lmc_core.disk import sync_folder, telling
from lmc_core.errors import CACHE, LMCError
from lmc_core.errors import place as told_place
from lmc_core.experiment import RUN_ID_LENGTH, AnySpec
from lmc_core.runs.folder import RunSummary, StoredRun, Weights, read_run, read_summary, write_run
from lmc_core.runs.gallery import Gallery
from lmc_core.runs.kinds import AnyProgress
from lmc_core.runs.manifest import DamagedError, ForeignError, OutdatedError, Signature, read_checked, read_manifest, signature
from lmc_core.runs.outcome import told_result
from lmc_core.runs.pack import Pack
from lmc_core.runs.table import KEPT_ROWS, within_bounds
from lmc_core.runs.used_data import other_data

__all__ = ["Damage", "RunSummary", "Store", "StoredRun", "Weights", "checked_run_id"]

RUN_ID = re.compile(f"[0-9a-f]{{{RUN_ID_LENGTH}}}")
KEPT_RUNS = 64
"""Read runs that stay in memory, the last used ones."""
KEPT_SUMMARIES = 10_000

Found = TypeVar("Found", RunSummary, StoredRun)


@dataclass(frozen=True)
class Damage:
    """A run whose files are not what was written, and the sentence that tells the user."""

    run_id: str
    text: str


def checked_run_id(run_id: str) -> str:
    """The run id, once it is known to be one and nothing else, such as a path.

    Raises:
        LMCError: it is not.
    """
    if RUN_ID.fullmatch(run_id) is None:
        shown = run_id if len(run_id) <= 40 else run_id[:37] + "..."
        raise LMCError(f"{shown!r} is not a run id; a run id has {RUN_ID_LENGTH} characters out of 0-9 and a-f.")
    return run_id


class _Kept(Generic[Found]):
    """What was read from folders, by their signatures; the last used ones stay. Any thread may ask."""

    def __init__(self, most: int, rows: Callable[[Found], int] = lambda _found: 0) -> None:
        self._most = most
        self._rows: Callable[[Found], int] = rows
        self._lock = threading.Lock()
        self._found: OrderedDict[Path, tuple[Signature, Found]] = OrderedDict()

    def of(self, folder: Path, seen: Signature) -> Found | None:
        """What the folder held when it had this signature."""
        with self._lock:
            kept = self._found.get(folder)
            if kept is None or kept[0] != seen:
                return None
            self._found.move_to_end(folder)
            return kept[1]

    def keep(self, folder: Path, seen: Signature, found: Found) -> None:
        """Remember what the folder holds."""
        with self._lock:
            self._found[folder] = seen, found
            while len(self._found) > self._most:
                self._found.popitem(last=False)
            within_bounds(self._found, KEPT_ROWS, lambda kept: self._rows(kept[1]))


class Store:
    """The runs below `root/runs` and, only read, in the gallery's packs; several processes may use the same folders.

    A run that is found damaged is moved to `root/damaged`, counts as absent, and is told of once by `take_damage`. One that used
    other data than a new run would counts as absent too, and is told of, and stays until it is computed again.

    Args:
        root: of the cache.
        gallery: the folder with the packs of runs that ship with the program; None leaves them out.
        data_dir: the folder of data sets, against which runs are held; None leaves it out.
    """

    def __init__(self, root: Path, gallery: Path | None = None, data_dir: Path | None = None) -> None:
        self.root = root
        self._gallery = Gallery(gallery) if gallery else None
        self.data_dir = data_dir
        self._lock = threading.Lock()
        self._runs: _Kept[StoredRun] = _Kept(KEPT_RUNS, lambda run: sum(map(len, run.tables.values())))
        self._summaries: _Kept[RunSummary] = _Kept(KEPT_SUMMARIES)
        self._damage: list[Damage] = []
        self._told: set[tuple[Path, Signature]] = set()

    def find(self, run_id: str) -> StoredRun | None:
        """The run with this id, or None where there is none that is whole.

        Raises:
            LMCError: this is not a run id.
        """
        checked_run_id(run_id)
        return self._open(self._folder(run_id)) or self._shipped(run_id, self._runs, Pack.run)

    def summary(self, run_id: str) -> RunSummary | None:
        """Spec and result of the run with this id, without its tables; None where there is none that is whole.

        Raises:
            LMCError: this is not a run id.
        """
        checked_run_id(run_id)
        folder = self._folder(run_id)
        own = self._whole(folder, self._summaries, read_summary) if folder.is_dir() else None
        return own or self._shipped(run_id, self._summaries, Pack.summary)

    def list(self) -> list[RunSummary]:
        """All whole runs that can be read, the newest first; what has a run's name and is no folder is none."""
        runs = self.root / "runs"
        own = [path for path in runs.iterdir() if RUN_ID.fullmatch(path.name) and path.is_dir()] if runs.is_dir() else []
        found: dict[str, RunSummary] = {}
        for path in sorted(own):
            with suppress(LMCError):
                if summary := self._whole(path, self._summaries, read_summary):
                    found[path.name] = summary
        seen, packs = self._gallery.packs() if self._gallery else ((), {})
        for run_id in sorted(packs.keys() - found.keys()):
            with suppress(LMCError):
                if summary := self._in_pack(run_id, packs[run_id], seen, self._summaries, Pack.summary):
                    found[run_id] = summary
        return sorted(found.values(), key=lambda summary: summary.created, reverse=True)

    def take_damage(self) -> tuple[Damage, ...]:
        """What was found damaged since this was last asked."""
        with self._lock:
            damage, self._damage = tuple(self._damage), []
        return damage

    def save(self, spec: AnySpec, progress: AnyProgress, weights: Weights) -> StoredRun:
        """Write a finished run, wholly or not at all; a run that is there already stays.

        Raises:
            LMCError: the disk is full or refuses.
            ValueError: the progress has no result.
        """
        if progress.result is None:
            raise ValueError("a run is saved when it has a result")
        runs, run_id = self.root / "runs", spec.run_id
        beside = runs / f".{run_id}.{uuid.uuid4().hex}.partial"
        with telling(self.root):
            runs.mkdir(parents=True, exist_ok=True)
            try:
                write_run(beside, spec, progress, progress.result, weights)
                self._move_in(beside, runs / run_id)
            finally:
                if beside.exists():
                    shutil.rmtree(beside)
        place = runs / run_id
        run = self._read_anew(place, signature(place), self._runs, read_run)  # whatever became of the data meanwhile
        if run is None:
            raise LMCError(f"Run {run_id} was written to {told_place(runs, CACHE)} and cannot be read back; check the disk.")
        return run

    def _move_in(self, beside: Path, place: Path) -> None:
        """Give a written folder its name, unless a whole run has it by now; one that cannot be read makes room."""
        if self._open(place):
            return
        if place.exists() or place.is_symlink():
            aside = self._place_aside(place.name)
            aside.parent.mkdir(exist_ok=True)
            place.rename(aside)
        try:
            beside.rename(place)
        except OSError:
            if self._open(place) is None:
                raise
        sync_folder(place.parent)

    def _place_aside(self, run_id: str) -> Path:
        return self.root / "damaged" / f"{run_id}-{time.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:4]}"

    def weights(self, run_id: str, network: str) -> dict[str, np.ndarray]:
        """The arrays of one network, such as `pair0.a`, under the plain module's parameter names.

        Raises:
            LMCError: there is no such run or network, or it was damaged and has now been set aside.
        """
        arrays: dict[str, np.ndarray] = safetensors.numpy.load(self._read(self._existing(run_id), f"weights/{network}.safetensors"))
        return arrays

    def export(self, run_id: str, folder: Path) -> None:
        """Write `pair0/{init,a,b}.safetensors` and so on, a CSV file for each table, spec.json and result.json.

        Raises:
            LMCError: there is no such run, it was damaged, or the folder cannot be written.
        """
        run = self._existing(run_id)
        try:
            for name, content in self._exported(run):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
        except OSError as fault:
            raise LMCError(f"{folder} cannot be written ({fault.strerror or fault}); give another folder.") from fault

    def archive(self, run_id: str) -> bytes:
        """What `export` writes, as one zip file.

        Raises:
            LMCError: there is no such run, or it was damaged and has now been set aside.
        """
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name, content in self._exported(self._existing(run_id)):
                file.writestr(f"{run_id}/{name}", content)
        return buffer.getvalue()

    def delete(self, run_id: str) -> None:
        """Remove a run.

        Raises:
            LMCError: there is no such run, it ships with the program, or the disk refuses.
        """
        run = self._existing(run_id)
        if run.shipped:
            raise LMCError(f"Run {run_id} ships with the program and stays.")
        aside = run.path.with_name(f".{run_id}.{uuid.uuid4().hex}.deleted")
        with telling(self.root):
            run.path.rename(aside)
            shutil.rmtree(aside)

    def _existing(self, run_id: str) -> StoredRun:
        if run := self.find(run_id):
            return run
        raise LMCError(f"There is no finished run {run_id} in {self.root}; `python -m lmc_core runs` lists those that are there.")

    def _folder(self, run_id: str) -> Path:
        return self.root / "runs" / run_id

    def _shipped(self, run_id: str, kept: "_Kept[Found]", read: Callable[[Pack, str], Found]) -> Found | None:
        """What the gallery holds of a run; None if no pack has it or it is damaged."""
        seen, packs = self._gallery.packs() if self._gallery else ((), {})
        return self._in_pack(run_id, packs[run_id], seen, kept, read) if run_id in packs else None

    def _in_pack(self, run_id: str, pack: Pack, seen: Signature, kept: "_Kept[Found]", read: Callable[[Pack, str], Found]) -> Found | None:
        """What a pack holds of a run, read again only where the gallery has changed; None if it is damaged."""
        place = pack.path / run_id
        if found := kept.of(place, seen):
            return found
        try:
            found = read(pack, run_id)
        except ForeignError:
            return None
        except OutdatedError as fault:
            self._tell(place, seen, f"The stored run {run_id} {fault}; it has to be computed again.")
            return None
        except DamagedError as fault:
            rest = "it ships with the program, is not used, and has to be computed again."
            self._tell(place, seen, f"The stored run {run_id} is damaged ({pack.path.name}: {fault}); {rest}")
            return None
        if not self._used_the_same_data(found, place, seen, None):
            return None
        kept.keep(place, seen, found)
        return found

    def _open(self, folder: Path) -> StoredRun | None:
        return self._whole(folder, self._runs, read_run) if folder.is_dir() else None

    def _whole(self, folder: Path, kept: "_Kept[Found]", read: Callable[[Path], Found]) -> Found | None:
        """What a folder holds, read again only where it has changed; None if that is no run or a damaged one."""
        seen = signature(folder)
        found = kept.of(folder, seen) or self._read_anew(folder, seen, kept, read)
        return found if found and self._used_the_same_data(found, folder, seen, self.data_dir) else None

    def _used_the_same_data(self, found: Found, place: Path, seen: Signature, data_dir: Path | None) -> bool:
        if reason := other_data(found.spec, found.result.environment.dataset, data_dir):
            self._tell(place, seen, f"The stored run {place.name} is not used: {reason}; it has to be computed again.")
        return reason is None

    def _read_anew(self, folder: Path, seen: Signature, kept: "_Kept[Found]", read: Callable[[Path], Found]) -> Found | None:
        try:
            found = read(folder)
        except ForeignError:
            return None
        except OutdatedError as fault:
            self._tell(folder, seen, f"The stored run {folder.name} {fault}; it has to be computed again.")
            return None
        except DamagedError as fault:
            self._set_aside(folder, seen, str(fault))
            return None
        kept.keep(folder, seen, found)
        return found

    def _read(self, run: StoredRun, name: str) -> bytes:
        if run.shipped:
            raise LMCError(f"Run {run.run_id} ships with the program without its weights; train it here to have them.")
        seen = signature(run.path)
        try:
            manifest = read_manifest(run.path)
            if name not in manifest.files:
                raise LMCError(f"Run {run.run_id} has no {name}; it has {', '.join(manifest.files)}.")
            return read_checked(run.path, manifest, name)
        except (DamagedError, ForeignError) as fault:
            raise LMCError(self._set_aside(run.path, seen, str(fault))) from None

    def _set_aside(self, folder: Path, seen: Signature, reason: str) -> str:
        """Move a damaged folder away unless another process did or replaced it; the sentence that tells so."""
        text = f"The stored run {folder.name} is damaged ({reason})"
        if signature(folder) != seen:
            return f"{text}; it has to be computed again."
        place = self._place_aside(folder.name)
        try:
            place.parent.mkdir(exist_ok=True)
            folder.rename(place)
            text += f"; it was set aside in {told_place(place, CACHE)} and has to be computed again."
        except OSError as fault:
            text += f"; it could not be set aside ({fault.strerror}), is not used, and has to be computed again."
        self._tell(folder, seen, text)
        return text

    def _tell(self, folder: Path, seen: Signature, text: str) -> None:
        """Keep a sentence for the user, once for each state of a folder."""
        with self._lock:
            if (folder, seen) not in self._told:
                self._told.add((folder, seen))
                self._damage.append(Damage(folder.name, text))

    def _exported(self, run: StoredRun) -> Iterator[tuple[str, bytes]]:
        for network in run.weights:
            yield f"{network.replace('.', '/')}.safetensors", self._read(run, f"weights/{network}.safetensors")
        for name in run.tables:
            yield f"{name}.csv", run.whole(name).to_csv(index=False).encode()
        yield "spec.json", run.spec.model_dump_json(indent=1).encode()
        result, dataset = run.result, run.spec.dataset
        yield "result.json", json.dumps(told_result(result, dataset), indent=1, allow_nan=False).encode()
