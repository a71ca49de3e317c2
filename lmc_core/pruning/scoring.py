"""What a method may look at when it scores the weights of a network."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from lmc_core.data.noise import Purpose, generator
from lmc_core.models.stacked import Samples, Scratch, Slope, StackedNet
from lmc_core.pruning.spec import Pruning


@dataclass(frozen=True)
class Scoring:
    """One network of which some weights go. The higher its score, the longer a weight stays.

    Attributes:
        pruning: what is asked for.
        net: the architecture.
        train: the training split.
        weights_of: gives the network's row [P].
        slope: of its Leaky-ReLU.
        batch_size: images that pass at a time.
        seed: of the initialisation.
        pair: index of the repeat, from 0.
        device: on which the row is.
        scratch: of the calling thread.
    """

    pruning: Pruning
    net: StackedNet
    train: Samples
    weights_of: Callable[[], Tensor]
    slope: Slope
    batch_size: int
    seed: int
    pair: int
    device: torch.device
    scratch: Scratch

    @cached_property
    def weights(self) -> Tensor:
        """The network's row [P]."""
        return self.weights_of()

    def images(self, count: int) -> Tensor:
        """Which training images are looked at, int64 [count], at most all; drawn from the seeds alone."""
        order = torch.randperm(len(self.train), generator=self.generator("score"))
        return order[:count].to(self.device)

    def generator(self, purpose: Purpose) -> torch.Generator:
        """Random numbers from the seeds alone."""
        return generator(self.seed, purpose, self.pair, 0)
