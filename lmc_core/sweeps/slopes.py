"""Figure 1: the barrier against the slope of Leaky-ReLU, from ReLU to the linear net, by depth."""

from itertools import product

from lmc_core.sweeps.optimisation import END_ONLY
from lmc_core.sweeps.plan import BATCH, INITIALISATION, MOMENTUM, REPEATS, PaperPreset, Size, cell
from lmc_core.sweeps.sweep import Cell

SLOPES = ("0", "0.01", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.99")
DEPTHS = ("2", "4", "8")
RATES = ("0.1", "0.01")

_BASE: dict[Size, dict[str, str]] = {
    "sketch": END_ONLY | {"architecture.width": "64", "batch_size": "32", "epochs": "40", "repeats": "3"},
    "classroom": END_ONLY | {"dataset": "mnist", "train_samples": "10000", "architecture.width": "128", "epochs": "30", "repeats": "3"},
    "paper": END_ONLY | {"dataset": "mnist", "epochs": "200", "repeats": "3"},
}


def _figure1(size: Size) -> tuple[Cell, ...]:
    paths = ("optimizer.lr", "architecture.depth", "architecture.slope")
    cells = [dict(zip(paths, texts, strict=True)) for texts in product(RATES, DEPTHS, SLOPES)]
    return tuple(cell(_BASE[size], factors, paper=factors) for factors in cells)


FIGURE1 = PaperPreset(
    name="figure1",
    title="Figure 1: from a linear net to ReLU",
    caption=(
        "The barrier against the slope p of Leaky-ReLU: 0 is ReLU, 1 the identity. The paper found that the more layers and the less "
        "linear the activation, the higher the barrier, even under SGD, and that one hidden layer is connected at every slope."
    ),
    choices=(
        "2, 4 and 8 weight layers (the paper's legend is an image)",
        "SGD at the high rate 0.1 and the medium rate 0.01 (the paper names no rate here)",
        "width 512 at paper size (the paper does not print its width)",
        BATCH,
        MOMENTUM,
        REPEATS,
        INITIALISATION,
    ),
    chart="lines",
    measure="error",
    settings={
        "sketch": "Digits 8×8 instead of MNIST, width 64, batch size 32, 40 epochs: a sketch, not the paper's setting.",
        "classroom": "MNIST, 10,000 of its 60,000 images, width 128, 30 of the paper's 200 epochs.",
        "paper": "MNIST, all 60,000 images, width 512, 200 epochs.",
    },
    cells=_figure1,
    x=("architecture.slope",),
    series=("architecture.depth",),
    panels=("optimizer.lr",),
)
