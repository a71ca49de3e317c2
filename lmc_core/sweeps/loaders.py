"""Figure 4: the first batches that a seed draws, as images."""

from lmc_core.sweeps.plan import PaperPreset

FIGURE4 = PaperPreset(
    name="figure4",
    title="Figure 4: the same seed draws the same batches",
    caption=(
        "The first batches under two pairs of seeds, for the data order and for the augmentation, each drawn three times from the "
        "start: the rows of one seed are the same to the byte, those of two seeds are not. Drawn by the code that trains."
    ),
    choices=(
        "seeds 43 and 118, random translation and horizontal flip (the paper's caption)",
        "translation by up to an eighth of the side (the paper does not say how far)",
        "the generator is this project's own, so the images are others than the paper's",
    ),
    chart="images",
    measure="error",
    settings={
        "sketch": "Digits 8×8 instead of CIFAR-10.",
        "classroom": "CIFAR-10, the paper's data set.",
        "paper": "CIFAR-10, the paper's data set.",
    },
    cells=lambda _size: (),
    trains=False,
)
