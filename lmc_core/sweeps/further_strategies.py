"""Appendix C: what the text reports on further training strategies without a table."""

from lmc_core.sweeps.optimisation import MINIMAL, MINIMAL_SETTINGS
from lmc_core.sweeps.plan import INITIALISATION, REPEATS, WIDTH, PaperPreset, Size, cell
from lmc_core.sweeps.sweep import Cell

_BASES = {
    "SGD high": {"optimizer.name": "sgd", "optimizer.lr": "0.1", "architecture.depth": "2"},
    "Adam high": {"optimizer.name": "adam", "optimizer.lr": "0.005", "architecture.depth": "2"},
    "SGD high, 4 layers": {"optimizer.name": "sgd", "optimizer.lr": "0.1", "architecture.depth": "4"},
}
"""A connected setting of table 2, one with a barrier, and the minimal model with two more layers."""

_LARGE_BATCH: dict[Size, str] = {"sketch": "128", "classroom": "1024", "paper": "1024"}
_WITHOUT_MOMENTUM = ("Adam high",)


def _variants(size: Size) -> dict[str, dict[str, str]]:
    return {
        "as it was": {},
        "larger batch": {"batch_size": _LARGE_BATCH[size]},
        "no momentum": {"optimizer.momentum": "0"},
        "weight decay": {"optimizer.weight_decay": "0.0005"},
        "cosine": {"schedule.name": "cosine"},
        "clipped gradients": {"optimizer.clip_norm": "1"},
    }


def _appendix_c(size: Size) -> tuple[Cell, ...]:
    return tuple(
        cell(MINIMAL[size], base | change, f"{setting}: {variant}", base | change)
        for setting, base in _BASES.items()
        for variant, change in _variants(size).items()
        if not (variant == "no momentum" and setting in _WITHOUT_MOMENTUM)
    )


APPENDIX_C = PaperPreset(
    name="appendixC",
    title="Appendix C: further training strategies",
    caption=(
        "The paper says in words, without numbers, that varying the batch size, turning momentum off, weight decay and a cosine "
        "schedule have no significant impact, and that clipping gradients can preserve connectivity."
    ),
    choices=(
        "what is varied: the minimal model under SGD 0.1 and Adam 0.005, and four layers under SGD 0.1 (the paper does not say)",
        "weight decay 0.0005, largest gradient norm 1, cosine from the first step to 0, the large batch 1,024 (128 on digits)",
        WIDTH,
        "batch size 128 elsewhere and momentum 0.9, as in table 2",
        REPEATS,
        INITIALISATION,
    ),
    chart="bars",
    measure="error",
    settings=MINIMAL_SETTINGS,
    cells=_appendix_c,
    panels=("optimizer.name", "architecture.depth"),
)
