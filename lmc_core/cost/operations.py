"""What a step of a run computes, counted and not timed. Imports no torch."""

from lmc_core.experiment import Experiment
from lmc_core.models.facts import FLOAT, KEPT_IMAGES
from lmc_core.models.load import NOTHING, Load
from lmc_core.optim.spec import Adam, AdamW

FRESH_BYTES = 32 * 2**20
"""A batch of more than so many bytes is given new memory by the system at each step."""
FRESH_NUMBERS = 14
"""How many numbers moved one number in new memory counts as."""


def step(spec: Experiment, images: float) -> Load:
    """One member's gradients of a batch, and its optimiser's step."""
    loss = Load(14, 0, 12 * images * spec.data.classes)
    gradients = spec.architecture.gradients(spec.data, images)
    return batch(spec, images) + gradients + loss + optimizer_step(spec, spec.sizes.parameters)


def optimizer_step(spec: Experiment, parameters: int) -> Load:
    """The passes of an update rule over the parameters."""
    optimizer = spec.optimizer
    clipping = Load(5, 0, 3 * parameters) if optimizer.clip_norm else NOTHING
    decay = Load(1, 0, 3 * parameters) if optimizer.weight_decay else NOTHING
    match optimizer:
        case Adam() | AdamW():
            return Load(9, 0, 21 * parameters) + decay + clipping
        case _:
            momentum = Load(1 + optimizer.nesterov, 0, (3 + 3 * optimizer.nesterov) * parameters) if optimizer.momentum else NOTHING
            return Load(1, 0, 3 * parameters) + momentum + decay + clipping


def batch(spec: Experiment, images: float) -> Load:
    """A batch drawn and made ready: gathered, or cut, moved, coloured, resized and normalised anew."""
    numbers = images * spec.input_numbers
    fresh = FRESH_NUMBERS if numbers * FLOAT > FRESH_BYTES else 0
    gathered = Load(26, 0, (3 + fresh) * numbers)
    features = spec.data.features
    match spec.augmentation:
        case "none":
            return gathered if keeps_images(spec, spec.samples) else gathered + prepared(spec, images)
        case "shift_flip":
            return gathered + Load(30, 0, 24 * images * features) + prepared(spec, images)
        case _:
            return gathered + Load(160, 0, 240 * images * features) + prepared(spec, images)


def prepared(spec: Experiment, images: float) -> Load:
    """Images made ready for the network from bytes."""
    seen, own = spec.input_numbers, spec.data.features
    resized = Load(12, 0, 30 * images * seen) if seen != own else NOTHING
    return Load(8, 0, 6 * images * seen) + resized


def keeps_images(spec: Experiment, images: int) -> bool:
    """Whether a split of so many images is kept ready for the network."""
    return images * spec.input_numbers * FLOAT <= KEPT_IMAGES
