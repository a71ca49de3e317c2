"""Attention between the tokens of each image, some images at a time so that their scores stay in cache."""

import math
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import override

SCORES = {"cpu": 1 << 18, "cuda": 1 << 28}
"""Scores that are computed at a time; on a CPU they stay in cache."""


def attended(projected: Tensor, heads: int, fused: bool) -> Tensor:
    """The values of each head, mixed by the attention of its queries to its keys: [N, T, d].

    Args:
        projected: [N, T, 3d], queries, keys and values beside each other.
        heads: among which d is parted.
        fused: whether torch's fused kernel computes it; else the products and the softmax are taken one after the other.
    """
    if fused:
        queries, keys, values = projected.unflatten(2, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(queries, keys, values).transpose(1, 2).flatten(2)
    return cast("Tensor", _Attention.apply(projected, heads))


class _Attention(torch.autograd.Function):
    @staticmethod
    @override
    def forward(ctx: torch.autograd.function.FunctionCtx, projected: Tensor, heads: int) -> Tensor:
        images, tokens, three = projected.shape
        mixed = projected.new_empty(images, tokens, three // 3)
        weights = projected.new_empty(images * heads, tokens, tokens)
        for part in _parts(projected, heads):
            queries, keys, values = _scaled_by_head(projected[part], heads)
            here = weights[part.start * heads : part.stop * heads]
            torch.softmax(torch.bmm(queries, keys.mT), -1, out=here)
            mixed[part].unflatten(2, (heads, -1)).copy_(torch.bmm(here, values).unflatten(0, (-1, heads)).transpose(1, 2))
        ctx.save_for_backward(projected, weights)
        ctx.heads = heads  # type: ignore[attr-defined]
        return mixed

    @staticmethod
    @override
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        projected, weights = ctx.saved_tensors  # type: ignore[attr-defined]
        heads: int = ctx.heads  # type: ignore[attr-defined]
        result = torch.empty_like(projected)
        for part in _parts(projected, heads):
            queries, keys, values = _scaled_by_head(projected[part], heads)
            here = weights[part.start * heads : part.stop * heads]
            (of_mixed,) = _by_head(gradient[part], heads, 1)
            of_weights = torch.bmm(of_mixed, values.mT)
            of_scores = torch._softmax_backward_data(of_weights, here, -1, of_weights.dtype)
            of_queries = torch.bmm(of_scores, keys).mul_(_scale(keys))
            found = (of_queries, torch.bmm(of_scores.mT, queries), torch.bmm(here.mT, of_mixed))
            for place, each in zip(result[part].unflatten(2, (3, heads, -1)).unbind(2), found, strict=True):
                place.copy_(each.unflatten(0, (-1, heads)).transpose(1, 2))
        return result, None


def _parts(projected: Tensor, heads: int) -> list[slice]:
    """Images that are computed at a time, whose number depends on the shapes alone."""
    images, tokens, _ = projected.shape
    count = max(1, SCORES.get(projected.device.type, SCORES["cuda"]) // (heads * tokens * tokens))
    return [slice(start, min(start + count, images)) for start in range(0, images, count)]


def _by_head(projected: Tensor, heads: int, kinds: int = 3) -> tuple[Tensor, ...]:
    """Each kind [n · heads, T, d / heads] of what stands beside each other in [n, T, kinds · d]."""
    parts = projected.unflatten(2, (kinds, heads, -1)).permute(2, 0, 3, 1, 4)
    return tuple(part.flatten(0, 1) for part in parts.contiguous())


def _scaled_by_head(projected: Tensor, heads: int) -> tuple[Tensor, ...]:
    """Queries over the root of a head's dimension, keys and values, by head."""
    queries, keys, values = _by_head(projected, heads)
    return queries.mul_(_scale(queries)), keys, values


def _scale(by_head: Tensor) -> float:
    return 1 / math.sqrt(by_head.shape[2])
