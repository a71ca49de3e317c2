"""Table 2: the minimal model under other optimisation."""

from lmc_core.sweeps.plan import BATCH, INITIALISATION, MOMENTUM, REPEATS, WIDTH, PaperPreset, Size, cell
from lmc_core.sweeps.sweep import Cell

END_ONLY = {"measurement.every": "0"}
"""A sweep measures the line at the end of training; a run of its own shows it epoch by epoch."""

MINIMAL: dict[Size, dict[str, str]] = {
    "sketch": END_ONLY | {"architecture.width": "128", "batch_size": "32", "epochs": "30", "repeats": "3"},
    "classroom": END_ONLY | {"dataset": "mnist", "epochs": "20", "repeats": "3"},
    "paper": END_ONLY | {"dataset": "mnist", "epochs": "200", "repeats": "3"},
}
"""The minimal model, one hidden ReLU layer, at each size."""

MINIMAL_SETTINGS: dict[Size, str] = {
    "sketch": "Digits 8×8 instead of MNIST, width 128, batch size 32, 30 epochs: a small version of the experiment, not a replication.",
    "classroom": "MNIST, all 60,000 images, width 512, 20 of the paper's 200 epochs.",
    "paper": "MNIST, all 60,000 images, width 512, 200 epochs.",
}

_COLUMNS = (
    ("SGD high", "sgd", "0.1", 0),
    ("SGD high, warm-up", "sgd", "0.1", 10),
    ("Adam medium", "adam", "0.001", 0),
    ("Adam high", "adam", "0.005", 0),
    ("Adam high, warm-up", "adam", "0.005", 10),
)
"""Name, optimiser, learning rate and epochs of warm-up out of 200, as the paper prints them."""


def _table2(size: Size) -> tuple[Cell, ...]:
    base = MINIMAL[size]
    cells = []
    for name, optimizer, rate, warmup in _COLUMNS:
        paper = {"optimizer.name": optimizer, "optimizer.lr": rate, "schedule.warmup_epochs": str(warmup)}
        share = str(warmup / 200 * int(base["epochs"]))
        cells.append(cell(base, paper | {"schedule.warmup_epochs": share}, name, paper))
    return tuple(cells)


TABLE2 = PaperPreset(
    name="table2",
    title="Table 2: the minimal model under other optimisation",
    caption=(
        "Networks with one hidden ReLU layer. The paper found them connected under SGD, with a barrier under Adam at its high rate, "
        "most of which warm-up over 5% of training takes away."
    ),
    choices=(WIDTH, BATCH, MOMENTUM, REPEATS, INITIALISATION, "the learning rate stays constant after the warm-up"),
    chart="table",
    measure="error",
    settings=MINIMAL_SETTINGS,
    cells=_table2,
    x=("optimizer.name", "optimizer.lr", "schedule.warmup_epochs"),
)
