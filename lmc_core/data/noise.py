"""Every random draw of a training, each from a generator of its own: no global seed, no order of calls that matters."""

import hashlib
from typing import Literal

import torch
from torch import Tensor

Purpose = Literal["init", "order", "augmentation", "subset", "test_subset", "split", "redrawn", "mask", "control", "score"]


def generator(seed: int, purpose: Purpose, pair: int, epoch: int) -> torch.Generator:
    """A fresh CPU generator that depends on its four arguments alone.

    The seed of the generator is the start of the sha256 of the four, so that neighbouring seeds, pairs and epochs share
    nothing. Torch's Mersenne Twister takes 32 bits of it: two given streams coincide with probability 2**-32.

    Args:
        seed: the spec's seed for this purpose.
        purpose: what the draws are for; the same seed gives other draws for another purpose.
        pair: index of the repeat, from 0.
        epoch: index of the epoch, from 0; 0 for draws that are made once.
    """
    digest = hashlib.sha256(f"{seed}/{purpose}/{pair}/{epoch}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:4], "big"))


def epoch_order(seed: int, pair: int, epoch: int, samples: int) -> Tensor:
    """The order in which one member sees the training images in one epoch: int64 [samples], a permutation, on the CPU."""
    return torch.randperm(samples, generator=generator(seed, "order", pair, epoch))
