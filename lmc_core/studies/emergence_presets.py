"""Where connectivity emerges, for a network each: by spawn point, by pretraining, by block; settings in which it is not there at once."""

from functools import cache, partial

from lmc_core.overrides import with_overrides
from lmc_core.studies.emergence import Emergence, Way, parse_values
from lmc_core.studies.study import Study
from lmc_core.sweeps.plan import Size

Settings = dict[str, str]
"""Texts at dotted paths."""

_EVERY: dict[Size, str] = {"sketch": "5", "classroom": "4", "paper": "0"}
"""Epochs between two looks at the line; a transformer's is looked at when it is done."""

_DEEP_MLP: dict[Size, Settings] = {
    "sketch": {"architecture.depth": "3", "architecture.width": "128", "optimizer.name": "adam", "optimizer.lr": "0.02"}
    | {"batch_size": "32", "epochs": "30"},
    "classroom": {"dataset": "mnist", "train_samples": "10000", "architecture.depth": "8", "architecture.width": "128", "epochs": "16"},
    "paper": {"dataset": "mnist", "architecture.depth": "8", "epochs": "24"},
}
"""Under Adam at a high rate, or SGD 0.1 with many layers, twins that part at once are not connected (Altıntaş et al. 2023)."""

_CNN: dict[Size, Settings] = {
    "sketch": {"architecture.name": "cnn", "architecture.filters": "32", "architecture.kernel": "2", "batch_size": "32", "epochs": "20"}
    | {"optimizer.name": "adam", "optimizer.lr": "0.02"},
    "classroom": {"architecture.name": "cnn", "architecture.filters": "32", "dataset": "cifar10", "train_samples": "10000", "epochs": "10"}
    | {"optimizer.name": "adam", "optimizer.lr": "0.005"},
    "paper": {"architecture.name": "cnn", "dataset": "cifar10", "epochs": "60", "optimizer.name": "adam", "optimizer.lr": "0.005"},
}

_TRANSFORMER = {"architecture.name": "vit", "optimizer.name": "adamw"}
_VIT: dict[Size, Settings] = {
    "sketch": _TRANSFORMER
    | {"architecture.side": "8", "architecture.patch": "2", "architecture.width": "32", "architecture.layers": "2"}
    | {"architecture.heads": "2", "architecture.mlp": "64", "optimizer.lr": "0.003", "batch_size": "32", "epochs": "20"},
    "classroom": _TRANSFORMER | {"dataset": "cifar10", "train_samples": "10000", "epochs": "16"},
    "paper": _TRANSFORMER
    | {"dataset": "cifar10", "architecture.width": "192", "architecture.layers": "12", "architecture.heads": "3", "architecture.mlp": "768"}
    | {"schedule.name": "cosine", "schedule.warmup_epochs": "2", "epochs": "60"},
}

_IN_WORDS: dict[str, dict[Size, str]] = {
    "mlp": {
        "sketch": "Digits 8×8, 3 weight layers of 128, Adam 0.02, 30 epochs, three pairs.",
        "classroom": "MNIST, 10,000 of its 60,000 images, 8 weight layers of 128, SGD 0.1, 16 epochs, three pairs.",
        "paper": "MNIST, all 60,000 images, 8 weight layers of 512, SGD 0.1, 24 epochs, three pairs.",
    },
    "cnn": {
        "sketch": "Digits 8×8, 32 filters of 2×2, Adam 0.02, 20 epochs, three pairs.",
        "classroom": "CIFAR-10, 10,000 of its 50,000 images, 32 filters of 4×4, Adam 0.005, 10 epochs, three pairs.",
        "paper": "CIFAR-10, all 50,000 images, 128 filters of 4×4, Adam 0.005, 60 epochs, three pairs.",
    },
    "vit": {
        "sketch": "Digits 8×8, 2 encoder layers of width 32, patches of 2×2, AdamW 0.003, 20 epochs, three pairs.",
        "classroom": "CIFAR-10, 10,000 of its 50,000 images, 4 encoder layers of width 64, AdamW 0.001, 16 epochs, three pairs; for a GPU.",
        "paper": "CIFAR-10, all 50,000 images, ViT-Tiny's 12 layers of width 192 at 32×32, AdamW 0.001, 60 epochs, three pairs; for a GPU.",
    },
}
_BASES = {"mlp": _DEEP_MLP, "cnn": _CNN, "vit": _VIT}
NETWORKS = {"mlp": "MLP", "cnn": "CNN", "vit": "Vision transformer"}

