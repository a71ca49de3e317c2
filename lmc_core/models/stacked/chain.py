"""Networks that are a chain of weight layers with Leaky-ReLU between them: MLPs, CNN and LC-CNN, and with the identity linear nets."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import override

from lmc_core.models.stacked.cross_entropy import loss_and_gradient
from lmc_core.models.stacked.layers import InnerLayer, Layer
from lmc_core.models.stacked.layout import Layout
from lmc_core.models.stacked.network import Parameters, Slope, StackedNet
from lmc_core.models.stacked.scratch import Scratch


class Chain(StackedNet):
    """A `StackedNet` of layers.

    Args:
        layout: of the plain module.
        stem: the first layer.
        trunk: those behind it, in the order in which an image passes them.
        widest: numbers that one image has at the widest place.
        arrange: lays images out for the first layer.
    """

    def __init__(self, layout: Layout, stem: Layer, trunk: Sequence[InnerLayer], widest: int, arrange: Callable[[Tensor], Tensor]) -> None:
        self.layout = layout
        self.widest = widest
        self.stem_names = frozenset((stem.weight, stem.bias))
        self._stem = stem
        self._trunk = tuple(trunk)
        self._arrange = arrange

    @override
    def arrange(self, images: Tensor) -> Tensor:
        return self._arrange(images)

    @override
    def stem(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str = "stem") -> Tensor:
        return self._stem.forward(parameters, inputs, scratch, name)

    @override
    def trunk(self, parameters: Parameters, stem: Tensor, slope: Slope, scratch: Scratch) -> Tensor:
        hidden = stem
        for position, layer in enumerate(self._trunk, 1):
            hidden = layer.forward(parameters, activate(hidden, slope), scratch, f"layer {position}")
        return hidden

    @override
    def gradients(
        self, parameters: Parameters, gradients: Parameters, inputs: Tensor, labels: Tensor, slope: Slope, scratch: Scratch
    ) -> tuple[Tensor, Tensor]:
        passed = [inputs]
        outer = self.stem(parameters, inputs, scratch)
        for position, layer in enumerate(self._trunk, 1):
            passed.append(activate(outer, slope))
            outer = layer.forward(parameters, passed[-1], scratch, f"layer {position}")
        losses, wrong = loss_and_gradient(outer, labels)
        for position, layer in reversed(list(enumerate(self._trunk, 1))):
            layer.backward(gradients, passed[position], outer, scratch)
            outer = layer.backward_inputs(parameters, outer, scratch, f"gradient {position}")
            scale_by_activation(outer, passed[position], slope)
        self._stem.backward(gradients, inputs, outer, scratch)
        return losses, wrong


def activate(values: Tensor, slope: Slope) -> Tensor:
    """Leaky-ReLU in place; the stack's first axis is a multiple of the members'."""
    if isinstance(slope, Tensor):
        return torch.maximum(values, values * _broadcast(slope, values), out=values)
    return values if slope == 1 else F.leaky_relu_(values, slope)


def scale_by_activation(outer: Tensor, activated: Tensor, slope: Slope) -> None:
    """Multiplies the gradient in place by Leaky-ReLU's derivative, which is the slope at 0 (as in PyTorch).

    The activation's own result tells on which side of 0 a unit was, since no slope is negative.
    """
    if isinstance(slope, Tensor):
        torch.where(activated > 0, outer, outer * _broadcast(slope, activated), out=outer)
    elif slope != 1:
        torch.ops.aten.leaky_relu_backward.grad_input(outer, activated, slope, True, grad_input=outer)


def _broadcast(slope: Tensor, values: Tensor) -> Tensor:
    """A slope for each member [K] as [K·P, 1, ...] beside values [K·P, ...]."""
    return slope.repeat_interleave(len(values) // len(slope)).view(-1, *[1] * (values.ndim - 1))
