"""One network of a cohort: who it is, what noise it sees, how it learns."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lmc_core.data.augmentation import DRAWS, Augmentation
from lmc_core.data.draws import Draws
from lmc_core.data.noise import epoch_order
from lmc_core.experiment import Experiment
from lmc_core.models.stacked import slope_of
from lmc_core.network_keys import Twin


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
        density: share of its prunable weights that it has when its training ends.
        augmentation: what is drawn from that seed; the same for all members of a cohort.
        recorded: whether its loss and its weights that are not 0 are written down at each step.
    """

    pair: int
    twin: Twin
    order_seed: int
    augmentation_seed: int | None
    lr: float
    warmup_steps: int
    clip_norm: float
    slope: float
    density: float = 1.0
    augmentation: Augmentation = "none"
    recorded: bool = False


def members_of(spec: Experiment, twin: Twin) -> tuple[Member, ...]:
    """The spec's twins A, or B, or rounding twins, of all pairs; a rounding twin has the noise of A."""
    return tuple(member_of(spec, pair, twin) for pair in range(spec.repeats))


def member_of(spec: Experiment, pair: int, twin: Twin) -> Member:
    """One network of the spec."""
    which = 1 if twin == "b" else 0
    return Member(
        pair=pair,
        twin=twin,
        order_seed=spec.seeds.order[which],
        augmentation_seed=None if spec.augmentation == "none" else spec.seeds.augmentation[which],
        lr=spec.optimizer.lr,
        warmup_steps=round(spec.schedule.warmup_epochs * spec.steps_per_epoch),
        clip_norm=spec.optimizer.clip_norm,
        slope=slope_of(spec.architecture),
        augmentation=spec.augmentation,
    )


class Noise:
    """The noise that members see, epoch by epoch, in tensors that stay where they are, so that a captured step can read them.

    A rounding twin sees the same images in each batch, moved and mirrored in the same way, as twin A, but the last of them
    first: its gradients are the same sums taken in another order, so they differ by rounding alone.

    Members with equal seeds share what is drawn, as the cells of a sweep do.

    Args:
        members: whose seeds count.
        samples: training images.
        batch_size: images a step.
        side: of an image, in pixels.
        device: where batches are made.
    """

    def __init__(self, members: Sequence[Member], samples: int, batch_size: int, side: int, device: torch.device) -> None:
        self._samples = samples
        self._side = side
        self._backwards = torch.cat([part.flip(0) for part in torch.arange(samples).split(batch_size)])
        seen = [(member.order_seed, member.augmentation_seed, member.pair, member.twin == "r") for member in members]
        self._seen = sorted(set(seen), key=seen.index)
        self._of_member = torch.tensor([self._seen.index(noise) for noise in seen], device=device)
        shape = (len(self._seen), samples)
        self._order = torch.zeros(shape, dtype=torch.int64, device=device)
        self._kind = DRAWS[members[0].augmentation]
        self._draws = None if self._kind is None else self._kind.zeros(shape, device)
        self._epoch: int | None = None

    def begin(self, epoch: int) -> None:
        """Draws the noise of an epoch, from 0, unless it is drawn already."""
        if self._epoch == epoch:
            return
        self._epoch = epoch
        for row, (order_seed, augmentation_seed, pair, backwards) in enumerate(self._seen):
            order = epoch_order(order_seed, pair, epoch, self._samples)
            self._order[row].copy_(order[self._backwards] if backwards else order)
            if self._kind is not None and self._draws is not None and augmentation_seed is not None:
                drawn = self._kind.of_epoch(augmentation_seed, pair, epoch, self._samples, self._side)
                drawn = drawn[self._backwards] if backwards else drawn
                for kept, new in zip(self._draws.parts, drawn.parts, strict=True):
                    kept[row].copy_(new)

    def batch(self, positions: Tensor) -> tuple[Tensor, Draws | None]:
        """Indices int64 [K, b] of the images at the positions int64 [b] of the epoch, and what happens to them."""

        def of_members(drawn: Tensor) -> Tensor:
            return drawn.index_select(1, positions).index_select(0, self._of_member)

        return of_members(self._order), None if self._draws is None else self._draws.map(of_members)
