"""What the blog did with vision transformers, and what it could not do: twins and tickets, pretrained and from random initialisation.

The blog fine-tunes a ViT on CIFAR-10 with AdamW 2e-4 for 8 epochs, crops of 24×24, flips and jittered colours (section
"Experiments with Linear Mode Connectivity"), and prunes it with PLATON over 4 epochs (section "Pruning").
"""

from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.models.spec import Start
from lmc_core.overrides import with_overrides
from lmc_core.studies.fine_tuning import FineTuning
from lmc_core.studies.study import Study
from lmc_core.sweeps.plan import Size

Settings = dict[str, str]
"""Texts at dotted paths."""

TINY = Start(checkpoint="vit-tiny-patch16-224", fingerprint="e38e9a739c27dfdd9473")
"""A ViT-Tiny pretrained on ImageNet, by its weights' own hash, so that runs of it are known where the weights are not."""
BASE = Start(checkpoint="google/vit-base-patch16-224-in21k")
"""The default of the blog's library, pretrained on ImageNet-21k."""

HALF = {"architecture.mean": "0.5,0.5,0.5", "architecture.std": "0.5,0.5,0.5"}
CONFIGURATIONS: dict[str, Settings] = {
    TINY.checkpoint: HALF
    | {"architecture.name": "vit", "architecture.side": "224", "architecture.patch": "16", "architecture.width": "192"}
    | {"architecture.layers": "12", "architecture.heads": "3", "architecture.mlp": "768"}
    | {"architecture.resample": "bicubic", "architecture.norm_epsilon": "1e-6"},
    BASE.checkpoint: HALF
    | {"architecture.name": "vit", "architecture.side": "224", "architecture.patch": "16", "architecture.width": "768"}
    | {"architecture.layers": "12", "architecture.heads": "12", "architecture.mlp": "3072"},
}
"""What the checkpoints' own configurations say, for machines on which they are not."""

BLOG: Settings = {
    "dataset": "cifar10",
    "augmentation": "crop_flip_jitter",
    "optimizer.name": "adamw",
    "optimizer.lr": "2e-4",
    "schedule.name": "cosine",
    "batch_size": "16",
    "epochs": "8",
}
"""The blog's settings; it prints neither batch size nor schedule."""

SKETCH_SIDE = 64
"""17 tokens in place of 197: what two cores can train in minutes."""
SKETCH: Settings = {"train_samples": "4096", "test_samples": "1500", "precision": "bfloat16", "repeats": "2", "measurement.every": "4"}
TICKETS_SKETCH: Settings = {"train_samples": "1536", "test_samples": "1000", "precision": "bfloat16", "epochs": "6"}

PLATON: Settings = {
    "pruning.name": "platon",
    "pruning.densities": "0.2,0.05",
    "pruning.final_epochs": "1",
    "pruning.random_control": "false",
    "epochs": "4",
}
"""To 20% and 5% over 4 epochs, the last one at the final density, as in the blog."""
ALONE: Settings = {"pruning.twins": "false"}

BATCH = "batch size 16 (the blog prints none)"
DECAY = "AdamW's default weight decay 0.01, and a learning rate that falls to 0 along a cosine (the blog prints neither)"
JITTER = "colour jitter of up to 0.2 in brightness, contrast and saturation and 0.1 in hue (the blog prints no strengths)"
TOKENS = "the random network has the checkpoint's configuration and transformers' own initialisation"
RAMP = "PLATON's ramp starts at the first step and ends one epoch before training does; its smoothing constants are those of its paper"
PARTING = "tickets start again from the weights of step 0, pretrained or random, and their twins separate there"


def _twins(settings: Settings) -> TwinsSpec:
    return with_overrides(settings)


def _pruned(settings: Settings) -> PruneSpec:
    return with_overrides(settings, model=PruneSpec)


