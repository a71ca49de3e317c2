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

    def gradient(self, weights: Tensor, images: Tensor) -> Tensor:
        """The gradient [P] of the mean loss over some training images at a row of weights [P]."""
        return mean_gradient(self.net, self.train, images, weights, self.slope, self.batch_size, self.scratch)

    def generator(self, purpose: Purpose) -> torch.Generator:
        """Random numbers from the seeds alone."""
        return generator(self.seed, purpose, self.pair, 0)


def mean_gradient(net: StackedNet, samples: Samples, index: Tensor, row: Tensor, slope: Slope, batch_size: int, scratch: Scratch) -> Tensor:
    """The gradient [P] of the mean loss over some images.

    Args:
        net: the architecture.
        samples: from which the images come, as they are.
        index: int64 [n], which of them.
        row: the network's parameters [P].
        slope: of its Leaky-ReLU.
        batch_size: images that pass at a time; it changes the result by rounding alone.
        scratch: of the calling thread.
    """
    parameters, total = row.clone().unsqueeze(0), torch.zeros_like(row)
    gradients = torch.zeros_like(parameters)
    views, gradient_views = net.layout.views(parameters), net.layout.views(gradients)
    for images in index.split(batch_size):
        here = images.unsqueeze(0)
        net.gradients(views, gradient_views, samples.batch(here), samples.labels[here], slope, scratch)
        total.add_(gradients[0], alpha=len(images) / len(index))
    return total
