"""What a run's folder holds: each file's length and sha256, and how the run was made."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lmc_core.disk import sync_folder, write_durably
from lmc_core.errors import LMCError
from lmc_core.experiment import SCHEMA

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"

Signature = tuple[tuple[str, int, int, int, int], ...]
"""Name, length, times of change and inode of each file and folder: while they stay, a check of the content stays true."""


class DamagedError(Exception):
    """A file of the folder is missing or is not what was written; the text says which."""


class ForeignError(Exception):
    """The folder was written under another schema of specs: not damaged, but not a run of this program."""


class OutdatedError(Exception):
    """The folder is whole, but today's program would find another result; the text says why."""


class FileFacts(BaseModel):
    """Length in bytes and sha256 of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """The content of manifest.json; manifest.sha256 beside it is its own checksum, in sha256sum's format."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_number: int = SCHEMA
    run_id: str
    created: str
    command: str
    hardware: str
    versions: dict[str, str]
    files: dict[str, FileFacts]


def facts_of(content: bytes) -> FileFacts:
    """Length and sha256 of a content."""
    return FileFacts(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def seal(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and its checksum into a folder whose files are all there."""
    text = manifest.model_dump_json(indent=1).encode()
    write_durably(folder / MANIFEST, text)
    write_durably(folder / SEAL, seal_of(text))
    sync_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """The manifest, once its own checksum, its schema and the presence and length of every file it names are right.

    Raises:
        DamagedError: naming the file that is not.
        ForeignError: the folder was written under another schema.
        LMCError: a file that is there cannot be read.
    """
    text = _content(folder, MANIFEST)
    if _content(folder, SEAL) != seal_of(text):
        raise DamagedError(f"{MANIFEST} does not match {SEAL}")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as fault:
        raise ForeignError(str(fault)) from None
    if manifest.schema_number != SCHEMA:
        raise ForeignError(f"schema {manifest.schema_number}")
    if manifest.run_id != folder.name:
        raise DamagedError(f"{MANIFEST} belongs to run {manifest.run_id}")
    for name, facts in manifest.files.items():
        with _telling(name):
            length = (folder / name).stat().st_size
        if length != facts.bytes:
            raise DamagedError(f"{name} has {length:,} bytes instead of {facts.bytes:,}")
    return manifest


def read_checked(folder: Path, manifest: Manifest, name: str) -> bytes:
    """The content of a file that the manifest names.

    Raises:
        DamagedError: the file is missing or its sha256 is another one.
        LMCError: it is there and cannot be read.
    """
    content = _content(folder, name)
    if facts_of(content) != manifest.files[name]:
        raise DamagedError(f"{name} does not match its checksum")
    return content


def signature(folder: Path) -> Signature:
    """What the file system says of every file below the folder; empty where there is no folder."""
    facts: list[tuple[str, int, int, int, int]] = []
    pending = [folder]
    while pending:
        with suppress(DamagedError), _telling("the folder"), os.scandir(here := pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(here / entry.name)
                stat = entry.stat()
                facts.append((f"{here.name}/{entry.name}", stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))
    return tuple(sorted(facts))


def _content(folder: Path, name: str) -> bytes:
    with _telling(name):
        return (folder / name).read_bytes()


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """Tell a file that is not there from one that cannot be read now, such as for want of descriptors: that one may be whole."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise DamagedError(f"{name} is missing") from None
    except IsADirectoryError:
        raise DamagedError(f"{name} is a folder") from None
    except OSError as fault:
        raise LMCError(
            f"{fault.filename or name} cannot be read ({fault.strerror or fault}); check the disk and who may read it."
        ) from fault


def seal_of(text: bytes) -> bytes:
    """The checksum of a manifest, in sha256sum's format."""
    return f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode()