def _connectivity(size: Size) -> FineTuning:
    match size:
        case "sketch":
            spec = _twins(_of(TINY) | BLOG | SKETCH | {"architecture.side": str(SKETCH_SIDE)})
            return FineTuning(spec, TINY, SKETCH_SIDE)
        case "classroom":
            return FineTuning(_twins(_of(TINY) | BLOG | {"precision": "bfloat16", "measurement.every": "4"}), TINY)
        case "paper":
            return FineTuning(_twins(_of(BASE) | BLOG | {"measurement.every": "4"}), BASE)


def _platon(size: Size, more: Settings) -> FineTuning:
    match size:
        case "sketch":
            spec = _pruned(_of(TINY) | BLOG | PLATON | TICKETS_SKETCH | more | {"architecture.side": str(SKETCH_SIDE)})
            return FineTuning(spec, TINY, SKETCH_SIDE)
        case "classroom":
            return FineTuning(_pruned(_of(TINY) | BLOG | PLATON | more | {"precision": "bfloat16"}), TINY)
        case "paper":
            return FineTuning(_pruned(_of(BASE) | BLOG | PLATON | more), BASE)


def _of(start: Start) -> Settings:
    return CONFIGURATIONS[start.checkpoint]


def _pruning(size: Size) -> FineTuning:
    return _platon(size, ALONE)


def _tickets(size: Size) -> FineTuning:
    return _platon(size, {})


_TWINS_IN_WORDS: dict[Size, str] = {
    "sketch": "ViT-Tiny at 64×64 pixels instead of ViT-Base at 224×224, 4,096 of CIFAR-10's 50,000 images and 1,500 test images, 8 epochs, "
    "two pairs, bfloat16: a small version of the blog's experiment, not a replication.",
    "classroom": "ViT-Tiny at 224×224, all of CIFAR-10, 8 epochs, one pair as in the blog, bfloat16; for a GPU, or days of a CPU.",
    "paper": "ViT-Base pretrained on ImageNet-21k, all of CIFAR-10, 8 epochs, one pair as in the blog; for a GPU.",
}
_PRUNED_IN_WORDS: dict[Size, str] = {
    "sketch": "ViT-Tiny at 64×64 pixels instead of ViT-Base at 224×224, 1,536 of CIFAR-10's 50,000 images and 1,000 test images, 6 epochs, "
    "bfloat16: a small version of the blog's experiment, not a replication.",
    "classroom": "ViT-Tiny at 224×224, all of CIFAR-10, 4 epochs, bfloat16; for a GPU.",
    "paper": "ViT-Base pretrained on ImageNet-21k, all of CIFAR-10, 4 epochs as in the blog; for a GPU.",
}

_ALL = (
    Study(
        "connectivity",
        "Fine-tuned twins",
        "Two copies of one network are fine-tuned on CIFAR-10 with different order and augmentation. The blog finds the line between them "
        "flat when the network was pretrained; from a random initialisation its test loss more than doubles on the way.",
        _TWINS_IN_WORDS,
        _connectivity,
        (BATCH, DECAY, JITTER, TOKENS),
    ),
    Study(
        "pruning",
        "Pruned by PLATON",
        "PLATON prunes the network while it is fine-tuned, to 20% and to 5% of its weights. The blog keeps 95.3% and 93.7% of test "
        "accuracy, against 98% dense, with a pretrained ViT-Base; it could not prune random networks.",
        _PRUNED_IN_WORDS,
        _pruning,
        (BATCH, DECAY, RAMP, TOKENS),
    ),
    Study(
        "tickets",
        "Tickets and connectivity",
        "PLATON's masks are put on the original weights, and these tickets are trained as twins beside dense ones. In the blog the "
        "pretrained ticket of 20% learns to 93.6%. Does sparsity change whether twins are connected, pretrained and random?",
        _PRUNED_IN_WORDS,
        _tickets,
        (BATCH, DECAY, RAMP, PARTING, TOKENS),
    ),
)

BLOG_STUDIES: dict[str, Study[FineTuning]] = {study.name: study for study in _ALL}
"""The blog's three experiments by name, in its order."""
