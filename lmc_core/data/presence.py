"""Where the files of each data set lie, and whether they are there: torch-free, so that a page can ask."""

from pathlib import Path

from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.errors import DATA_FOLDER, place

IDX_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def _idx(folder: str) -> tuple[tuple[str, ...], ...]:
    return tuple((f"{folder}/raw/{file}", f"{folder}/raw/{file}.gz") for file in IDX_FILES)


def _in_archive(archive: str, folder: str, *files: str) -> tuple[tuple[str, ...], ...]:
    return tuple((f"{folder}/{file}", archive) for file in files)


FILES: dict[DatasetName, tuple[tuple[str, ...], ...]] = {
    "digits": (),
    "mnist": _idx("MNIST"),
    "fashion_mnist": _idx("FashionMNIST"),
    "cifar10": _in_archive(
        "cifar-10-python.tar.gz", "cifar-10-batches-py", *(f"data_batch_{part}" for part in range(1, 6)), "test_batch", "batches.meta"
    ),
    "cifar100": _in_archive("cifar-100-python.tar.gz", "cifar-100-python", "train", "test", "meta"),
    "tiny_imagenet": _in_archive("tiny-imagenet-200.zip", "tiny-imagenet-200", "wnids.txt", "train", "val"),
}
"""What each data set needs in torchvision's layout, relative to the data folder: of each tuple, one path or the other.

The second is what the official servers send; laid there by hand, it spares the download.
"""

BY_HAND: dict[DatasetName, str] = {
    "digits": "nothing",
    "mnist": "the four idx files (train-images-idx3-ubyte.gz and so on) of MNIST/raw",
    "fashion_mnist": "the four idx files (train-images-idx3-ubyte.gz and so on) of FashionMNIST/raw",
    "cifar10": "cifar-10-python.tar.gz, or what is in it,",
    "cifar100": "cifar-100-python.tar.gz, or what is in it,",
    "tiny_imagenet": "tiny-imagenet-200.zip, or what is in it,",
}
"""What a user without a network puts into the data folder, as a part of a sentence."""


def prepared_file(name: DatasetName, folder: Path) -> Path:
    """The path at which the data set is kept as tensors, ready to be mapped into memory."""
    return folder / "prepared" / f"{name}.safetensors"


def has_sources(name: DatasetName, folder: Path) -> bool:
    """Whether every file that the data set is read from exists; nothing is opened."""
    return all(any((folder / path).exists() for path in either) for either in FILES[name])


def is_unpacked(name: DatasetName, folder: Path) -> bool:
    """Whether every file exists as itself, not only in an archive that a user laid there."""
    return all((folder / either[0]).exists() for either in FILES[name])


def is_present(name: DatasetName, folder: Path) -> bool:
    """Whether loading the data set needs no download, as far as existing files tell; damage is found on loading."""
    return has_sources(name, folder) or prepared_file(name, folder).exists()


def absence(name: DatasetName, folder: Path, cause: str) -> str:
    """One sentence for a data set that is not there and cannot be fetched, with what a user can do."""
    return (
        f"{CATALOG[name].title} is not in {place(folder, DATA_FOLDER)} and could not be downloaded ({cause}): connect to the network and "
        f"run `python -m lmc_core data get {name}`, or put {BY_HAND[name]} into that folder by hand."
    )
