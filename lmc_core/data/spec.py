"""What is known of each data set before a byte of it is read."""

from dataclasses import dataclass
from typing import Literal

DatasetName = Literal["digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "tiny_imagenet"]
Split = Literal["train", "test"]


@dataclass(frozen=True)
class DatasetFacts:
    """Shape, size and name of a data set; images are square."""

    title: str
    side: int
    channels: int
    classes: int
    train: int
    test: int
    download_bytes: int
    """What has to be downloaded where the files are not there yet; 0 for what comes with the program."""

    @property
    def features(self) -> int:
        """Numbers in one image."""
        return self.channels * self.side * self.side


CATALOG: dict[DatasetName, DatasetFacts] = {
    "digits": DatasetFacts("Digits 8×8", side=8, channels=1, classes=10, train=1_437, test=360, download_bytes=0),
    "mnist": DatasetFacts("MNIST", side=28, channels=1, classes=10, train=60_000, test=10_000, download_bytes=11_594_722),
    "fashion_mnist": DatasetFacts("Fashion-MNIST", side=28, channels=1, classes=10, train=60_000, test=10_000, download_bytes=30_878_645),
    "cifar10": DatasetFacts("CIFAR-10", side=32, channels=3, classes=10, train=50_000, test=10_000, download_bytes=170_498_071),
    "cifar100": DatasetFacts("CIFAR-100", side=32, channels=3, classes=100, train=50_000, test=10_000, download_bytes=169_001_437),
    "tiny_imagenet": DatasetFacts(
        "Tiny-ImageNet-200", side=64, channels=3, classes=200, train=100_000, test=10_000, download_bytes=248_100_043
    ),
}
