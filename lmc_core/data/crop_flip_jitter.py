"""Random crop, horizontal flip and colour jitter, on whole batches at once (the blog)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Self

import torch
from torch import Tensor
from typing_extensions import override

from lmc_core.data.draws import Draws
from lmc_core.data.noise import generator

STRENGTH = {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1}
"""How far each factor may go from 1, and the hue from 0, as torchvision's ColorJitter takes them; the blog does not say."""
ORDERS = tuple(permutations(range(4)))
"""The orders in which brightness, contrast, saturation and hue may be changed."""
GREY = (0.2989, 0.587, 0.114)
"""Weights of red, green and blue in a grey image (ITU-R 601-2, with torchvision's digits)."""


@dataclass(frozen=True, eq=False)
class CropFlipJitter(Draws):
    """Crops of three quarters of the side, flips with probability 1/2, and ColorJitter's four changes in random order.

    The crop is brought to the network's side with all that is resized for it, once and after the jitter: of 32 pixels 24 are
    left, so the jitter costs a part of what it would cost at the network's size.

    Attributes:
        top: int64 [...], the crop's first row.
        left: int64 [...], its first column.
        flip: bool [...], whether the crop is mirrored left to right.
        order: int64 [...], index in `ORDERS`.
        brightness: float32 [...], factor.
        contrast: float32 [...], factor.
        saturation: float32 [...], factor.
        hue: float32 [...], part of the colour circle.
    """

    dtypes = (torch.int64, torch.int64, torch.bool, torch.int64, *[torch.float32] * 4)

    top: Tensor
    left: Tensor
    flip: Tensor
    order: Tensor
    brightness: Tensor
    contrast: Tensor
    saturation: Tensor
    hue: Tensor

    @classmethod
    @override
    def of_epoch(cls, seed: int, pair: int, epoch: int, samples: int, side: int) -> Self:
        source = generator(seed, "augmentation", pair, epoch)
        top, left = torch.randint(side - crop_side(side) + 1, (2, samples), generator=source)
        flip = torch.randint(2, (samples,), generator=source).bool()
        order = torch.randint(len(ORDERS), (samples,), generator=source)
        factors = [
            torch.empty(samples).uniform_(middle - strength, middle + strength, generator=source)
            for middle, strength in zip((1.0, 1.0, 1.0, 0.0), STRENGTH.values(), strict=True)
        ]
        return cls(top, left, flip, order, *factors)

    @override
    def apply(self, images: Tensor) -> Tensor:
        own = self.map(lambda part: part.reshape(-1).to(images.device))
        crops = _cut(images.reshape(-1, *images.shape[-3:]), own)
        order = _orders(images.device).index_select(0, own.order)
        changes = (_brighten, _contrast, _saturate, _turn_hue)
        for place in range(len(changes)):
            for which, (change, factor) in enumerate(zip(changes, own.parts[4:], strict=True)):
                crops = _changed(crops, order[:, place] == which, change, factor[:, None, None, None])
        return torch.unflatten(crops, 0, images.shape[:-3])


def crop_side(side: int) -> int:
    """Pixels of a crop's side: three quarters of the image's, rounded down (24 of 32, as in the blog)."""
    return side * 3 // 4


@cache
def _orders(device: torch.device) -> Tensor:
    """`ORDERS` as int64 [24, 4], kept on a device: a captured step may not copy it there."""
    return torch.tensor(ORDERS, device=device)


def _cut(images: Tensor, draws: CropFlipJitter) -> Tensor:
    """The crops [B, C, s, s], mirrored where the draws say so."""
    count, channels, height, width = images.shape
    place = torch.arange(crop_side(height), device=images.device)
    columns = torch.where(draws.flip[:, None], place.flip(0), place)
    index = (draws.top[:, None] + place)[:, :, None] * width + (draws.left[:, None] + columns)[:, None, :]
    flat = index.flatten(1)[:, None, :].expand(-1, channels, -1)
    return images.flatten(2).gather(2, flat).view(count, channels, len(place), len(place))


