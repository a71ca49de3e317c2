"""A data set kept as tensors, so that a second start maps one file into memory instead of unpacking and decoding."""

import time
import uuid
from contextlib import suppress
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lmc_core.data.dataset import Dataset
from lmc_core.data.holdings import TENSORS, fingerprint
from lmc_core.data.presence import has_sources, prepared_file
from lmc_core.data.spec import DatasetName
from lmc_core.disk import refusal_in
from lmc_core.errors import LMCError

ABANDONED_SECONDS = 3_600.0


def find(name: DatasetName, folder: Path) -> Dataset | None:
    """The prepared data set, or None where there is none, its checksum is wrong, or its sources have changed since.

    A prepared file outlives its sources: where those are gone, it stands for them.
    """
    path = prepared_file(name, folder)
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            said = file.metadata() or {}
            if has_sources(name, folder) and said.get("sources") != fingerprint(name, folder):
                return None
            tensors: list[Tensor] = [file.get_tensor(key) for key in TENSORS]
        dataset = Dataset.of(name, *tensors)
    except (SafetensorError, OSError, LMCError):
        return None
    return dataset if dataset.sha256 == said.get("sha256") else None


def keep(dataset: Dataset, folder: Path, sources: str) -> None:
    """Write the data set for `find`, in one step: two processes may do so at once.

    Args:
        dataset: what was read.
        folder: the data folder.
        sources: the fingerprint as it was before reading.

    Raises:
        OSError: the folder cannot be written, or the disk is full; nothing is left behind.
    """
    path = prepared_file(dataset.name, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(path.parent)
    temporary = path.parent / f".{dataset.name}.{uuid.uuid4().hex}.part"
    try:
        tensors = {key: getattr(dataset, key).contiguous() for key in TENSORS}
        save_file(tensors, temporary, metadata={"sha256": dataset.sha256, "sources": sources})
        temporary.chmod(0o644)  # safetensors lets only the owner read; others may share the data folder
        temporary.replace(path)
    except SafetensorError as fault:
        raise refusal_in(str(fault)) from fault
    finally:
        temporary.unlink(missing_ok=True)


def _clear_abandoned(place: Path) -> None:
    """Remove what killed writers left; what another process is writing may vanish meanwhile."""
    for part in place.glob(".*.part"):
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > ABANDONED_SECONDS:
                part.unlink()
