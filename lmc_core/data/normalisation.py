"""From bytes to the numbers that a network sees."""

from functools import cache

import torch
from torch import Tensor

from lmc_core.data.spec import DatasetName

Statistics = tuple[tuple[float, ...], tuple[float, ...]]

CHANNEL_STATISTICS: dict[DatasetName, Statistics] = {
    "digits": ((0.3052,), (0.3756,)),
    "mnist": ((0.1307,), (0.3081,)),
    "fashion_mnist": ((0.2860,), (0.3530,)),
    "cifar10": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    "cifar100": ((0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)),
    "tiny_imagenet": ((0.4802, 0.4481, 0.3975), (0.2770, 0.2691, 0.2821)),
}
"""Mean and standard deviation of each channel over all training images in [0, 1], rounded to four digits.

They belong to the data set as catalogued: a run on some of its training images is normalised by the same numbers.
The papers do not say how they normalise.
"""


def normalise(images: Tensor, mean: tuple[float, ...], std: tuple[float, ...], dtype: torch.dtype = torch.float32) -> Tensor:
    """(images / 255 - mean) / std, of the images' shape and on their device.

    The steps and their rounding are those of torchvision's ToTensor and Normalize: float32, one operation after the other,
    divisions that are divisions on every device (a GPU would turn one by a plain number into a product). So the same bytes
    give the same bits everywhere; a dtype other than float32 is rounded to at the end.

    Args:
        images: uint8 [..., C, H, W].
        mean: one number a channel, for images in [0, 1].
        std: likewise.
        dtype: of the result.
    """
    scale, shift, spread = (_on(images.device, numbers) for numbers in ((255.0,), mean, std))
    return (images.to(torch.float32) / scale).sub_(shift).div_(spread).to(dtype)


@cache
def _on(device: torch.device, numbers: tuple[float, ...]) -> Tensor:
    """The numbers of channels [C, 1, 1], kept on a device: a captured step may not copy them there."""
    return torch.tensor(numbers, dtype=torch.float32, device=device)[:, None, None]
