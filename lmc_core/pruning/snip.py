"""SNIP's score: what the loss would feel of each weight's going, before training (Lee et al. 2019, Eq. 6)."""

import torch
from torch import Tensor

from lmc_core.models.stacked import Samples, Scratch, Slope, StackedNet
from lmc_core.pruning.scoring import Scoring
from lmc_core.pruning.spec import Snip


def connection_sensitivity(
    net: StackedNet, samples: Samples, index: Tensor, row: Tensor, slope: Slope, batch_size: int, scratch: Scratch
) -> Tensor:
    """|weight × gradient| of each number of a row [size], the gradient being that of the mean loss over some images.

    Args:
        net: the architecture.
        samples: from which the images come, as they are.
        index: int64 [n], which of them.
        row: the network's parameters.
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
    return total.mul_(row).abs_()


def scores(scoring: Scoring) -> Tensor:
    """SNIP's score of each weight [P]."""
    images = scoring.images(scoring.pruning.images if isinstance(scoring.pruning, Snip) else len(scoring.train))
    how = scoring.slope, scoring.batch_size, scoring.scratch
    return connection_sensitivity(scoring.net, scoring.train, images, scoring.weights, *how)
