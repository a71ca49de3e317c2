"""The images that a training sees first, before they are normalised: order and augmentation as a member draws them."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from lmc_core.data.augmentation import DRAWS
from lmc_core.data.dataset import Dataset
from lmc_core.data.noise import epoch_order
from lmc_core.data.subset import first
from lmc_core.experiment import TwinsSpec
from lmc_core.training.member import Member, members_of


def first_batches(spec: TwinsSpec, dataset: Dataset, drawings: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """For twins A and B of the first pair, each several times: order seed, number of the drawing from 1, the first batch.

    Each drawing starts anew, with generators of its own, as a training that starts does (paper, appendix A.1).

    Args:
        spec: whose seeds, batch size and augmentation count.
        dataset: its images.
        drawings: times that each batch is drawn.

    Yields:
        The images as uint8 [B, H, W] or [B, H, W, 3].
    """
    split = first(dataset, spec.train_samples, spec.test_samples).train_images
    for member in (members_of(spec, "a")[0], members_of(spec, "b")[0]):
        for drawing in range(1, drawings + 1):
            yield member.order_seed, drawing, _first_batch(member, split, spec.batch_size)


def _first_batch(member: Member, images: Tensor, batch_size: int) -> np.ndarray:
    samples, here = len(images), slice(0, batch_size)
    seen = images[epoch_order(member.order_seed, member.pair, 0, samples)[here]]
    kind = DRAWS[member.augmentation]
    if kind is not None and member.augmentation_seed is not None:
        seen = kind.of_epoch(member.augmentation_seed, member.pair, 0, samples, images.shape[-1])[here].apply(seen)
    pixels: np.ndarray = seen.numpy()
    return pixels[:, 0] if pixels.shape[1] == 1 else pixels.transpose(0, 2, 3, 1)
