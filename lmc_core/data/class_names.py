"""What the classes of each data set are called, in the order of their labels."""

from collections.abc import Mapping
from pathlib import Path

from lmc_core.data.spec import DatasetName
from lmc_core.data.tiny_layout import FOLDER

DIGITS = tuple("0123456789")
CIFAR100 = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle "
    "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish "
    "forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle "
    "mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine "
    "possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar "
    "sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree "
    "wolf woman worm"
)
"""As in the file meta of CIFAR-100's Python version."""

NAMES: Mapping[DatasetName, tuple[str, ...]] = {
    "digits": DIGITS,
    "mnist": DIGITS,
    "fashion_mnist": ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "cifar100": tuple(CIFAR100.split()),
}
"""As torchvision and the data sets' own files have them; those of Tiny-ImageNet-200 are in its files alone."""


def class_names(dataset: DatasetName, data_dir: Path) -> tuple[str, ...] | None:
    """The names of a data set's classes; None for Tiny-ImageNet-200 where its files are not in the data folder."""
    if dataset != "tiny_imagenet":
        return NAMES[dataset]
    try:
        wnids = (data_dir / FOLDER / "wnids.txt").read_text().split()
        lines = (data_dir / FOLDER / "words.txt").read_text().splitlines()
    except OSError:
        return None
    words = dict(line.split("\t", 1) for line in lines if "\t" in line)
    return tuple(words.get(wnid, wnid) for wnid in wnids)
