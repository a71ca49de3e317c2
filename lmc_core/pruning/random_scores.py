"""Scores by lot: a mask that knows nothing of the weights."""

import torch
from torch import Tensor

from lmc_core.data.noise import Purpose, generator
from lmc_core.pruning.scoring import Scoring


def lot(seed: int, purpose: Purpose, pair: int, size: int) -> Tensor:
    """A score [size] for each number of a row, drawn from the seeds alone: the ranks of a permutation, so none are equal.

    Masks of falling density from one lot lie in each other, as those of a trained network's weights do. In float64, which
    holds each rank exactly.

    Args:
        seed: the spec's seed of the initialisation.
        purpose: what the draw is for.
        pair: index of the repeat.
        size: of the row.
    """
    return torch.randperm(size, generator=generator(seed, purpose, pair, 0)).double()


def scores(scoring: Scoring) -> Tensor:
    """A lot [P] for the random method."""
    return lot(scoring.seed, "mask", scoring.pair, scoring.net.layout.size).to(scoring.device)
