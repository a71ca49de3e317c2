"""One call from a name to tensors."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from torch import Tensor

from lmc_core.data import prepared
from lmc_core.data.dataset import Dataset
from lmc_core.data.download import Tell
from lmc_core.data.holdings import fingerprint
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.errors import DATA_FOLDER, LMCError, place

Tensors = tuple[Tensor, Tensor, Tensor, Tensor]


def _nobody(_sentence: str) -> None:
    return None


def load(name: DatasetName, folder: Path, tell: Tell = _nobody) -> Dataset:
    """The data set, from its prepared file, else from its files in torchvision's layout, else from its official servers.

    Whatever a folder holds of Tiny-ImageNet-200 is returned; lmc_core.data.subset.first refuses a part that is taken for
    the whole.

    Args:
        name: key of the catalogue.
        folder: the data folder; made if it is missing. A read-only one will do if it holds the files.
        tell: takes sentences on what is going on; what it raises ends the work.

    Raises:
        LMCError: the files are neither there nor to be had, are not the originals, or find no room.
    """
    found = prepared.find(name, folder)
    if found is not None:
        return found
    obtain, read = _source(name)
    obtain(folder, tell)
    sources = fingerprint(name, folder)
    try:
        dataset = Dataset.of(name, *read(folder, tell))
    except OSError as fault:
        raise LMCError(
            f"{CATALOG[name].title} in {place(folder, DATA_FOLDER)} cannot be read ({fault.strerror or type(fault).__name__})."
        ) from fault
    try:
        prepared.keep(dataset, folder, sources)
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        tell(f"{CATALOG[name].title} could not be kept ready in {DATA_FOLDER} ({reason}); the next start reads its files again.")
    return dataset


def _source(name: DatasetName) -> tuple[Callable[[Path, Tell], None], Callable[[Path, Tell], Tensors]]:
    """What brings the files into the data folder, and what reads them; imported when needed, for torchvision takes a second."""
    match name:
        case "digits":
            from lmc_core.data import digits

            return digits.obtain, digits.read
        case "mnist" | "fashion_mnist":
            from lmc_core.data import idx

            return partial(idx.obtain, name), partial(idx.read, name)
        case "cifar10" | "cifar100":
            from lmc_core.data import cifar

            return partial(cifar.obtain, name), partial(cifar.read, name)
        case "tiny_imagenet":
            from lmc_core.data import tiny_imagenet

            return tiny_imagenet.obtain, tiny_imagenet.read
