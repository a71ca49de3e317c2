"""Fetching archives: whole and verified ones arrive in the data folder, anything else leaves no trace."""

import errno
import fcntl
import hashlib
import http.client
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lmc_core.data.presence import absence
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.errors import DATA_FOLDER, LMCError, data_file, place

SILENT_SECONDS = 30.0
"""A server that sends nothing for so long counts as gone."""

TELL_EVERY_SECONDS = 0.5
CHUNK_BYTES = 1 << 16

Tell = Callable[[str], None]
"""Takes a sentence on what is going on, at most a few a second; what it raises ends the work, which leaves no trace."""


@dataclass(frozen=True)
class Archive:
    """A file on the official servers.

    Attributes:
        addresses: where it lies, tried in this order.
        file: its name.
        md5: of its bytes, as the data set's publisher or torchvision gives it.
    """

    addresses: tuple[str, ...]
    file: str
    md5: str


@contextmanager
def arrivals(name: DatasetName, folder: Path, tell: Tell) -> Iterator[Path]:
    """A folder of this process's own inside the data folder, gone at the end; one process at a time is let in.

    Raises:
        LMCError: the data folder cannot be written, or its disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f".{name}.lock").open("wb") as lock:
            _take(lock, name, tell)
            for left_by_a_killed_process in folder.glob(f".{name}-*.arriving"):
                shutil.rmtree(left_by_a_killed_process)
            with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}-", suffix=".arriving") as temporary:
                yield Path(temporary)
    except OSError as fault:
        raise LMCError(_unwritable(name, folder, fault)) from fault


def _take(lock: IO[bytes], name: DatasetName, tell: Tell) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"Waiting for another process that is fetching {CATALOG[name].title}.")
            time.sleep(TELL_EVERY_SECONDS)
        else:
            return


def _unwritable(name: DatasetName, folder: Path, fault: OSError) -> str:
    reason = fault.strerror or type(fault).__name__
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk that holds {place(folder, DATA_FOLDER)} is full ({reason}), so {CATALOG[name].title} cannot be put there: free "
            "some space or choose another folder with LMC_DATA_DIR."
        )
    return (
        f"{place(f'The data folder {folder}', DATA_FOLDER.capitalize())} cannot be written ({reason}), so {CATALOG[name].title} cannot "
        "be put there: change its rights or choose another folder with LMC_DATA_DIR."
    )


def fetch(name: DatasetName, archive: Archive, folder: Path, arriving: Path, tell: Tell) -> Path:
    """Download the archive into `arriving` and return its path there, once its checksum is right.

    Raises:
        LMCError: no address gives the original.
        OSError: of the disk; `arrivals` makes a sentence of it.
    """
    causes = []
    for address in archive.addresses:
        try:
            return _download(name, address, archive, arriving / archive.file, tell)
        except _NoGoodAnswer as fault:
            causes.append(str(fault))
    raise LMCError(absence(name, folder, "; ".join(causes)))


def laid_or_fetched(name: DatasetName, archive: Archive, folder: Path, arriving: Path, tell: Tell) -> Path:
    """The path of the verified archive: the one that a user laid into the data folder, or else a download.

    Raises:
        LMCError: the archive in the data folder is not the original, or no address gives the original.
        OSError: of the disk; `arrivals` makes a sentence of it.
    """
    laid = folder / archive.file
    if not laid.is_file():
        return fetch(name, archive, folder, arriving, tell)
    verify(name, laid, archive.md5, "md5")
    return laid


class _NoGoodAnswer(Exception):
    """A server did not send the original; the text says what it did."""


def _download(name: DatasetName, address: str, archive: Archive, target: Path, tell: Tell) -> Path:
    digest, done, told = hashlib.md5(usedforsecurity=False), 0, 0.0
    with target.open("wb") as file, _answer(address) as answer:
        total = int(answer.headers.get("Content-Length") or 0)
        while chunk := _read(answer, address):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if time.monotonic() - told > TELL_EVERY_SECONDS:
                told = time.monotonic()
                whole = f" of {total / 1e6:.0f}" if total else ""
                tell(f"Downloading {CATALOG[name].title}: {done / 1e6:.0f}{whole} MB of {archive.file}.")
    if done < total:
        raise _NoGoodAnswer(f"{address} ended after {done:,} of {total:,} bytes")
    if digest.hexdigest() != archive.md5:
        raise _NoGoodAnswer(f"{address} sent a file with md5 {digest.hexdigest()} instead of {archive.md5}")
    return target


@contextmanager
def _answer(address: str) -> Iterator[http.client.HTTPResponse]:
    request = urllib.request.Request(address, headers={"User-Agent": "lmc-twins"})  # noqa: S310 - addresses are constants of the program
    try:
        answer = urllib.request.urlopen(request, timeout=SILENT_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as fault:
        with fault:
            raise _NoGoodAnswer(f"{address} answered {fault.code} {fault.reason}") from None
    except urllib.error.URLError as fault:
        raise _NoGoodAnswer(f"{address} is out of reach: {getattr(fault.reason, 'strerror', None) or fault.reason}") from None
    except (OSError, http.client.HTTPException) as fault:
        raise _NoGoodAnswer(f"{address} is out of reach: {fault}") from None
    with answer:
        yield answer


def _read(answer: http.client.HTTPResponse, address: str) -> bytes:
    try:
        return answer.read(CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as fault:
        raise _NoGoodAnswer(f"{address} broke off: {fault}") from None


def verify(name: DatasetName, path: Path, expected: str, algorithm: str) -> None:
    """Return if the file is the original.

    Raises:
        LMCError: its checksum is another.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
    if found != expected:
        raise LMCError(
            f"{data_file(path)} is damaged or not the original ({algorithm} {found}, expected {expected}): move it elsewhere and run "
            f"`python -m lmc_core data get {name}`."
        )


def move_in(files: Sequence[Path], target: Path) -> None:
    """Put files or folders of the same disk into a folder, each in one step, in place of what stands there by that name."""
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        file.replace(target / file.name)
