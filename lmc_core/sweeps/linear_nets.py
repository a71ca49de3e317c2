"""Table 1: linear nets of L layers under SGD and Adam."""

from itertools import product

from lmc_core.sweeps.optimisation import END_ONLY
from lmc_core.sweeps.plan import INITIALISATION, MOMENTUM, REPEATS, PaperPreset, Size, cell
from lmc_core.sweeps.sweep import Cell

_ROWS = (("1", "30000"), ("1", "1024"), ("2", "30000"), ("2", "1024"), ("4", "1024"), ("8", "1024"))
"""Layers and batch size, as printed."""
_COLUMNS = (("sgd", "0.1"), ("sgd", "0.01"), ("adam", "0.005"), ("adam", "0.001"))

_BASE: dict[Size, dict[str, str]] = {
    "sketch": END_ONLY | {"architecture.width": "64", "epochs": "40", "repeats": "2"},
    "classroom": END_ONLY | {"dataset": "mnist", "architecture.width": "128", "epochs": "20", "repeats": "3"},
    "paper": END_ONLY | {"dataset": "mnist", "epochs": "200", "repeats": "3"},
}
_BATCHES: dict[Size, dict[str, str]] = {
    "sketch": {"30000": "719", "1024": "24"},
    "classroom": {"30000": "30000", "1024": "1024"},
    "paper": {"30000": "30000", "1024": "1024"},
}
"""The printed batch size at each size; on digits the one that makes as many steps an epoch as on MNIST, 2 and 59."""


def _table1(size: Size) -> tuple[Cell, ...]:
    base = {"architecture.name": "linear"} | _BASE[size]
    cells = []
    for (depth, batch), (optimizer, rate) in product(_ROWS, _COLUMNS):
        paper = {"architecture.depth": depth, "batch_size": batch, "optimizer.name": optimizer, "optimizer.lr": rate}
        cells.append(cell(base, paper | {"batch_size": _BATCHES[size][batch]}, paper=paper))
    return tuple(cells)


TABLE1 = PaperPreset(
    name="table1",
    title="Table 1: linear nets",
    caption=(
        "Networks without activation, L weight layers. The paper found twins under SGD connected at every depth, and twins under "
        "Adam not connected from four layers on. An asterisk marks networks that were unstable or learnt nothing."
    ),
    choices=("width 512 at paper size (the paper does not print its width)", MOMENTUM, REPEATS, INITIALISATION),
    chart="table",
    measure="error",
    settings={
        "sketch": (
            "Digits 8×8 instead of MNIST, width 64, 40 epochs, two pairs; batches of 719 and 24 make as many steps an epoch as "
            "30,000 and 1,024 do on MNIST."
        ),
        "classroom": "MNIST, all 60,000 images, width 128, 20 of the paper's 200 epochs.",
        "paper": "MNIST, all 60,000 images, width 512, 200 epochs.",
    },
    cells=_table1,
    x=("optimizer.name", "optimizer.lr"),
    series=("architecture.depth", "batch_size"),
)
