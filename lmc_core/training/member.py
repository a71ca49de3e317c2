"""One network of a cohort: who it is, what noise it sees, how it learns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lmc_core.data.augmentation import Draws, epoch_draws
from lmc_core.data.noise import epoch_order
from lmc_core.models.stacked import slope_of
from lmc_core.spec import TwinsSpec

Twin = Literal["a", "b", "r"]
"""Twin A, twin B, and the rounding twin of A."""


@dataclass(frozen=True)
class Member:
    """What belongs to one network and not to the cohort.

    Attributes:
        pair: index of the repeat.
        twin: which of the pair.
        order_seed: of its data order.
        augmentation_seed: of its augmentation, None where images stay as they are.
        lr: highest learning rate.
        warmup_steps: steps of linear warm-up.
        clip_norm: largest norm of the whole gradient; 0 is off.
        slope: of its Leaky-ReLU.
    """

    pair: int
    twin: Twin
    order_seed: int
    augmentation_seed: int | None
    lr: float
    warmup_steps: int
    clip_norm: float
    slope: float


def members_of(spec: TwinsSpec, twin: Twin) -> tuple[Member, ...]:
    """The spec's twins A, or B, or rounding twins, of all pairs; a rounding twin has the noise of A."""
    which = 1 if twin == "b" else 0
    return tuple(
        Member(
            pair=pair,
            twin=twin,
            order_seed=spec.seeds.order[which],
            augmentation_seed=None if spec.augmentation == "none" else spec.seeds.augmentation[which],
            lr=spec.optimizer.lr,
            warmup_steps=round(spec.schedule.warmup_epochs * spec.steps_per_epoch),
            clip_norm=spec.optimizer.clip_norm,
            slope=slope_of(spec.architecture),
        )
        for pair in range(spec.repeats)
    )


class EpochNoise:
    """The noise that members see in one epoch.

    A rounding twin sees the same images in each batch, moved and mirrored in the same way, as twin A, but the last of them
    first: its gradients are the same sums taken in another order, so they differ by rounding alone.

    Args:
        members: whose seeds count.
        epoch: from 0.
        samples: training images.
        batch_size: images a step.
        side: of an image, in pixels.
        device: where batches are made.
    """

    def __init__(self, members: Sequence[Member], epoch: int, samples: int, batch_size: int, side: int, device: torch.device) -> None:
        self.epoch = epoch
        orders, draws = [], []
        for member in members:
            seen = _reversed_in_batches(samples, batch_size) if member.twin == "r" else slice(None)
            orders.append(epoch_order(member.order_seed, member.pair, epoch, samples)[seen])
            if member.augmentation_seed is not None:
                draws.append(epoch_draws(member.augmentation_seed, member.pair, epoch, samples, side)[seen])
        self._order = torch.stack(orders).to(device)
        self._draws: Draws | None = None
        if draws:
            right, down, flip = (torch.stack([getattr(draw, field) for draw in draws]).to(device) for field in ("right", "down", "flip"))
            self._draws = Draws(right, down, flip)

    def batch(self, start: int, stop: int) -> tuple[Tensor, Draws | None]:
        """Indices int64 [K, stop - start] of the images at these positions of the epoch, and what happens to them."""
        here = (slice(None), slice(start, stop))
        draws = self._draws
        return self._order[here], None if draws is None else Draws(draws.right[here], draws.down[here], draws.flip[here])


def _reversed_in_batches(samples: int, batch_size: int) -> Tensor:
    """Positions int64 [samples] of an epoch's images, each batch from its last to its first."""
    return torch.cat([part.flip(0) for part in torch.arange(samples).split(batch_size)])
