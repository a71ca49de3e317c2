"""What networks compute, counted and not timed: calls of operations, multiply-adds, numbers moved. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

THIN = 24
"""A product whose shortest side is so long takes twice the time of its multiply-adds; a processor's kernels are larger."""
MATRIX_CALLS = 0.2
"""Calls that each matrix of a stack of products counts as."""
TANGLED = 3
"""How often autograd's passes and the gradients' copies repeat the calls of a forward pass."""
SCORES = 1 << 18
"""Scores of attention that are computed at a time, as in `lmc_core.models.stacked.attended`."""
PATCHED = 14
"""How many numbers moved one number of an image counts as that is cut into patches by a convolution."""


@dataclass(frozen=True)
class Load:
    """An amount of computing."""

    calls: float = 0.0
    """Operations, each of which takes a time of its own however small it is."""
    products: float = 0.0
    """Multiply-adds; those of thin matrices count for more."""
    numbers: float = 0.0
    """Numbers read or written besides the products."""

    def __add__(self, other: Self) -> "Load":
        return Load(self.calls + other.calls, self.products + other.products, self.numbers + other.numbers)

    def __mul__(self, times: float) -> "Load":
        return Load(self.calls * times, self.products * times, self.numbers * times)

    @property
    def without_calls(self) -> "Load":
        """What each further member of a stack adds."""
        return Load(0.0, self.products, self.numbers)


NOTHING = Load()


def product(rows: float, inner: float, columns: float, count: float = 1) -> Load:
    """A product of matrices, or of a stack of them."""
    multiply_adds = count * rows * inner * columns
    numbers = count * (rows * inner + inner * columns + rows * columns)
    return Load(1 + MATRIX_CALLS * (count - 1), multiply_adds * (1 + THIN / min(rows, inner, columns)), numbers)


def dense(sizes: Sequence[int], images: float) -> Load:
    """Dense layers one after the other, with their activations."""
    total = NOTHING
    for inputs, outputs in pairwise(sizes):
        total = total + product(images, inputs, outputs) + Load(2, 0, 2 * images * inputs)
    return total
