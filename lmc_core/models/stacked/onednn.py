"""Linear layers by oneDNN, which on processors of AMD multiplies faster than the library that torch asks there."""

from functools import cache
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

CPUINFO = Path("/proc/cpuinfo")
VENDOR = "AuthenticAMD"


@cache
def suits_the_processor() -> bool:
    """Whether this machine takes oneDNN: by the maker of its processor, never by a timing, so that its bits stay the same."""
    known = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return known and CPUINFO.exists() and VENDOR in CPUINFO.read_text()


def serves(inputs: Tensor) -> bool:
    """Whether inputs [..., I] meet oneDNN: in float32 on such a processor, without autocast, which has products of its own."""
    return inputs.device.type == "cpu" and inputs.dtype == torch.float32 and not torch.is_autocast_enabled("cpu") and suits_the_processor()


def linear(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """As `torch.nn.functional.linear`, by oneDNN where it serves."""
    if not serves(inputs):
        return F.linear(inputs, weight, bias)
    if not torch.is_grad_enabled():
        return _product(inputs, weight, bias)
    return cast("Tensor", _Linear.apply(inputs, weight, bias))


def gelu_of_linear(inputs: Tensor, layer: nn.Linear) -> Tensor:
    """GELU of a linear layer's outputs; in one pass where oneDNN serves and no gradient is asked for."""
    if serves(inputs) and not torch.is_grad_enabled():
        return _product(inputs, layer.weight, layer.bias, "gelu")
    return F.gelu(linear(inputs, layer.weight, layer.bias))


def _product(inputs: Tensor, weight: Tensor, bias: Tensor | None, activation: str = "none") -> Tensor:
    """Activation of inputs [..., I] times weight [O, I] transposed, plus bias [O]."""
    return cast("Tensor", torch.ops.mkldnn._linear_pointwise(inputs, weight, bias, activation, [], "none"))


class _Linear(torch.autograd.Function):
    """The layer with its gradients; that of the weight stays with torch, which is the faster at its long sums."""

    @staticmethod
    @override
    def forward(ctx: torch.autograd.function.FunctionCtx, inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        return _product(inputs, weight, bias)

    @staticmethod
    @override
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        inputs, weight = ctx.saved_tensors  # type: ignore[attr-defined]
        transposed = weight.t() if weight.shape[0] >= weight.shape[1] else weight.t().contiguous()  # what oneDNN reads faster
        to_inputs = _product(gradient, transposed, None) if ctx.needs_input_grad[0] else None  # type: ignore[attr-defined]
        rows = gradient.flatten(0, -2)
        return to_inputs, rows.t() @ inputs.flatten(0, -2), rows.sum(0)
