"""Where the images of Tiny-ImageNet-200 lie: in the official layout, or sorted into a folder for each class; torch-free."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError, data_file

FOLDER = "tiny-imagenet-200"
ANNOTATIONS = "val_annotations.txt"
NUMBER = re.compile(r"(\d+)")

Labelled = list[tuple[Path, int]]
"""Images with their labels."""


@dataclass(frozen=True)
class Layout:
    """The images of a folder.

    Attributes:
        train: class by class, each by name.
        test: in the order of the official annotations.
    """

    train: Labelled
    test: Labelled


def images_in(folder: Path) -> Layout:
    """The images below the data folder, none of them opened.

    Labels count the lines of wnids.txt. Images of a class lie in its folder or in the folder `images` of that; test images also
    in val/images with the annotations, of which those that are not there are left out.

    Raises:
        LMCError: the classes or the annotations are not those of the data set.
        OSError: a file or folder is missing or cannot be read.
    """
    root = folder / FOLDER
    wnids = (root / "wnids.txt").read_text().split()
    label = {wnid: index for index, wnid in enumerate(wnids)}
    if len(label) != CATALOG["tiny_imagenet"].classes:
        raise LMCError(
            f"{data_file(root / 'wnids.txt')} names {len(label)} classes; expected {CATALOG['tiny_imagenet'].classes}, one a line."
        )
    return Layout(_by_class(root / "train", label), _tested(root / "val", label))


@lru_cache(maxsize=16)
def counted(folder: Path, _sources: str) -> tuple[int, int] | None:
    """How many images there are to train and to test; None where they cannot be counted.

    Args:
        folder: the data folder.
        _sources: their fingerprint; while it stays, nothing is counted anew.
    """
    try:
        layout = images_in(folder)
    except (OSError, LMCError):
        return None
    return len(layout.train), len(layout.test)


def _by_class(place: Path, label: Mapping[str, int]) -> Labelled:
    return [(path, label[wnid]) for wnid in label for inside in (place / wnid / "images", place / wnid) for path in _pictures(inside)]


def _tested(val: Path, label: Mapping[str, int]) -> Labelled:
    sorted_in = {path.name: (path, number) for path, number in _by_class(val, label)}
    together = {path.name: path for path in _pictures(val / "images")}
    images = []
    for file, wnid in _annotated(val / ANNOTATIONS):
        if wnid not in label:
            raise LMCError(f"{data_file(val / ANNOTATIONS)} names the class {wnid!r} for {file!r}, which is not in wnids.txt.")
        if file in together:
            images.append((together[file], label[wnid]))
        elif file in sorted_in:
            images.append(sorted_in.pop(file))
    return images + sorted(sorted_in.values(), key=lambda image: _natural(image[0].name))


def _annotated(notes: Path) -> list[tuple[str, str]]:
    """The names of test images with their classes; none where images are only sorted into folders."""
    lines = notes.read_text().splitlines() if notes.exists() else []
    return [(file, wnid) for file, wnid, *_box in ([*line.split("\t"), ""] for line in lines)]


def _pictures(folder: Path) -> list[Path]:
    """The images right in a folder, by name; none where it is not there."""
    return sorted(folder.glob("*.JPEG"))


def _natural(name: str) -> list[tuple[int, str]]:
    """A key by which val_9 comes before val_10, as in the official annotations."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in NUMBER.split(name)]
