"""Figure 2 and table 3: one hidden layer that is dense, locally connected, convolutional or attention."""

from itertools import product

from lmc_core.sweeps.optimisation import END_ONLY
from lmc_core.sweeps.plan import BATCH, INITIALISATION, MOMENTUM, REPEATS, PaperPreset, Size, cell
from lmc_core.sweeps.sweep import Cell

_LAYERS: dict[Size, dict[str, dict[str, str]]] = {
    "sketch": {
        "mlp": {"architecture.width": "256"},
        "lc_cnn": {"architecture.filters": "16", "architecture.kernel": "2"},
        "cnn": {"architecture.filters": "16", "architecture.kernel": "2"},
        "attention": {"architecture.patch": "2", "architecture.heads": "4", "architecture.head_dim": "12"},
    },
    "classroom": {
        "mlp": {"architecture.width": "784"},
        "lc_cnn": {"architecture.filters": "16"},
        "cnn": {"architecture.filters": "16"},
        "attention": {"architecture.heads": "4", "architecture.head_dim": "12"},
    },
    "paper": {"mlp": {"architecture.width": "6272"}, "lc_cnn": {}, "cnn": {}, "attention": {}},
}
"""What each hidden layer has at each size; the MLP has as many hidden units as the convolution has outputs."""

_BASE: dict[Size, dict[str, str]] = {
    "sketch": END_ONLY | {"batch_size": "32", "epochs": "40", "repeats": "2"},
    "classroom": END_ONLY | {"dataset": "mnist", "train_samples": "10000", "epochs": "20", "repeats": "3"},
    "paper": END_ONLY | {"dataset": "mnist", "epochs": "200", "repeats": "3"},
}
_RATES = ("0.1", "0.01", "0.001")


def _figure2(size: Size) -> tuple[Cell, ...]:
    cells = []
    for name, rate in product(_LAYERS[size], _RATES):
        factors = {"architecture.name": name, "optimizer.lr": rate}
        cells.append(cell(_BASE[size] | {"architecture.name": name} | _LAYERS[size][name], factors, paper=factors))
    return tuple(cells)


FIGURE2 = PaperPreset(
    name="figure2",
    title="Figure 2: another hidden layer",
    caption=(
        "The minimal model with another hidden layer. The paper found that locality alone (LC-CNN) keeps the twins connected, and that "
        "with weight sharing (CNN, attention) a barrier grows. Its high and medium rates of SGD are too high for attention, hence "
        "the low one."
    ),
    choices=(
        "MNIST (the text speaks of other data sets only afterwards)",
        "kernel and patch 4, 128 filters, 8 heads of dimension 48 (appendix D); the MLP has the convolution's 6,272 hidden units",
        "the attention model as described has fewer parameters than the 1.08M of the paper's text; see docs/measurements.md",
        BATCH,
        MOMENTUM,
        REPEATS,
        INITIALISATION,
    ),
    chart="bars",
    measure="error",
    settings={
        "sketch": (
            "Digits 8×8 instead of MNIST, kernel and patch 2, 16 filters, 4 heads of dimension 12, batch size 32, 40 epochs, two pairs."
        ),
        "classroom": "MNIST, 10,000 of its 60,000 images, 16 filters, 4 heads of dimension 12, 20 of the paper's 200 epochs.",
        "paper": "MNIST, all 60,000 images, the paper's layers, 200 epochs.",
    },
    cells=_figure2,
    x=("architecture.name",),
    series=("optimizer.lr",),
)

_COUNTED = {"cnn": {}, "lc_cnn": {}, "mlp": {"architecture.width": "8192"}}
_EXACT = "Nothing is trained: the counts are exact at every size."


def _table3(_size: Size) -> tuple[Cell, ...]:
    """The networks of table 3 on CIFAR-10, which has to be the data set for the printed counts to come out."""
    names = {"cnn": "CNN", "lc_cnn": "LC-CNN", "mlp": "MLP"}
    return tuple(
        cell(
            {"dataset": "cifar10", "architecture.name": name} | more, {"architecture.name": name}, names[name], {"architecture.name": name}
        )
        for name, more in _COUNTED.items()
    )


TABLE3 = PaperPreset(
    name="table3",
    title="Table 3: parameters",
    caption=(
        "Parameters of a two-layer network whose first layer is a convolution, the same without weight sharing, "
        "or the dense layer that holds both."
    ),
    choices=(
        "CIFAR-10 and 128 filters with biases: with them all three printed counts come out (the paper prints kernel 4 and padding 0 only)",
        "the dense layer has 128 × 8 × 8 = 8,192 hidden units",
    ),
    chart="counts",
    measure="parameters",
    settings={"sketch": _EXACT, "classroom": _EXACT, "paper": _EXACT},
    cells=_table3,
    x=("architecture.name",),
    trains=False,
)
