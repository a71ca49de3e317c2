"""Files that are there wholly or not at all, and one sentence for a disk that refuses."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lmc_core.errors import LMCError, place


def disk_fault(fault: OSError, folder: Path) -> LMCError:
    """The sentence for an operating system's refusal below a folder."""
    named = place(folder, "the server's cache")
    match fault.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return LMCError(f"The disk that holds {named} is full; free space there, or set LMC_CACHE_DIR to a folder elsewhere.")
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.ENOENT | errno.ENOTDIR | errno.EEXIST:
            return LMCError(f"{named} cannot be written ({_reason(fault)}); set LMC_CACHE_DIR to a folder that can.")
    return LMCError(f"{named} cannot be used ({_reason(fault)}); check the disk, or set LMC_CACHE_DIR to another folder.")


def refusal_in(text: str) -> OSError:
    """The operating system's refusal that a library puts into words, as safetensors does: `... (os error 28)`."""
    if found := re.search(r"\(os error (\d{1,5})\)", text):
        number = int(found[1])
        return OSError(number, os.strerror(number))
    return OSError(text)


@contextmanager
def telling(folder: Path) -> Iterator[None]:
    """Turn a refusal of the operating system below a folder into an LMCError with one sentence."""
    try:
        yield
    except OSError as fault:
        raise disk_fault(fault, folder) from fault


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file, and return when the disk has it."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the disk has the folder's list of names."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(fault: OSError) -> str:
    return (fault.strerror or str(fault)).lower()
