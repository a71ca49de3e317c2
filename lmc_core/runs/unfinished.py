"""What an unfinished run leaves on the disk: its training's state and, beside that folder, the log of what it has told."""

import hashlib
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lmc_core.disk import sync_folder

STATE, EVENTS = "state", "events.jsonl"


def events_of_state(state: Path) -> Path:
    """The log that belongs to a folder of a training's state."""
    return state.parent / EVENTS


class Told(BaseModel):
    """The beginning of a log, as it was when a state was kept: a state without it would go on to incomplete tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes: int
    sha256: str

    def is_in(self, log: Path) -> bool:
        """Whether the log still begins so."""
        if not self.bytes:
            return True
        try:
            with log.open("rb") as file:
                content = file.read(self.bytes)
        except FileNotFoundError:
            return False
        return len(content) == self.bytes and hashlib.sha256(content).hexdigest() == self.sha256


class GrowingLog:
    """A log that another part of the process appends to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self._length = 0

    def synced(self) -> Told:
        """What it holds now; on the disk when this returns.

        Raises:
            OSError: the disk refuses.
        """
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._length)
                for part in iter(lambda: file.read(2**20), b""):
                    self._digest.update(part)
                    self._length += len(part)
                os.fsync(file.fileno())
            sync_folder(self._path.parent)
        return Told(bytes=self._length, sha256=self._digest.hexdigest())
