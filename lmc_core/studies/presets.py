"""Experiments of the paper as specs: data, not code.

Settings that "Disentangling Linear Mode Connectivity" (arXiv 2312.09832) leaves out are this project's choice: width 512,
momentum 0.9, batch size 128 outside table 1. Where fewer epochs than the paper's 200 are set, the caption says so.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Generic

from lmc_core.experiment import Spec, TwinsSpec
from lmc_core.overrides import with_overrides


@dataclass(frozen=True)
class Preset(Generic[Spec]):
    """A named experiment: the dotted paths at which it differs from the default spec of its model."""

    name: str
    title: str
    caption: str
    overrides: dict[str, str]
    model: type[Spec]

    @cached_property
    def spec(self) -> Spec:
        """The whole spec."""
        return with_overrides(self.overrides, model=self.model)


_twins = partial(Preset, model=TwinsSpec)

_ADAM_ON_DIGITS = {
    "architecture.depth": "3",
    "architecture.width": "128",
    "optimizer.name": "adam",
    "batch_size": "32",
    "epochs": "30",
    "repeats": "3",
}
_MNIST = {"dataset": "mnist", "epochs": "20", "measurement.every": "2"}
_CIFAR10 = {"dataset": "cifar10", "epochs": "20", "measurement.every": "2"}

_ALL = [
    _twins("first", "First look: digits", "One hidden layer on 8×8 digits, three pairs, seconds on any machine.", {"repeats": "3"}),
    _twins(
        "adam_breaks",
        "Adam breaks it: digits",
        "Two hidden layers under Adam at a high learning rate: each twin does well, and the line between them crosses a barrier.",
        _ADAM_ON_DIGITS | {"optimizer.lr": "0.02"},
    ),
    _twins(
        "adam_gentle",
        "Adam mends it: digits",
        "The same network, the same Adam, a twentieth of the learning rate: the line is flat again.",
        _ADAM_ON_DIGITS | {"optimizer.lr": "0.001"},
    ),
    _twins(
        "logistic",
        "Logistic regression (paper, section 3)",
        "The problem is convex, so the loss cannot rise above the straight line between its values at the ends. "
        "20 of the paper's 200 epochs.",
        _MNIST | {"architecture.name": "linear", "architecture.depth": "1", "batch_size": "1024"},
    ),
    _twins(
        "linear4_adam",
        "Deep linear net under Adam (paper, table 1)",
        "Four linear layers, Adam 0.005, batch 1024: the paper prints a test barrier of 47.74%. 20 of its 200 epochs.",
        _MNIST
        | {
            "architecture.name": "linear",
            "architecture.depth": "4",
            "optimizer.name": "adam",
            "optimizer.lr": "0.005",
            "batch_size": "1024",
        },
    ),
    _twins(
        "minimal",
        "The minimal model (paper, table 2)",
        "One hidden ReLU layer on MNIST, SGD 0.1: the paper prints a test barrier of 0.05%. 20 of its 200 epochs.",
        _MNIST,
    ),
    _twins(
        "minimal_adam",
        "Minimal model, Adam high (paper, table 2)",
        "Adam 0.005 without warm-up: the paper prints 2.86%. 20 of its 200 epochs.",
        _MNIST | {"optimizer.name": "adam", "optimizer.lr": "0.005"},
    ),
    _twins(
        "minimal_adam_warmup",
        "Minimal model, Adam high + warm-up (paper, table 2)",
        "Adam 0.005 with 5% of training as warm-up: the paper prints 0.23%. 20 of its 200 epochs, the first of them warm-up.",
        _MNIST | {"optimizer.name": "adam", "optimizer.lr": "0.005", "schedule.warmup_epochs": "1"},
    ),
    _twins(
        "lc_cnn",
        "Locality keeps it (paper, figure 2)",
        "Locally connected hidden layer on CIFAR-10, SGD 0.01. 20 of the paper's 200 epochs.",
        _CIFAR10 | {"architecture.name": "lc_cnn", "optimizer.lr": "0.01"},
    ),
    _twins(
        "cnn",
        "Weight sharing breaks it (paper, figure 2)",
        "Convolutional hidden layer on CIFAR-10, SGD 0.01. 20 of the paper's 200 epochs.",
        _CIFAR10 | {"architecture.name": "cnn", "optimizer.lr": "0.01"},
    ),
    _twins(
        "attention",
        "One attention layer (paper, figure 2)",
        "The paper's single attention layer on CIFAR-10, SGD 0.001; minutes to hours without a GPU. 20 of its 200 epochs.",
        _CIFAR10 | {"architecture.name": "attention", "optimizer.lr": "0.001"},
    ),
    _twins(
        "mlp_cifar10",
        "A harder task (paper, figure 3)",
        "Four-layer MLP on CIFAR-10, SGD 0.01: compare normalised barriers. 20 of the paper's 200 epochs.",
        _CIFAR10 | {"architecture.depth": "4", "optimizer.lr": "0.01"},
    ),
]

PRESETS: dict[str, Preset[TwinsSpec]] = {preset.name: preset for preset in _ALL}
"""All presets by name, in the order in which the page offers them."""