_POINTS: dict[str, dict[Size, str]] = {
    "mlp": {
        "sketch": "0, 2 steps, 5 steps, 20 steps, 1, 4, 10",
        "classroom": "0, 20 steps, 1, 2, 3, 4, 6, 8",
        "paper": "0, 50 steps, 200 steps, 1, 2, 4, 8, 16",
    },
    "cnn": {
        "sketch": "0, 5 steps, 20 steps, 1, 4, 10",
        "classroom": "0, 5 steps, 20 steps, 1, 2, 5",
        "paper": "0, 20 steps, 100 steps, 1, 2, 4, 10, 30",
    },
    "vit": {
        "sketch": "0, 10 steps, 1, 2, 4, 10",
        "classroom": "0, 20 steps, 1, 2, 4, 8",
        "paper": "0, 100 steps, 1, 2, 4, 10, 20, 40",
    },
}

_SOURCES: dict[str, dict[Size, Settings]] = {
    "mlp": {"sketch": {"augmentation": "shift_flip"}, "classroom": {"dataset": "fashion_mnist"}, "paper": {"dataset": "fashion_mnist"}},
    "cnn": {"sketch": {"augmentation": "shift_flip"}, "classroom": {"dataset": "cifar100"}, "paper": {"dataset": "cifar100"}},
    "vit": {"sketch": {"augmentation": "shift_flip"}, "classroom": {"dataset": "cifar100"}, "paper": {"dataset": "cifar100"}},
}
_PRETRAINED: dict[Size, str] = {"sketch": "0, 1, 2, 5, 10, 20", "classroom": "0, 1, 2, 4, 8, 16", "paper": "0, 1, 2, 5, 10, 20, 50, 100"}
_ON: dict[str, dict[Size, str]] = {
    name: {size: "shifted and flipped digits" if size == "sketch" else learnt for size in _PRETRAINED}
    for name, learnt in (("mlp", "Fashion-MNIST"), ("cnn", "CIFAR-100"), ("vit", "CIFAR-100"))
}

_PARTING: dict[Size, str] = {"sketch": "0, 10", "classroom": "0, 3", "paper": "0, 4"}
"""Where the twins part whose blocks are looked at: at once, and later."""


@cache
def _make(way: Way, network: str, size: Size) -> Emergence:
    base = {"repeats": "3", "measurement.every": "0" if network == "vit" else _EVERY[size]} | _BASES[network][size]
    match way:
        case "spawn":
            return Emergence(way, with_overrides(base), parse_values(_POINTS[network][size]))
        case "pretraining":
            source = dict(_SOURCES[network][size])
            if "train_samples" in base:
                source["train_samples"] = "20000"
            return Emergence(way, with_overrides(base), parse_values(_PRETRAINED[size]), source)
        case "blocks":
            return Emergence(way, with_overrides(base), parse_values(_PARTING[size]))


_TITLES: dict[Way, str] = {
    "spawn": "Spawn point",
    "pretraining": "Pretraining",
    "blocks": "Where in the network",
}
_CAPTIONS: dict[Way, str] = {
    "spawn": (
        "Twins see the same noise up to step k and separate there. Frankle et al. (2020) found that, from an early k on, they end up "
        "connected. The chart shows the barrier for each k."
    ),
    "pretraining": (
        "One network first learns other images, and checkpoints of it are kept on the way. Twins start from each checkpoint and learn "
        "their own task with different noise. The blog found pretrained twins connected and random ones not. The chart shows the "
        "barrier for each amount of pretraining."
    ),
    "blocks": (
        "Only some of the network's blocks move from twin A to twin B, and the others stay at A: each block alone, then more and more "
        "blocks from the bottom, and from the top (Adilova et al. 2023)."
    ),
}
_OWN: dict[str, str] = {
    "mlp": " We expect a barrier where MLP twins separate at the start.",
    "cnn": " A single convolution is the control: we expect no barrier.",
    "vit": " We expect a barrier for a small vision transformer from a random start.",
}


def _settings(way: Way, network: str) -> dict[Size, str]:
    if way != "pretraining":
        return _IN_WORDS[network]
    return {size: f"Pretrained on {_ON[network][size]}. Twins: {words}" for size, words in _IN_WORDS[network].items()}


def _study(way: Way, network: str) -> Study[Emergence]:
    return Study(
        name=f"{way}_{network}",
        title=f"{_TITLES[way]}: {NETWORKS[network]}",
        caption=_CAPTIONS[way] + _OWN[network],
        settings=_settings(way, network),
        make=partial(_make, way, network),
    )


EMERGENCE: dict[str, Study[Emergence]] = {study.name: study for way in _TITLES for network in NETWORKS for study in [_study(way, network)]}
"""The studies by name: the way, then the network."""
