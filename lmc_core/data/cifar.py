"""CIFAR-10 and CIFAR-100 in the batch files of their Python version."""

import shutil
import tarfile
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor
from torchvision.datasets import CIFAR10, CIFAR100

from lmc_core.data.download import Archive, Tell, arrivals, laid_or_fetched, move_in, verify
from lmc_core.data.presence import is_unpacked
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError

CifarName = Literal["cifar10", "cifar100"]

LOADERS: dict[CifarName, type[CIFAR10]] = {"cifar10": CIFAR10, "cifar100": CIFAR100}


def checksums(name: CifarName) -> dict[str, str]:
    """The md5 of each batch file, as torchvision gives them."""
    loader = LOADERS[name]
    return {**dict(loader.train_list), **dict(loader.test_list), loader.meta["filename"]: loader.meta["md5"]}


def obtain(name: CifarName, folder: Path, tell: Tell) -> None:
    """Where batch files are missing, unpack them from the official archive: one in the data folder, or else a download.

    Raises:
        LMCError: no network, no good answer, no room, or an archive in the data folder that is not the original.
    """
    if is_unpacked(name, folder):
        return
    loader = LOADERS[name]
    archive = Archive((loader.url,), loader.filename, loader.tgz_md5)
    with arrivals(name, folder, tell) as arriving:
        if is_unpacked(name, folder):
            return
        unpacked = []
        with tarfile.open(laid_or_fetched(name, archive, folder, arriving, tell), "r:gz") as packed:
            for file in checksums(name):
                source = packed.extractfile(f"{loader.base_folder}/{file}")
                if source is None:
                    raise LMCError(f"{archive.file} holds no file {file}, so {CATALOG[name].title} cannot be unpacked.")
                with source, (arriving / file).open("wb") as target:
                    shutil.copyfileobj(source, target)
                unpacked.append(arriving / file)
        move_in(unpacked, folder / loader.base_folder)


def read(name: CifarName, folder: Path, _tell: Tell) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images, training labels, test images and test labels, as Dataset holds them.

    The batch files are pickles, so none is opened before its md5 is that of the original: here, to name the file that is
    damaged, and once more in torchvision's constructor.

    Raises:
        LMCError: a file is not the original.
    """
    loader = LOADERS[name]
    for file, md5 in checksums(name).items():
        verify(name, folder / loader.base_folder / file, md5, "md5")
    train, test = (loader(folder, train=split) for split in (True, False))
    return *_tensors(train), *_tensors(test)


def _tensors(split: CIFAR10) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(split.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(split.targets, dtype=torch.int64)
