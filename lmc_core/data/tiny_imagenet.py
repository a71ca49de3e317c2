"""Tiny-ImageNet-200 in its official layout, whole or in part."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from lmc_core.data.download import Archive, Tell, arrivals, laid_or_fetched, move_in
from lmc_core.data.presence import FILES, is_unpacked
from lmc_core.data.spec import CATALOG
from lmc_core.data.tiny_layout import FOLDER, Labelled, images_in
from lmc_core.errors import DATA_FOLDER, LMCError, data_file, place

ARCHIVE = Archive(("http://cs231n.stanford.edu/tiny-imagenet-200.zip",), "tiny-imagenet-200.zip", "90528d7ca1a48142e341f4ef8d21d0de")
"""The course's own address; it publishes no checksum, this is the one that public loaders agree on (248,100,043 bytes)."""

TELL_EVERY_IMAGES = 5_000


def obtain(folder: Path, tell: Tell) -> None:
    """Where files are missing, unpack the official archive: one in the data folder, or else a download.

    The archive's test images have no labels and stay packed: the validation images serve as test set, as is usual.

    Raises:
        LMCError: no network, no good answer, no room, an archive in the data folder that is not the original, or a folder
            that lacks some of the files.
    """
    if is_unpacked("tiny_imagenet", folder):
        return
    with arrivals("tiny_imagenet", folder, tell) as arriving:
        if is_unpacked("tiny_imagenet", folder):
            return
        if (folder / FOLDER).exists():
            missing = ", ".join(path for path, _ in FILES["tiny_imagenet"] if not (folder / path).exists())
            raise LMCError(
                f"{place(folder, DATA_FOLDER.capitalize())} lacks {missing}: put that there, or give {data_file(folder / FOLDER)} another "
                "name to have the whole data set downloaded."
            )
        archive = laid_or_fetched("tiny_imagenet", ARCHIVE, folder, arriving, tell)
        tell(f"Unpacking {CATALOG['tiny_imagenet'].title}.")
        with zipfile.ZipFile(archive) as packed:
            unpacked = arriving / "unpacked"
            packed.extractall(unpacked, [member for member in packed.namelist() if not member.startswith(f"{FOLDER}/test/")])
        move_in([unpacked / FOLDER], folder)


def read(folder: Path, tell: Tell) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images, training labels, test images and test labels of what is there, as Dataset holds them.

    Grey images become RGB with three equal channels. One after the other: images this small decode no faster in two or four
    threads (measured; 0.13 ms each, 15 s for all).

    Raises:
        LMCError: a file that cannot be decoded, has another size, or names an unknown class.
    """
    root, layout = folder / FOLDER, images_in(folder)
    count = len(layout.train) + len(layout.test)
    progress = _counting(tell, f"Reading the {count:,} images of {CATALOG['tiny_imagenet'].title}")
    return *_decoded(layout.train, root / "train", progress), *_decoded(layout.test, root / "val", progress)


def _counting(tell: Tell, task: str) -> Callable[[], None]:
    done = 0

    def one_more() -> None:
        nonlocal done
        if done % TELL_EVERY_IMAGES == 0:
            tell(f"{task}: {done:,} done.")
        done += 1

    return one_more


def _decoded(images: Labelled, where: Path, progress: Callable[[], None]) -> tuple[Tensor, Tensor]:
    if not images:
        raise LMCError(f"There is no image in {data_file(where)}; it should hold the official layout of {CATALOG['tiny_imagenet'].title}.")
    side = CATALOG["tiny_imagenet"].side
    pixels = torch.empty(len(images), 3, side, side, dtype=torch.uint8)
    for row, (path, _label) in zip(pixels, images, strict=True):
        progress()
        row.copy_(_image(path, side))
    return pixels, torch.tensor([label for _path, label in images], dtype=torch.int64)


def _image(path: Path, side: int) -> Tensor:
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            if image.size != (side, side):
                raise LMCError(f"{data_file(path)} is {image.width} x {image.height} pixels; it should be {side} x {side}.")
            return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)
    except (OSError, SyntaxError) as fault:  # Pillow raises SyntaxError where a JPEG's inner order is broken
        raise LMCError(
            f"{data_file(path)} is damaged or not a JPEG: replace it with the original, or move it elsewhere to do without."
        ) from fault
