"""The matrix products of stacked networks, in float32 or with bfloat16 factors."""

import torch
from torch import Tensor

from lmc_core.models.spec import Precision


def multiply(left: Tensor, right: Tensor, out: Tensor, precision: Precision) -> None:
    """Writes left @ right for each of a stack of matrices into float32 `out`.

    In bfloat16, factors and product are rounded to bfloat16, as torch.autocast does; sums inside stay in float32.

    Args:
        left: [K, M, N].
        right: [K, N, O].
        out: [K, M, O].
        precision: of the factors.
    """
    if precision == "float32":
        torch.bmm(left, right, out=out)
    else:
        out.copy_(torch.bmm(left.bfloat16(), right.bfloat16()))


def affine(bias: Tensor, left: Tensor, right: Tensor, out: Tensor, precision: Precision) -> None:
    """Writes bias + left @ right into `out`; bias [K, O] belongs to columns. Otherwise as `multiply`."""
    if precision == "float32":
        torch.baddbmm(bias.unsqueeze(1), left, right, out=out)
    else:
        out.copy_(torch.baddbmm(bias.bfloat16().unsqueeze(1), left.bfloat16(), right.bfloat16()))
