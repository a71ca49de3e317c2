"""MNIST and Fashion-MNIST: four idx files each, plain or packed by gzip."""

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import torch
import torchvision.datasets
from torch import Tensor

from lmc_core.data.download import Archive, Tell, arrivals, fetch, move_in, verify
from lmc_core.data.presence import IDX_FILES, has_sources
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError

IdxName = Literal["mnist", "fashion_mnist"]


class MNIST(torchvision.datasets.MNIST):  # type: ignore[misc] # torchvision has no types
    """torchvision's loader, which finds its folder by this class's name, without its old form that torch.load reads."""

    def _check_legacy_exist(self) -> bool:
        return False


class FashionMNIST(torchvision.datasets.FashionMNIST):  # type: ignore[misc] # torchvision has no types
    """As MNIST above."""

    def _check_legacy_exist(self) -> bool:
        return False


LOADERS: dict[IdxName, type[MNIST] | type[FashionMNIST]] = {"mnist": MNIST, "fashion_mnist": FashionMNIST}

SHA256: dict[IdxName, tuple[str, str, str, str]] = {
    "mnist": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    "fashion_mnist": (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}
"""Of the four unpacked files, in the order of IDX_FILES, taken from archives with torchvision's md5s.

The content is checked, not its packing: Debian's package of Fashion-MNIST holds the same files in other gzip headers.
"""


def raw_folder(name: IdxName, folder: Path) -> Path:
    """Where torchvision looks for the four files."""
    return folder / LOADERS[name].__name__ / "raw"


def obtain(name: IdxName, folder: Path, tell: Tell) -> None:
    """Where files are missing, download their archives to where torchvision would.

    Raises:
        LMCError: no network, no good answer, no room.
    """
    if has_sources(name, folder):
        return
    raw = raw_folder(name, folder)
    with arrivals(name, folder, tell) as arriving:
        if has_sources(name, folder):
            return
        for file, (packed, md5) in zip(IDX_FILES, LOADERS[name].resources, strict=True):
            if not ((raw / file).exists() or (raw / packed).exists()):
                archive = Archive(tuple(mirror + packed for mirror in LOADERS[name].mirrors), packed, md5)
                move_in([fetch(name, archive, folder, arriving, tell)], raw)


def read(name: IdxName, folder: Path, _tell: Tell) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images, training labels, test images and test labels, as Dataset holds them.

    Raises:
        LMCError: a file is not the original.
    """
    with _unpacked(name, folder) as root:
        train, test = (LOADERS[name](root, train=split) for split in (True, False))
    return train.data[:, None], train.targets.to(torch.int64), test.data[:, None], test.targets.to(torch.int64)


@contextmanager
def _unpacked(name: IdxName, folder: Path) -> Iterator[Path]:
    """A root for torchvision's loader in which all four files are verified; the data folder may be read-only."""
    with tempfile.TemporaryDirectory() as temporary:
        here, there = raw_folder(name, folder), raw_folder(name, Path(temporary))
        there.mkdir(parents=True)
        for file, sha256 in zip(IDX_FILES, SHA256[name], strict=True):
            if (here / file).exists():
                verify(name, here / file, sha256, "sha256")
                (there / file).symlink_to((here / file).resolve())
            else:
                _unpack(name, here / f"{file}.gz", there / file, sha256)
        yield Path(temporary)


def _unpack(name: IdxName, packed: Path, target: Path, sha256: str) -> None:
    again = f"move it elsewhere and run `python -m lmc_core data get {name}`."
    try:
        with gzip.open(packed, "rb") as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        verify(name, target, sha256, "sha256")
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise LMCError(f"{packed} is truncated or damaged ({fault}): {again}") from fault
    except LMCError:
        raise LMCError(f"{packed} does not hold the original {CATALOG[name].title}: {again}") from None
