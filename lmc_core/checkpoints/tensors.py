"""The tensors of a checkpoint's weights, in one safetensors file or in several with an index: found and looked at without torch."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from lmc_core.checkpoints.files import read_json, unreadable
from lmc_core.checkpoints.layout import INDEX, WEIGHTS, Stored
from lmc_core.errors import LMCError

FINGERPRINT_LENGTH = 20
MOST_HEADER_BYTES = 8 * 2**20
"""A header beyond it belongs to no network of this program; a ViT-Huge's has some 60 KB."""
MOST_FILES = 100
CHUNK_BYTES = 1 << 22
EXPONENTS: Mapping[str, tuple[str, int]] = {
    "F64": ("<u8", 0x7FF0_0000_0000_0000),
    "F32": ("<u4", 0x7F80_0000),
    "BF16": ("<u2", 0x7F80),
    "F16": ("<u2", 0x7C00),
}
"""For each kind of floating point its width and the bits of its exponent, all of which are set in what is not finite."""
WRAPPERS = ("module.", "_orig_mod.")
"""What torch puts before each name where a network was saved inside DataParallel or torch.compile."""
BASE_PREFIX = "vit."
"""What names of tensors begin with but in checkpoints of transformers' ViTModel, which has no classifier."""


@dataclass(frozen=True)
class Place:
    """Where a tensor lies.

    Attributes:
        file: a safetensors file.
        key: its name in there.
        kind: of its numbers, in safetensors' words.
        shape: of it.
        start: its first byte in the file.
        end: the byte after its last.
    """

    file: Path
    key: str
    kind: str
    shape: tuple[int, ...]
    start: int
    end: int


def weight_files(name: str, folder: Path) -> tuple[Path, ...]:
    """The files that hold a checkpoint's weights: one, or those that an index names; none if there are none.

    Raises:
        LMCError: the index is damaged, or names what is no file beside it.
    """
    if (folder / WEIGHTS).is_file():
        return (folder / WEIGHTS,)
    index = read_json(name, folder / INDEX)
    if index is None:
        return ()
    files = [folder / file for file in indexed(name, index)]
    if missing := next((file for file in files if not file.is_file()), None):
        raise LMCError(f"{name} is incomplete: its {INDEX} names {missing.name}, which is not there; fetch or save it again.")
    return tuple(files)


def indexed(name: str, index: Mapping[str, object]) -> list[str]:
    """The names of the files among which an index spreads weights, sorted.

    Raises:
        LMCError: it is no such index, or names what is no file beside it.
    """
    places = index.get("weight_map")
    files = set(places.values()) if isinstance(places, Mapping) and all(isinstance(file, str) for file in places.values()) else set()
    if not files or len(files) > MOST_FILES or any(Path(file).name != file or not file.endswith(".safetensors") for file in files):
        raise LMCError(f"The {INDEX} of {name} does not name safetensors files beside it: fetch or save the checkpoint again.")
    return sorted(files)


def tensors_in(name: str, files: Sequence[Path]) -> dict[str, Place]:
    """The tensors of a checkpoint's files by their names, without what a wrapper put before each of them.

    Raises:
        LMCError: a file cannot be read, or is damaged or no safetensors.
    """
    found = {place.key: place for file in files for place in _places(name, file)}
    while prefix := next((wrapper for wrapper in WRAPPERS if found and all(key.startswith(wrapper) for key in found)), None):
        found = {key.removeprefix(prefix): place for key, place in found.items()}
    return found


def place_of(tensor: Stored, found: Mapping[str, Place]) -> Place | None:
    """Where a tensor of the layout lies: under its name in files, or in the module as transformers 5 has it, with `vit.` or without."""
    prefix = "" if any(key.startswith(BASE_PREFIX) for key in found) else BASE_PREFIX
    names = (name.removeprefix(prefix) for name in (tensor.file_name, tensor.name))
    return next((found[name] for name in names if name in found), None)


def fingerprint_of(name: str, files: Sequence[Path]) -> str:
    """The beginning of the sha256 of a checkpoint's weights; read anew only where a file has changed.

    Of one file it is the sha256 of its bytes, of several that of their sha256s in the order of their names.

    Raises:
        LMCError: a file cannot be read.
    """
    with _readable(name):
        digests = [_hashed(file, _facts(file)) for file in files]
    whole = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    return whole[:FINGERPRINT_LENGTH]


def check_finite(name: str, places: Sequence[Place]) -> None:
    """Return if all numbers of these tensors are finite; read anew only where a file has changed.

    Raises:
        LMCError: one is not, with the name of its tensor; a file cannot be read.
    """
    for file in dict.fromkeys(place.file for place in places):
        with _readable(name):
            strange = _strange(file, _facts(file), tuple(place for place in places if place.file == file))
        if strange is not None:
            number = "NaN" if strange.nan else "an infinite number"
            raise LMCError(f"{name} has {number} among its weights, in {strange.key}, so it cannot train: take another checkpoint.")


def _places(name: str, file: Path) -> list[Place]:
    """Each tensor of a file, whose header safetensors itself has found to be right."""
    try:
        with _readable(name), file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > MOST_HEADER_BYTES:
                raise LMCError(_damaged(name, file, f"a header of {length:,} bytes"))
            header = opened.read(length)
            with safe_open(file, framework="numpy"):
                tensors = json.loads(header)
    except SafetensorError as fault:
        raise LMCError(_damaged(name, file, str(fault))) from None
    return [
        Place(file, key, facts["dtype"], tuple(facts["shape"]), *(8 + length + offset for offset in facts["data_offsets"]))
        for key, facts in tensors.items()
        if key != "__metadata__"
    ]


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Make a sentence of what keeps a file from being read."""
    try:
        yield
    except OSError as fault:
        raise LMCError(unreadable(name, Path(fault.filename or WEIGHTS), fault)) from None


def _facts(file: Path) -> tuple[int, int, int]:
    """What changes when a file does."""
    facts = file.stat()
    return facts.st_size, facts.st_mtime_ns, facts.st_ino


@lru_cache(maxsize=256)
def _hashed(file: Path, _facts: tuple[int, int, int]) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@dataclass(frozen=True)
class _Strange:
    """A tensor with a number that is not finite, and whether that is NaN."""

    key: str
    nan: bool


@lru_cache(maxsize=256)
def _strange(file: Path, _facts: tuple[int, int, int], places: tuple[Place, ...]) -> _Strange | None:
    """The first of a file's tensors with a number that is not finite."""
    with file.open("rb") as opened:
        for place in places:
            width, exponent = EXPONENTS[place.kind]
            opened.seek(place.start)
            left = place.end - place.start
            while left > 0 and (content := opened.read(min(CHUNK_BYTES, left))):
                left -= len(content)
                bits = np.frombuffer(content, width)
                found = bits[(bits & exponent) == exponent]
                if found.size:
                    mantissa = (exponent & -exponent) - 1
                    return _Strange(place.key, bool((found & mantissa).any()))
    return None


def _damaged(name: str, file: Path, fault: str) -> str:
    return f"The {file.name} of {name} is damaged or not safetensors ({fault}): fetch or save it again."
