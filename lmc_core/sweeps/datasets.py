"""Figure 3 and table 4: MLPs on data sets of growing difficulty; figure 5: the same under Adam."""

from collections.abc import Mapping
from itertools import product

from lmc_core.sweeps.optimisation import END_ONLY
from lmc_core.sweeps.plan import BATCH, INITIALISATION, MOMENTUM, REPEATS, WIDTH, PaperPreset, Size, cell
from lmc_core.sweeps.sweep import Cell

DATASETS = ("mnist", "cifar10", "cifar100", "tiny_imagenet")
DEPTHS = ("2", "4", "8")
_SGD = (("sgd", "0.1"), ("sgd", "0.01"))
_ADAM = (("adam", "0.005"), ("adam", "0.001"))

_SKETCHED = {"mnist": "all", "cifar10": "800", "cifar100": "400", "tiny_imagenet": "200"}
"""Training images of digits with which a sketch makes the task harder, in the data sets' places."""

_BASE: dict[Size, dict[str, str]] = {
    "sketch": END_ONLY | {"architecture.width": "64", "batch_size": "32", "epochs": "40", "repeats": "2"},
    "classroom": END_ONLY | {"train_samples": "10000", "architecture.width": "256", "epochs": "20", "repeats": "3"},
    "paper": END_ONLY | {"epochs": "200", "repeats": "3"},
}
_CHOICES = (WIDTH + " at paper size", BATCH, MOMENTUM, REPEATS, INITIALISATION)
_STANDS_IN = (
    "Digits 8×8 only: fewer and fewer training images stand in for the paper's data sets, because harder data sets do not come with "
    "the program; width 64, batch size 32, 40 epochs, two pairs. No cell of this size stands for one of the paper's."
)
_CLASSROOM = "10,000 training images of each data set, width 256, 20 of the paper's 200 epochs."
_PAPER = "All training images of each data set, width 512, 200 epochs."


def _cells(size: Size, datasets: tuple[str, ...], optimizers: tuple[tuple[str, str], ...]) -> tuple[Cell, ...]:
    cells = []
    for dataset, depth, (optimizer, rate) in product(datasets, DEPTHS, optimizers):
        paper: Mapping[str, str] = {"dataset": dataset, "architecture.depth": depth, "optimizer.lr": rate}
        base = _BASE[size] | {"optimizer.name": optimizer}
        if size == "sketch":
            factors = {"train_samples": _SKETCHED[dataset], "architecture.depth": depth, "optimizer.lr": rate}
            cells.append(cell(base, factors))
        else:
            cells.append(cell(base, paper, paper=paper))
    return tuple(cells)


FIGURE3 = PaperPreset(
    name="figure3",
    title="Figure 3: harder data",
    caption=(
        "The normalised barrier (Eq. 2) of MLPs with 2, 4 and 8 layers against the data set, on training and test images. "
        "The paper found that the more complex the data, the higher the barrier, and the farther apart training and test."
    ),
    choices=("SGD at the high rate 0.1 and the medium rate 0.01 (appendix E)", *_CHOICES),
    chart="bars",
    measure="normalized",
    settings={"sketch": _STANDS_IN, "classroom": _CLASSROOM, "paper": _PAPER},
    cells=lambda size: _cells(size, DATASETS, _SGD),
    x=("dataset", "train_samples"),
    series=("optimizer.lr",),
    panels=("architecture.depth",),
)

TABLE4 = PaperPreset(
    name="table4",
    title="Table 4: test accuracies",
    caption=(
        "Test accuracies that the networks of figure 3 reach, from the same runs. "
        "An asterisk marks networks that were unstable or learnt nothing."
    ),
    choices=_CHOICES,
    chart="table",
    measure="accuracy",
    settings={"sketch": _STANDS_IN, "classroom": _CLASSROOM, "paper": _PAPER},
    cells=lambda size: _cells(size, DATASETS, _SGD),
    x=("architecture.depth", "optimizer.lr"),
    series=("dataset", "train_samples"),
)

FIGURE5 = PaperPreset(
    name="figure5",
    title="Figure 5: MLPs under Adam",
    caption=(
        "The normalised barrier (Eq. 2) of MLPs trained with Adam on MNIST and CIFAR-10, by depth. "
        "The paper found that Adam does not keep the twins connected."
    ),
    choices=("Adam at the high rate 0.005 and the medium rate 0.001, 2, 4 and 8 layers (the paper names neither here)", *_CHOICES),
    chart="lines",
    measure="normalized",
    settings={"sketch": _STANDS_IN, "classroom": _CLASSROOM, "paper": _PAPER},
    cells=lambda size: _cells(size, DATASETS[:2], _ADAM),
    x=("architecture.depth",),
    series=("optimizer.lr",),
    panels=("dataset", "train_samples"),
)
