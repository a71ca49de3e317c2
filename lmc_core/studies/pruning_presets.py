"""Pruning experiments as specs: data, not code. Networks, densities and lengths are this project's choice; each caption says what for."""

from functools import partial

from lmc_core.experiment import PruneSpec
from lmc_core.studies.presets import Preset

_prune = partial(Preset, model=PruneSpec)

_DIGITS = {"architecture.depth": "3", "architecture.width": "100", "batch_size": "64", "epochs": "30", "repeats": "3"}
_RAMP = {"pruning.initial_epochs": "2", "pruning.final_epochs": "8"}
_DENSITIES = {"pruning.densities": "0.5,0.2,0.1,0.05,0.02"}
_BREAKING_ADAM = {"architecture.depth": "3", "batch_size": "32", "optimizer.name": "adam", "optimizer.lr": "0.02"}
"""Under it dense twins are not connected on digits, and so there is something for pruning to change."""

_ALL = [
    _prune(
        "first_pruning",
        "First look: one-shot magnitude pruning",
        "A network with one hidden layer learns 8×8 digits and keeps only its largest weights, which are then retrained. Takes seconds.",
        {},
    ),
    _prune(
        "tickets",
        "Does sparsity go with connectivity? Digits",
        "The open question in a small version. Under Adam 0.02 dense twins are not connected. Iterative magnitude pruning finds tickets of "
        "seven densities, rewound to three points; random masks, and the same masks on another initialisation, are the controls. "
        "Takes minutes.",
        _BREAKING_ADAM
        | {
            "architecture.width": "100",
            "epochs": "30",
            "repeats": "3",
            "pruning.name": "iterative",
            "pruning.densities": "0.7,0.4,0.2,0.1,0.05,0.03,0.02",
            "pruning.rewind": "0,1,4",
            "pruning.redrawn_control": "true",
        },
    ),
    _prune(
        "tickets_mnist",
        "Does sparsity go with connectivity? MNIST",
        "The open question in a version for a class: 10,000 images of MNIST, two hidden layers, Adam 0.01, five densities, two rewinding "
        "points and all controls. Takes a quarter of an hour without a GPU.",
        _BREAKING_ADAM
        | {
            "dataset": "mnist",
            "train_samples": "10000",
            "architecture.width": "128",
            "optimizer.lr": "0.01",
            "batch_size": "128",
            "epochs": "20",
            "repeats": "3",
            "pruning.name": "iterative",
            "pruning.densities": "0.5,0.2,0.1,0.05,0.02",
            "pruning.rewind": "0,1",
            "pruning.redrawn_control": "true",
        },
    ),
    _prune(
        "iterative",
        "Iterative magnitude pruning, rewound",
        "Train, prune, rewind to the initialisation or to epoch 2, and again (Frankle & Carbin 2019; Frankle et al. 2020); SGD 0.1.",
        _DIGITS | _DENSITIES | {"pruning.name": "iterative", "pruning.rewind": "0,2"},
    ),
    _prune(
        "gradual",
        "Gradual magnitude pruning",
        "The smallest weights are pruned a few at a time, along a cubic ramp, while the network trains (Zhu & Gupta 2017). "
        "The tickets are then trained.",
        _DIGITS | _DENSITIES | _RAMP | {"pruning.schedule": "gradual"},
    ),
    _prune(
        "platon",
        "PLATON",
        "Weights are pruned by importance times uncertainty, along a cubic ramp (Zhang et al. 2022). The masks are soft, as published: "
        "pruned weights can grow back until the next mask. With hard masks they cannot.",
        _DIGITS | _DENSITIES | _RAMP | {"pruning.name": "platon"},
    ),
    _prune(
        "platon_oscillation",
        "PLATON: what a mask does to the loss",
        "Masks 20 steps apart in large batches, so that little else moves the loss: it jumps after each mask and falls until the next. "
        "This may be the oscillation that the blog could not explain. Compare it with hard masks.",
        {
            "architecture.depth": "3",
            "architecture.width": "100",
            "batch_size": "360",
            "epochs": "100",
            "optimizer.name": "adam",
            "optimizer.lr": "0.001",
            "pruning.name": "platon",
            "pruning.densities": "0.1,0.03",
            "pruning.initial_epochs": "10",
            "pruning.final_epochs": "20",
            "pruning.interval": "20",
            "pruning.twins": "false",
            "pruning.random_control": "false",
        },
    ),
    _prune(
        "snip",
        "SNIP: pruned before training",
        "Before training, the weights whose removal changes the loss least are pruned; the rest is trained once (Lee et al. 2019).",
        _DIGITS | _DENSITIES | {"pruning.name": "snip"},
    ),
    _prune(
        "random",
        "Random masks",
        "The control: the same share of each layer's weights is removed at random (Frankle et al. 2020).",
        _DIGITS | _DENSITIES | {"pruning.name": "random"},
    ),
]

PRUNING_PRESETS: dict[str, Preset[PruneSpec]] = {preset.name: preset for preset in _ALL}
"""All presets by name, in the order in which the page offers them."""
