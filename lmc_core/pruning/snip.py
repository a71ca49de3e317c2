"""SNIP's score: what the loss would feel of each weight's going, before training (Lee et al. 2019, Eq. 6)."""

from torch import Tensor

from lmc_core.models.stacked import Samples, Scratch, Slope, StackedNet
from lmc_core.pruning.scoring import Scoring, mean_gradient
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
    return mean_gradient(net, samples, index, row, slope, batch_size, scratch).mul_(row).abs_()


def scores(scoring: Scoring) -> Tensor:
    """SNIP's score of each weight [P]."""
    pruning = scoring.pruning
    images = scoring.images(pruning.images if isinstance(pruning, Snip) else len(scoring.train))
    return scoring.gradient(scoring.weights, images).mul_(scoring.weights).abs_()
