"""Linear nets as the one matrix that they are: for measuring, and for gradients without passing images through layers."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from typing_extensions import override

from lmc_core.models.stacked.chain import Chain
from lmc_core.models.stacked.cross_entropy import loss_and_gradient
from lmc_core.models.stacked.layers import Dense
from lmc_core.models.stacked.layout import Layout
from lmc_core.models.stacked.network import Parameters, Slope
from lmc_core.models.stacked.products import affine, multiply
from lmc_core.models.stacked.scratch import Scratch


class CollapsedChain(Chain):
    """A `Chain` of dense layers without activation, whose gradients are those of its collapsed product: exact ones.

    The logits are X Eᵀ + c with E = A₀, where Aₗ = W_L ⋯ W_{l+1}, and c = Σ Aₗ bₗ. With G the gradient of the logits and g
    the sum of its rows, the gradient of Wₗ is Aₗᵀ Rₗ and that of bₗ is Aₗᵀ g, where R₁ = Gᵀ X and Rₗ₊₁ = Rₗ Wₗᵀ + g bₗᵀ.
    Each A and R has a row a class, so only two products are as long as the batch, and those have a column a class.

    Args:
        layout: of the plain module.
        layers: two or more, in the order in which an image passes them.
        widest: numbers that one image has at the widest place.
        arrange: lays images out for the first layer.
    """

    def __init__(self, layout: Layout, layers: Sequence[Dense], widest: int, arrange: Callable[[Tensor], Tensor]) -> None:
        super().__init__(layout, layers[0], layers[1:], widest, arrange)
        self._layers = tuple(layers)
        self._precision = layers[0].precision

    @override
    def gradients(
        self, parameters: Parameters, gradients: Parameters, inputs: Tensor, labels: Tensor, slope: Slope, scratch: Scratch
    ) -> tuple[Tensor, Tensor]:
        del slope  # of the identity
        after, shift = self._products(parameters, scratch)
        members, classes, features = after[0].shape
        logits = scratch.take("logits", (members, inputs.shape[1], classes))
        affine(shift, inputs.expand(members, -1, -1), after[0].mT, logits, self._precision)
        losses, wrong = loss_and_gradient(logits, labels)
        row = scratch.take("gradient of the logits, summed", (members, classes))
        torch.sum(logits, 1, out=row)
        before = scratch.take("gradient of the product 0", (members, classes, features))
        multiply(logits.mT, inputs, before, self._precision)
        for position, layer in enumerate(self._layers[:-1], 1):
            weight, bias = parameters[layer.weight], parameters[layer.bias]
            multiply(after[position].mT, before, gradients[layer.weight], self._precision)
            torch.sum(after[position] * row.unsqueeze(2), 1, out=gradients[layer.bias])
            passed = scratch.take(f"gradient of the product {position}", (members, classes, weight.shape[1]))
            multiply(before, weight.mT, passed, self._precision)
            before = passed.addcmul_(row.unsqueeze(2), bias.unsqueeze(1))
        gradients[self._layers[-1].weight].copy_(before)
        gradients[self._layers[-1].bias].copy_(row)
        return losses, wrong

    def _products(self, parameters: Parameters, scratch: Scratch) -> tuple[list[Tensor], Tensor]:
        """A₀ to A_{L-1} [K, C, ...], and the collapsed bias [K, C]."""
        last = self._layers[-1]
        found, shift = [parameters[last.weight]], parameters[last.bias]
        for position in range(len(self._layers) - 2, -1, -1):
            layer, behind = self._layers[position], found[0]
            shift = shift + (behind * parameters[layer.bias].unsqueeze(1)).sum(2)
            weight = parameters[layer.weight]
            product = scratch.take(f"product {position}", (*behind.shape[:2], weight.shape[2]))
            multiply(behind, weight, product, self._precision)
            found.insert(0, product)
        return found, shift


def collapse(parameters: Parameters, depth: int) -> tuple[Tensor, Tensor]:
    """The one matrix [K, C, I] and bias [K, C], in float64, that a linear net of stacked members is.

    Multiplied from the last layer on, so that no product is larger than classes × width.

    Args:
        parameters: of a `FullyConnected` module.
        depth: weight layers.
    """
    matrix, bias = (parameters[f"layers.{depth - 1}.{part}"].double() for part in ("weight", "bias"))
    for position in range(depth - 2, -1, -1):
        bias = bias + (matrix @ parameters[f"layers.{position}.bias"].double().unsqueeze(2)).squeeze(2)
        matrix = matrix @ parameters[f"layers.{position}.weight"].double()
    return matrix, bias
