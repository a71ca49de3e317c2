"""Masks: rows of 0 and 1 beside a network's weights, with exactly as many ones as a density leaves."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lmc_core.pruning.prunable import Prunable
from lmc_core.pruning.sizes import kept
from lmc_core.pruning.spec import Scope


def keep_largest(scores: Tensor, count: int) -> Tensor:
    """1 at the `count` largest of the scores [N], 0 elsewhere, exactly; of equal scores those that stand first are kept.

    What is not a number counts as the largest. Nothing here waits for an accelerator.
    """
    if count >= len(scores):
        return torch.ones_like(scores)
    scores = scores.nan_to_num(nan=torch.inf)
    threshold = torch.kthvalue(scores, len(scores) - count).values
    above, level = scores > threshold, scores == threshold
    return (above | level & (level.cumsum(0) <= count - above.sum())).to(scores.dtype)


def mask_of(scores: Tensor, prunable: Prunable, density: float, scope: Scope) -> Tensor:
    """The mask [size] that keeps the weights with the largest scores.

    Args:
        scores: [size], of which only the prunable count.
        prunable: where they lie.
        density: share of them that is kept: of all together, or of each tensor, to the nearest whole weight.
        scope: which of the two.
    """
    if scope == "global":
        return prunable.row(keep_largest(prunable.gather(scores), kept(prunable.weights, density)))
    return _by_tensor(
        prunable, [kept(size, density) for size in prunable.sizes], lambda place, count: _of_part(scores, prunable, place, count)
    )


def shuffled(mask: Tensor, prunable: Prunable, lot: Tensor) -> Tensor:
    """A mask [size] with as many ones in each tensor as the given one, at places that the lot [size] draws."""
    counts = [int(part.sum()) for part in prunable.parts(mask.double())]
    return _by_tensor(prunable, counts, lambda place, count: _of_part(lot, prunable, place, count))


def mask_of_nonzero(row: Tensor, prunable: Prunable) -> Tensor:
    """The mask [size] of the weights of a row that are not 0."""
    return prunable.row((prunable.gather(row) != 0).float())


def _of_part(scores: Tensor, prunable: Prunable, place: int, count: int) -> Tensor:
    return keep_largest(scores[prunable.slices[place]], count)


def _by_tensor(prunable: Prunable, counts: Sequence[int], of_tensor: Callable[[int, int], Tensor]) -> Tensor:
    return prunable.row(torch.cat([of_tensor(place, count) for place, count in enumerate(counts)]))
