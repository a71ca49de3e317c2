"""The single-attention-layer model over stacked members."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import override

from lmc_core.models.attention import NORM_EPSILON
from lmc_core.models.spec import Precision
from lmc_core.models.stacked.arrangement import patches
from lmc_core.models.stacked.layout import Layout
from lmc_core.models.stacked.network import Parameters, Slope, StackedNet
from lmc_core.models.stacked.scratch import Scratch


class AttentionStack(StackedNet):
    """A `StackedNet` that computes of `SingleAttention` only what reaches the logits.

    The classifier reads the class token, and without skip connections nothing else is read. So one query is needed, the
    same for every image; keys and values need not be made for each token: with q the query and Wₖ, Wᵥ of a head,
    q·(Wₖ n) = (Wₖᵀ q)·n and Σ aₜ (Wᵥ nₜ) = Wᵥ (Σ aₜ nₜ), and the first norm's scale and shift move to the small side in
    the same way. That is the same function of the same parameters with a tenth of the arithmetic; a test holds it against
    the plain module. Gradients come from autograd.

    Args:
        layout: of the plain module.
        patch: side of a patch.
        heads: attention heads.
        precision: of the products.
    """

    def __init__(self, layout: Layout, patch: int, heads: int, precision: Precision) -> None:
        shapes = dict(zip(layout.names, layout.shapes, strict=True))
        tokens, self.dimension = shapes["positions"]
        self.layout = layout
        self.stem_names = frozenset(("embedding.weight", "embedding.bias"))
        self.widest = tokens * self.dimension
        self.patch = patch
        self.heads = heads
        self.precision = precision

    @override
    def arrange(self, images: Tensor) -> Tensor:
        return patches(images, self.patch)

    @override
    def stem(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str = "stem") -> Tensor:
        """Embedded patches with their positions, [K, B, P, d]; the class token does not depend on the image."""
        del name
        return self._autocast(scratch, lambda: self._embed(parameters, inputs))

    @override
    def trunk(self, parameters: Parameters, stem: Tensor, slope: Slope, scratch: Scratch) -> Tensor:
        del slope  # there is no Leaky-ReLU
        return self._autocast(scratch, lambda: self._attend(parameters, stem))

    @override
    def gradients(
        self, parameters: Parameters, gradients: Parameters, inputs: Tensor, labels: Tensor, slope: Slope, scratch: Scratch
    ) -> tuple[Tensor, Tensor]:
        # .data, not detach(): autograd must not notice that other members' rows of the same tensor change meanwhile.
        leaves = {name: parameter.data.requires_grad_() for name, parameter in parameters.items()}
        with torch.enable_grad():
            logits = self.trunk(leaves, self.stem(leaves, inputs, scratch), slope, scratch)
            losses = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape).mean(1)
            total = losses.sum()
        for name, gradient in zip(leaves, torch.autograd.grad(total, tuple(leaves.values())), strict=True):
            gradients[name].copy_(gradient)
        return losses.detach(), (logits.detach().argmax(-1) != labels).sum(-1)

    def _autocast(self, scratch: Scratch, compute: Callable[[], Tensor]) -> Tensor:
        with torch.autocast(scratch.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"):
            return compute().float()

    def _embed(self, parameters: Parameters, inputs: Tensor) -> Tensor:
        weight = parameters["embedding.weight"].flatten(2)
        members = len(weight)
        rows = inputs.flatten(1, 2).expand(members, -1, -1)
        embedded = torch.baddbmm(parameters["embedding.bias"].unsqueeze(1), rows, weight.mT)
        return embedded.view(members, *inputs.shape[1:3], -1) + parameters["positions"][:, None, 1:]

    def _attend(self, parameters: Parameters, embedded: Tensor) -> Tensor:
        members, batch, positions, d = embedded.shape
        per_head = (self.heads, d // self.heads)
        normed = F.layer_norm(embedded, (d,), eps=NORM_EPSILON)
        scale, shift = parameters["norm1.weight"].unsqueeze(1), parameters["norm1.bias"].unsqueeze(1)
        class_token = (parameters["class_token"] + parameters["positions"][:, 0]).unsqueeze(1)
        first = F.layer_norm(class_token, (d,), eps=NORM_EPSILON) * scale + shift

        query = torch.baddbmm(parameters["query.bias"].unsqueeze(1), first, parameters["query.weight"].mT).view(members, *per_head)
        probe = torch.matmul(query.unsqueeze(2), parameters["key.weight"].unflatten(1, per_head)).squeeze(2)
        offset = (query * parameters["key.bias"].unflatten(1, per_head)).sum(-1)
        score_of_class = torch.bmm(first, probe.mT).squeeze(1) + offset
        scores = torch.bmm(normed.view(members, batch * positions, d), (probe * scale).mT).view(members, batch, positions, self.heads)
        scores = scores + (torch.bmm(shift, probe.mT).squeeze(1) + offset)[:, None, None]
        every = torch.cat([score_of_class[:, None, None].expand(-1, batch, 1, -1), scores], 2)
        attention = torch.softmax(every / math.sqrt(d // self.heads), 2)

        on_class, on_patches = attention[:, :, :1].transpose(2, 3), attention[:, :, 1:].transpose(2, 3)
        mixed = torch.matmul(on_patches, normed) * scale.unsqueeze(1)
        mixed = mixed + on_patches.sum(-1, keepdim=True) * shift.unsqueeze(1) + on_class * first.unsqueeze(1)
        values = torch.matmul(mixed.transpose(1, 2), parameters["value.weight"].unflatten(1, per_head).mT)
        values = values.transpose(1, 2).reshape(members, batch, d) + parameters["value.bias"].unsqueeze(1)

        encoded = torch.baddbmm(parameters["output.bias"].unsqueeze(1), values, parameters["output.weight"].mT)
        for norm in ("norm2", "final_norm"):
            weight, bias = parameters[f"{norm}.weight"].unsqueeze(1), parameters[f"{norm}.bias"].unsqueeze(1)
            encoded = F.layer_norm(encoded, (d,), eps=NORM_EPSILON) * weight + bias
        return torch.baddbmm(parameters["classifier.bias"].unsqueeze(1), encoded, parameters["classifier.weight"].mT)
