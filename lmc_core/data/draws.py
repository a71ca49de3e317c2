"""What happens to each image of an epoch, drawn before it happens."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar, Self

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Draws(ABC):
    """The draws of one augmentation, by an image's position in the epoch's order: each field is a tensor of the same shape [...].

    Position i belongs to the i-th image that a member sees in the epoch, whichever it is: twins with equal augmentation seeds
    and other orders share the sequence of draws, not the augmented images.
    """

    dtypes: ClassVar[tuple[torch.dtype, ...]]
    """Of the fields, in their order."""

    @classmethod
    @abstractmethod
    def of_epoch(cls, seed: int, pair: int, epoch: int, samples: int, side: int) -> Self:
        """The draws of one member for one epoch, on the CPU.

        Args:
            seed: the member's augmentation seed.
            pair: index of the repeat, from 0.
            epoch: index of the epoch, from 0.
            samples: images in an epoch.
            side: of an image, in pixels.
        """

    @abstractmethod
    def apply(self, images: Tensor) -> Tensor:
        """The images as drawn, uint8 and not normalised; their side may change.

        Args:
            images: uint8 [..., C, H, W], where the draws have the shape [...]; those are brought to the images' device.
        """

    @classmethod
    def zeros(cls, shape: tuple[int, ...], device: torch.device) -> Self:
        """Draws of a shape, to be filled."""
        return cls(*(torch.zeros(shape, dtype=dtype, device=device) for dtype in cls.dtypes))

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """All fields."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def map(self, change: Callable[[Tensor], Tensor]) -> Self:
        """The draws with every field changed in the same way."""
        return type(self)(*map(change, self.parts))

    def __getitem__(self, index: slice | Tensor) -> Self:
        return self.map(lambda part: part[index])
