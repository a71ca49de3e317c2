"""transformers' vision transformer with the same parameters and the same function, computed in less time."""

import math
from typing import cast

import torch
from torch import Tensor, nn
from transformers.models.vit.modeling_vit import ViTAttention, ViTLayer
from typing_extensions import override

from lmc_core.data.spec import DatasetFacts
from lmc_core.models.build import module_of
from lmc_core.models.spec import ViT
from lmc_core.models.stacked.attended import attended
from lmc_core.models.stacked.onednn import gelu_of_linear, linear
from lmc_core.models.vit import VisionTransformer


def quickened(vit: ViT, data: DatasetFacts) -> nn.Module:
    """The plain module of a ViT, its encoder replaced by layers that give the same up to rounding."""
    module = cast("VisionTransformer", module_of(vit, data))
    layers = module.vit.layers
    for place, layer in enumerate(cast("list[ViTLayer]", list(layers))):
        layers[place] = LastLayer(layer) if place == len(layers) - 1 else Layer(layer)
    return module


class Layer(nn.Module):
    """An encoder layer whose queries, keys and values are one product.

    Args:
        layer: transformers' own; its parts keep their names.
    """

    def __init__(self, layer: ViTLayer) -> None:
        super().__init__()
        self.attention = layer.attention
        self.layernorm_before = layer.layernorm_before
        self.layernorm_after = layer.layernorm_after
        self.mlp = layer.mlp

    @override
    def forward(self, tokens: Tensor, *_: object, **__: object) -> Tensor:
        """Tokens [N, T, d] from tokens [N, T, d]."""
        tokens = tokens + self._attention(self.layernorm_before(tokens))
        hidden = gelu_of_linear(self.layernorm_after(tokens), self.mlp.fc1)
        return tokens + linear(hidden, self.mlp.fc2.weight, self.mlp.fc2.bias)

    def _attention(self, normed: Tensor) -> Tensor:
        attention = self.attention
        parts = (attention.q_proj, attention.k_proj, attention.v_proj)
        weight, bias = torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts])
        heads, fused = attention.num_attention_heads, attention.config._attn_implementation == "sdpa"
        mixed = attended(linear(normed, weight, bias), heads, fused)
        return linear(mixed, attention.o_proj.weight, attention.o_proj.bias)


class LastLayer(Layer):
    """The last encoder layer, of which the classifier reads the class token alone: so only that token is computed.

    There is one query for each head, so keys and values need not be made for each token: with q the query and Wₖ, Wᵥ of a
    head, q·(Wₖ n) = (Wₖᵀ q)·n and Σ aₜ (Wᵥ nₜ) = Wᵥ (Σ aₜ nₜ). A key's bias moves all scores of a query alike, so it
    changes nothing; it stays in the sum, so that its gradient is the one it has.
    """

    @override
    def forward(self, tokens: Tensor, *_: object, **__: object) -> Tensor:
        """The class token [N, 1, d] from tokens [N, T, d]."""
        return super().forward(tokens)

    @override
    def _attention(self, normed: Tensor) -> Tensor:
        attention: ViTAttention = self.attention
        heads, dimension = attention.num_attention_heads, attention.head_dim
        query = attention.q_proj(normed[:, 0]).unflatten(1, (heads, dimension))
        probe = torch.einsum("nhk,hkd->nhd", query, attention.k_proj.weight.unflatten(0, (heads, dimension)))
        offset = (query * attention.k_proj.bias.view(heads, dimension)).sum(-1, keepdim=True)
        scores = (probe @ normed.transpose(1, 2) + offset) / math.sqrt(dimension)
        mixed = torch.softmax(scores, -1, dtype=torch.float32).to(normed.dtype) @ normed
        values = torch.einsum("nhd,hkd->nhk", mixed, attention.v_proj.weight.unflatten(0, (heads, dimension)))
        return cast("Tensor", attention.o_proj(values.flatten(1) + attention.v_proj.bias)).unsqueeze(1)
