"""A training's state on disk, so that it can go on with the same bits after its process has died."""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lmc_core.disk import refusal_in, sync_folder, telling
from lmc_core.runs.unfinished import GrowingLog, Told, events_of_state

FILE = "state.safetensors"
SHARE = 0.05
"""Part of the time that writing checkpoints may take; a large state is written more rarely."""
FIRST_SECONDS = 1.5
"""How soon after its start a training writes its first checkpoint."""
GROWTH = 0.25
"""Between two later ones lies this part of the time since the start, until it is what was asked for."""


class Standing(BaseModel):
    """Where a twins' training stands, beside its tensors.

    Attributes:
        run_id: of the spec that it belongs to.
        step: optimiser steps done.
        parted: whether the twins have rows of their own.
        reported: whether the epoch that ended at this step, if one did, has been measured and told.
        train_seconds: spent in steps so far.
        evaluate_seconds: spent in measuring so far.
        divergence: the rule by which members diverged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    step: int
    parted: bool
    reported: bool
    train_seconds: float
    evaluate_seconds: float
    divergence: int = 1


class DamagedCheckpointError(Exception):
    """The file is there but is not what was written."""


AnyStanding = TypeVar("AnyStanding", bound=BaseModel)


class Checkpoint(Generic[AnyStanding]):
    """One file in a folder, replaced as a whole.

    Args:
        kind: of what is written beside the tensors.
        folder: made at the first write.
        seconds: between two writes, at least, but for the first ones after a start.
        sharing: checkpoints that are written at the same moments and share the time for it.
    """

    def __init__(self, kind: type[AnyStanding], folder: Path, seconds: float, sharing: int = 1) -> None:
        self._kind = kind
        self._folder = folder
        self._seconds = seconds
        self._sharing = sharing
        self._cost = 0.0
        self._log = GrowingLog(events_of_state(folder))
        self._begun = self._written = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether enough time has gone by since the last write; less is enough soon after a start, so that a run gets further each time."""
        now = time.monotonic()
        wait = min(self._seconds, max(FIRST_SECONDS, GROWTH * (now - self._begun)))
        return now - self._written >= max(wait, self._sharing * self._cost / SHARE)

    def write(self, standing: AnyStanding, tensors: Mapping[str, Tensor]) -> None:
        """Replaces the file; it is on the disk when this returns, and what was told up to now before it.

        Raises:
            LMCError: the disk is full or cannot be written.
        """
        begun = time.monotonic()
        kept = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
        with telling(self._folder):
            told = self._log.synced()
            metadata = {"standing": standing.model_dump_json(), "sha256": _checksum(standing, kept), "told": told.model_dump_json()}
            self._folder.mkdir(parents=True, exist_ok=True)
            beside = self._folder / f"{FILE}.{os.getpid()}"
            try:
                save_file(kept, beside, metadata)
                with beside.open("rb") as file:
                    os.fsync(file.fileno())
                beside.replace(self._folder / FILE)
            except SafetensorError as fault:
                raise refusal_in(str(fault)) from fault
            finally:
                beside.unlink(missing_ok=True)
            sync_folder(self._folder)
        self._written = time.monotonic()
        self._cost = self._written - begun

    def read(self) -> tuple[AnyStanding, dict[str, Tensor]] | None:
        """What was written last; None where nothing was.

        Raises:
            DamagedCheckpointError: the file's content is not what was written, or the log lacks what was told before.
        """
        path = self._folder / FILE
        if not path.exists():
            return None
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            standing = self._kind.model_validate_json(metadata.get("standing", ""))
            told = Told.model_validate_json(metadata["told"]) if "told" in metadata else None  # earlier versions wrote none
        except (SafetensorError, ValidationError, OSError) as fault:
            raise DamagedCheckpointError(str(fault)) from fault
        if metadata.get("sha256") != _checksum(standing, tensors):
            raise DamagedCheckpointError("its checksum does not match")
        if told and not told.is_in(events_of_state(self._folder)):
            raise DamagedCheckpointError("what was told before is lost")
        return standing, tensors


def _checksum(standing: BaseModel, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(standing.model_dump_json().encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        digest.update(tensor.numpy().data)
    return digest.hexdigest()
