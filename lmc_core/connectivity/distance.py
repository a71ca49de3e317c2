"""How far apart two networks' parameters lie."""

import math

import torch
from torch import Tensor

from lmc_core.connectivity.results import Distance

BLOCK = 1 << 20
"""Numbers at a time: the sums are in float64 without a float64 copy of a whole network."""


def distance(a: Tensor, b: Tensor) -> Distance:
    """L2 norm of a - b, and 1 - cosine similarity of a and b; None where a number is not finite or a norm is 0.

    Args:
        a: all parameters of a network as one vector.
        b: likewise, of the same shape.
    """
    squares = torch.zeros(4, dtype=torch.float64, device=a.device)
    for left, right in zip(a.split(BLOCK), b.split(BLOCK), strict=True):
        x, y = left.double(), right.double()
        difference = x - y
        squares += torch.stack([difference.dot(difference), x.dot(x), y.dot(y), x.dot(y)])
    between, of_a, of_b, product = squares.tolist()
    l2 = math.sqrt(between) if math.isfinite(between) else None
    norms = math.sqrt(of_a) * math.sqrt(of_b)
    if not math.isfinite(norms) or norms == 0 or not math.isfinite(product):
        return Distance(l2=l2, cosine=None)
    return Distance(l2=l2, cosine=0.0 if between == 0 else max(0.0, 1 - product / norms))