def _changed(images: Tensor, chosen: Tensor, change: Callable[[Tensor, Tensor], Tensor], factor: Tensor) -> Tensor:
    """The images, of which the chosen ones are changed; an accelerator changes all, since to count them it would be waited for."""
    if images.device.type != "cpu":
        return torch.where(chosen[:, None, None, None], change(images, factor), images)
    which = chosen.nonzero().flatten()
    return images.index_copy_(0, which, change(images[which], factor[which]))


def _brighten(images: Tensor, factor: Tensor) -> Tensor:
    return _as_bytes(images * factor)


def _contrast(images: Tensor, factor: Tensor) -> Tensor:
    return _blend(images, _grey(images).mean((1, 2, 3), keepdim=True), factor)


def _saturate(images: Tensor, factor: Tensor) -> Tensor:
    return images if images.shape[1] == 1 else _blend(images, _grey(images), factor)


def _turn_hue(images: Tensor, turn: Tensor) -> Tensor:
    if images.shape[1] == 1:
        return images
    hue, saturation, value = _hsv(images)
    return (_rgb((hue + turn[:, 0]).remainder_(1), saturation, value) * (256 - 1e-3)).to(torch.uint8)


def _grey(images: Tensor) -> Tensor:
    """Grey images float32 [B, 1, H, W] in whole numbers."""
    if images.shape[1] == 1:
        return images.float()
    red, green, blue = images.unbind(1)
    return red.mul(GREY[0]).add_(green, alpha=GREY[1]).add_(blue, alpha=GREY[2]).floor_().unsqueeze(1)


def _blend(images: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """The mix share · images + (1 - share) · other; the sum is rounded once, as torch adds a multiple of a tensor."""
    return _as_bytes(((images * share).double() + (1 - share).double() * other.double()).float())


def _as_bytes(numbers: Tensor) -> Tensor:
    """As torchvision makes them: cut off at both ends, and not rounded."""
    return numbers.clamp_(0, 255).to(torch.uint8)


def _hsv(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue, saturation and value [B, H, W] in [0, 1] of bytes [B, 3, H, W], with torchvision's steps and rounding."""
    scaled = images.float().mul_(1 / 255)
    red, green, _ = scaled.unbind(1)
    low, high = torch.aminmax(scaled, dim=1)
    spread, grey = high - low, high == low
    to_red, to_green, to_blue = ((high.unsqueeze(1) - scaled) / spread.masked_fill(grey, 1).unsqueeze(1)).unbind(1)
    is_red, is_green = high == red, high == green
    hue = (to_blue - to_green) * is_red
    hue = hue + (to_red + 2 - to_blue) * (is_green & ~is_red) + (to_green + 4 - to_red) * ~(is_red | is_green)
    return (hue * (1 / 6) + 1).fmod_(1), spread / high.masked_fill(grey, 1), high


def _rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Red, green and blue [B, 3, H, W] in [0, 1], with torchvision's steps and rounding."""
    sixfold = hue * 6
    sector = sixfold.floor()
    part = (sixfold - sector) * saturation
    none = ((1 - saturation) * value).clamp_(0, 1)
    falling = ((1 - part) * value).clamp_(0, 1)
    rising = ((part + (1 - saturation)) * value).clamp_(0, 1)
    choice = _sectors(hue.device)[:, sector.long().remainder_(6)].transpose(0, 1)
    return torch.stack((value, none, falling, rising), 1).gather(1, choice)


@cache
def _sectors(device: torch.device) -> Tensor:
    """Which of value, none, falling and rising is red, green and blue in each sixth of the circle: int64 [3, 6]."""
    return torch.tensor(((0, 2, 1, 1, 3, 0), (3, 0, 0, 2, 1, 1), (1, 1, 3, 0, 0, 2)), device=device)
