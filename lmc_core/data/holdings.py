"""What the data folder holds of a data set: how many images, and their checksum once they were read; torch-free, for pages ask."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from safetensors import SafetensorError, safe_open

from lmc_core.data.presence import FILES, has_sources, is_present, is_unpacked, prepared_file
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.data.tiny_layout import counted

FORMAT = 1
TENSORS = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True)
class Holding:
    """Images of a data set in a folder.

    Attributes:
        train: training images.
        test: test images.
        sha256: of all of them, as Dataset has it; None where they were not read since their files last changed.
    """

    train: int
    test: int
    sha256: str | None = None


def holding(name: DatasetName, folder: Path) -> Holding | None:
    """What a folder holds of a data set; None where it has to be fetched first.

    All but Tiny-ImageNet-200 are there as a whole or not at all, as their files are held against the originals' checksums.
    """
    if (prepared := _of_prepared(name, folder)) is not None:
        return prepared
    if not is_present(name, folder):
        return None
    if name == "tiny_imagenet" and is_unpacked(name, folder) and (counts := counted(folder, fingerprint(name, folder))) is not None:
        return Holding(*counts)
    return Holding(CATALOG[name].train, CATALOG[name].test)


def lacking(name: DatasetName, there: Holding, samples: int | None, test_samples: int | None) -> str | None:
    """The sentence for images that are asked for and are not there; None if all are.

    Args:
        name: of the data set.
        there: what is there of it.
        samples: training images that are asked for; None asks for all that are catalogued.
        test_samples: test images, likewise.
    """
    facts = CATALOG[name]
    for field, word, asked, whole, found in (
        ("train_samples", "training", samples, facts.train, there.train),
        ("test_samples", "test", test_samples, facts.test, there.test),
    ):
        if (whole if asked is None else asked) > found:
            said = f"{facts.title} has {whole:,} {word} images" if asked is None else f"{field} is {asked:,}"
            return f"{said}, but only {found:,} are in the data folder; set {field} to at most {found}."
    return None


def fingerprint(name: DatasetName, folder: Path) -> str:
    """What a prepared file was made from: names, sizes and modification times of the sources, not their content.

    Of folders (Tiny-ImageNet-200's images) the times count, which change when a file is added, removed or renamed; an image
    overwritten in place is not noticed.
    """
    parts: list[tuple[str, int, int]] = []
    for path in sorted({path for either in FILES[name] for path in either}):
        for entry in _entries(folder / path):
            facts = entry.stat()
            parts.append((str(entry.relative_to(folder)), 0 if entry.is_dir() else facts.st_size, facts.st_mtime_ns))
    return hashlib.sha256(json.dumps([FORMAT, parts]).encode()).hexdigest()


def _entries(source: Path) -> Iterator[Path]:
    """A source; of a folder also the folders in it, and those named images in them."""
    if not source.exists():
        return
    yield source
    if source.is_dir():
        with os.scandir(source) as inside:
            folders = sorted(entry.name for entry in inside if entry.is_dir())
        for name in folders:
            yield from (place for place in (source / name, source / name / "images") if place.is_dir())


def _of_prepared(name: DatasetName, folder: Path) -> Holding | None:
    """What the prepared file says, if it was made from the files that are there."""
    path = prepared_file(name, folder)
    try:
        facts = path.stat()
        said = _said(path, facts.st_size, facts.st_mtime_ns, facts.st_ino)
        if said is None or (has_sources(name, folder) and said[0] != fingerprint(name, folder)):
            return None
    except OSError:
        return None
    return said[1]


@lru_cache(maxsize=64)
def _said(path: Path, _size: int, _changed: int, _inode: int) -> tuple[str, Holding] | None:
    """The fingerprint of a prepared file's sources, and what it holds; None if it is damaged."""
    try:
        with safe_open(path, framework="numpy") as file:
            said = file.metadata() or {}
            train, _, test, _ = (file.get_slice(key).get_shape()[0] for key in TENSORS)
            return said["sources"], Holding(train, test, said["sha256"])
    except (SafetensorError, KeyError):
        return None
