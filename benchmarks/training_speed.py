"""Whole epochs of several networks, plain and here, in turn."""

from functools import partial
from itertools import chain, pairwise

from benchmarks import plain
from lmc_core.connectivity.spec import Measurement
from lmc_core.data.dataset import Dataset
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import MLP
from lmc_core.optim.spec import SGD
from lmc_core.training.run import train_twins

LR, MOMENTUM = 0.05, 0.9


def compare(dataset: Dataset, width: int, pairs: int, measured: int, repeats: int) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of one epoch of all twins of 784-width-10, for each plain variant and here; a warm-up epoch is not counted.

    Args:
        dataset: of MNIST's shape.
        width: of the hidden layer.
        pairs: of twins.
        measured: networks that the plain variants really train; their time is scaled to all, which come one after the other.
        repeats: epochs that are measured.
    """
    spec = TwinsSpec(
        dataset="mnist",
        architecture=MLP(depth=2, width=width),
        optimizer=SGD(lr=LR, momentum=MOMENTUM),
        batch_size=plain.BATCH,
        epochs=repeats + 1,
        repeats=pairs,
        measurement=Measurement(alphas=3, every=0),
        device="cpu",
    )
    until = (event.train_seconds for event in train_twins(spec, dataset) if event.event == "epoch")
    epochs = (after - before for before, after in pairwise(chain([0.0], until)))
    return plain.in_turn(dataset, epochs, partial(plain.train_mlps, measured, width, LR, MOMENTUM), measured / (2 * pairs), repeats)
