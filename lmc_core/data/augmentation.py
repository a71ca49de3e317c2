"""The augmentations by their names in a spec."""

from typing import Literal

from lmc_core.data.crop_flip_jitter import CropFlipJitter
from lmc_core.data.draws import Draws
from lmc_core.data.shift_flip import ShiftFlip

Augmentation = Literal["none", "shift_flip", "crop_flip_jitter"]

DRAWS: dict[Augmentation, type[Draws] | None] = {"none": None, "shift_flip": ShiftFlip, "crop_flip_jitter": CropFlipJitter}
"""What each augmentation draws; None where images stay as they are."""
