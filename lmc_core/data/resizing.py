"""Images at another size."""

from typing import Literal

from torch import Tensor

Resample = Literal["bilinear", "bicubic", "lanczos"]


def resize(images: Tensor, side: int, resample: Resample = "bilinear") -> Tensor:
    """The images at side × side pixels, as torchvision.transforms.v2 and transformers' image processors make them.

    With antialiasing, rounded to bytes. A GPU has no Lanczos filter: there it is the bicubic one, as in transformers.

    Args:
        images: uint8 [B, C, H, W].
        side: of the result.
        resample: the filter.
    """
    if images.shape[-2:] == (side, side):
        return images
    from torchvision.transforms.v2 import InterpolationMode, functional  # takes a second to import

    known = resample if images.device.type == "cpu" or resample != "lanczos" else "bicubic"
    resized: Tensor = functional.resize(images, [side, side], InterpolationMode(known), antialias=True)
    return resized
