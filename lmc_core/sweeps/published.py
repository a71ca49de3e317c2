"""What the paper prints, as data: "Disentangling Linear Mode Connectivity" (arXiv 2312.09832v1), tables 1 to 4."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from lmc_core.figures.numbers import DIVERGED, NOTHING
from lmc_core.sweeps.sweep import Cell


@dataclass(frozen=True)
class Published:
    """One printed cell; None where the paper prints no such value there."""

    source: str
    barrier_test_percent: float | None = None
    barrier_train_percent: float | None = None
    test_accuracy_percent: float | None = None
    millions: float | None = None
    """Parameters of one network."""
    unstable: bool = False
    """Printed as an asterisk: the training is unstable."""

    def as_json(self) -> dict[str, str | float | bool]:
        """What is printed, as a JSON object."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def test_words(self) -> str:
        """What is printed of the test set, or of the network, in a word."""
        if self.unstable:
            return DIVERGED
        if self.millions is not None:
            return f"{self.millions:.2f} million"
        return f"{self.barrier_test_percent if self.test_accuracy_percent is None else self.test_accuracy_percent:.2f}%"

    @property
    def words(self) -> str:
        """All that is printed, in a few words."""
        return self.test_words if self.barrier_train_percent is None else f"{self.test_words} · train {self.barrier_train_percent:.2f}%"


def printed(published: Published | None) -> str:
    """What the paper prints for a cell, in a few words; a dash where it prints nothing."""
    return NOTHING if published is None else published.words


_RATES = (("sgd", "0.1"), ("sgd", "0.01"), ("adam", "0.005"), ("adam", "0.001"))
_TABLE1: dict[tuple[str, str], str] = {
    ("1", "30000"): "0.05 0.01  0.00 0.00  0.03 0.00  0.01 0.01",
    ("1", "1024"): "0.06 0.04  0.06 0.00  0.12 0.07  0.08 0.05",
    ("2", "30000"): "0.01 0.01  0.00 0.00  0.11 0.14  0.05 0.01",
    ("2", "1024"): "0.01 0.14  0.05 0.09  1.30 1.45  0.18 0.16",
    ("4", "1024"): "0.06 0.06  0.02 0.01  47.74 48.91  0.07 0.14",
    ("8", "1024"): "* *  0.06 0.00  68.22 68.87  73.78 74.32",
}
"""Layers and batch size: test and train barrier in percent at each optimiser and rate."""

_TABLE2: dict[tuple[str, str, str], str] = {
    ("sgd", "0.1", "0"): "0.05 0.00",
    ("sgd", "0.1", "10"): "0.02 0.00",
    ("adam", "0.001", "0"): "0.06 0.00",
    ("adam", "0.005", "0"): "2.86 2.92",
    ("adam", "0.005", "10"): "0.23 0.17",
}
"""Optimiser, rate, epochs of warm-up out of 200: test and train barrier in percent."""

_TABLE3 = {"cnn": 0.09, "lc_cnn": 0.48, "mlp": 25.26}
"""Hidden layer: millions of parameters."""

_DEPTHS_AND_RATES = (("2", "0.1"), ("2", "0.01"), ("4", "0.1"), ("4", "0.01"), ("8", "0.1"), ("8", "0.01"))
_TABLE4 = {
    "mnist": "98.32 98.34 98.41 98.19 98.41 97.14",
    "cifar10": "* 54.24 58.75 55.51 57.44 54.45",
    "cifar100": "* 26.01 14.26 27.16 25.33 20.30",
    "tiny_imagenet": "* 7.62 1.68 8.27 5.80 5.79",
}
"""Data set: test accuracy in percent at each depth and rate."""


def _barriers(source: str, test: str, train: str) -> Published:
    if test == "*":
        return Published(source, unstable=True)
    return Published(source, barrier_test_percent=float(test), barrier_train_percent=float(train))


def _accuracy(source: str, text: str) -> Published:
    return Published(source, unstable=True) if text == "*" else Published(source, test_accuracy_percent=float(text))


_KEYS: Mapping[str, tuple[str, ...]] = {
    "table1": ("architecture.depth", "batch_size", "optimizer.name", "optimizer.lr"),
    "table2": ("optimizer.name", "optimizer.lr", "schedule.warmup_epochs"),
    "table3": ("architecture.name",),
    "table4": ("dataset", "architecture.depth", "optimizer.lr"),
}
_PRINTED: Mapping[str, Mapping[tuple[str, ...], Published]] = {
    "table1": {
        (*row, *rate): _barriers("table 1", *pair)
        for row, texts in _TABLE1.items()
        for rate, pair in zip(_RATES, zip(texts.split()[::2], texts.split()[1::2], strict=True), strict=True)
    },
    "table2": {key: _barriers("table 2", *text.split()) for key, text in _TABLE2.items()},
    "table3": {(name,): Published("table 3", millions=millions) for name, millions in _TABLE3.items()},
    "table4": {
        (dataset, *column): _accuracy("table 4", text)
        for dataset, texts in _TABLE4.items()
        for column, text in zip(_DEPTHS_AND_RATES, texts.split(), strict=True)
    },
}


def published_of(name: str, cell: Cell) -> Published | None:
    """What the paper prints for a preset's cell; None where it prints nothing, or the cell stands for none of the paper's.

    Args:
        name: the preset's, such as `table2`.
        cell: one of its cells, of whatever size.
    """
    if cell.paper is None or name not in _PRINTED:
        return None
    return _PRINTED[name].get(tuple(cell.paper.get(path, "") for path in _KEYS[name]))
