"""A run's events beside its checkpoint: what a later attempt goes on from, and what the journal is a copy of."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from lmc_core.runs.events import EVENT, Event


class EventLog:
    """One JSON object a line, numbered from 1; a last line that was torn by a kill is dropped."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self.folder.mkdir(parents=True, exist_ok=True)
        whole, self.kept = _whole_lines(path)
        self._file = path.open("ab")
        self._file.truncate(whole)
        self.count = len(self.kept)
        """The number of the last event."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def events(self) -> Iterator[Event]:
        """The events that earlier attempts left."""
        return (EVENT.validate_json(line) for line in self.kept)

    def append(self, event: Event) -> tuple[int, str]:
        """Keep an event; its number and its JSON."""
        text = event.model_dump_json()
        self._file.write(text.encode() + b"\n")
        self._file.flush()
        self.count += 1
        return self.count, text


def _whole_lines(path: Path) -> tuple[int, list[str]]:
    """Length in bytes of the lines that can be read, and these lines."""
    if not path.exists():
        return 0, []
    length, lines = 0, []
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            EVENT.validate_json(line)
        except ValidationError:
            break
        if not line.endswith(b"\n"):
            break
        length += len(line)
        lines.append(line.decode().rstrip("\n"))
    return length, lines
