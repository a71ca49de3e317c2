"""Weight layers over stacked members, each with its hand-written gradient.

By hand, because autograd costs a third more a step at these sizes (measured: 784-512-10 and 784-128-10 at batch 128) and
cannot write gradients where the optimiser wants them. Tests hold each layer against autograd on the plain module.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from lmc_core.models.spec import Precision
from lmc_core.models.stacked.network import Parameters
from lmc_core.models.stacked.products import affine, multiply
from lmc_core.models.stacked.scratch import Scratch


@dataclass(frozen=True)
class Layer(ABC):
    """An affine map of K members.

    Attributes:
        weight: name of its weight.
        bias: name of its bias.
        precision: of its products.
    """

    weight: str
    bias: str
    precision: Precision

    @abstractmethod
    def forward(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str) -> Tensor:
        """Pre-activations of the inputs, in scratch under the name."""

    @abstractmethod
    def backward(self, gradients: Parameters, inputs: Tensor, outer: Tensor, scratch: Scratch) -> None:
        """Writes the gradients of weight and bias, given the gradient `outer` of what `forward` gave for these inputs."""


class InnerLayer(Layer):
    """A layer that can stand behind others, and so hands the gradient on."""

    @abstractmethod
    def backward_inputs(self, parameters: Parameters, outer: Tensor, scratch: Scratch, name: str) -> Tensor:
        """Gradient of the inputs, in scratch under the name."""


@dataclass(frozen=True)
class Dense(InnerLayer):
    """Inputs [K, B, I] to [K, B, O] with weight [K, O, I] and bias [K, O]."""

    @override
    def forward(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = parameters[self.weight]
        out = scratch.take(name, (len(weight), inputs.shape[1], weight.shape[1]))
        affine(parameters[self.bias], inputs.expand(len(weight), -1, -1), weight.mT, out, self.precision)
        return out

    @override
    def backward(self, gradients: Parameters, inputs: Tensor, outer: Tensor, scratch: Scratch) -> None:
        del scratch
        multiply(outer.mT, inputs, gradients[self.weight], self.precision)
        torch.sum(outer, 1, out=gradients[self.bias])

    @override
    def backward_inputs(self, parameters: Parameters, outer: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = parameters[self.weight]
        out = scratch.take(name, (*outer.shape[:2], weight.shape[2]))
        multiply(outer, weight, out, self.precision)
        return out


@dataclass(frozen=True)
class SharedPatches(Layer):
    """The CNN's hidden layer: patches [K, B, P, I] to [K, B, P·F] with weight [K, F, ...] shared by the P positions."""

    @override
    def forward(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = parameters[self.weight].flatten(2)
        batch, positions = inputs.shape[1:3]
        out = scratch.take(name, (len(weight), batch, positions * weight.shape[1]))
        rows = inputs.flatten(1, 2).expand(len(weight), -1, -1)
        affine(parameters[self.bias], rows, weight.mT, out.view(len(weight), batch * positions, -1), self.precision)
        return out

    @override
    def backward(self, gradients: Parameters, inputs: Tensor, outer: Tensor, scratch: Scratch) -> None:
        del scratch
        rows = outer.view(len(outer), inputs.shape[1] * inputs.shape[2], -1)
        multiply(rows.mT, inputs.flatten(1, 2), gradients[self.weight].flatten(2), self.precision)
        torch.sum(rows, 1, out=gradients[self.bias])


@dataclass(frozen=True)
class LocalPatches(Layer):
    """The LC-CNN's hidden layer: patches [K, B, P, I] to [K·P, B, F] with weight [K, P, F, ...] and bias [K, P, F]."""

    @override
    def forward(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = parameters[self.weight].flatten(3).flatten(0, 1)
        out = scratch.take(name, (len(weight), inputs.shape[1], weight.shape[1]))
        members = len(parameters[self.weight])
        affine(parameters[self.bias].flatten(0, 1), self._by_position(inputs, members), weight.mT, out, self.precision)
        return out

    @override
    def backward(self, gradients: Parameters, inputs: Tensor, outer: Tensor, scratch: Scratch) -> None:
        weight, members = gradients[self.weight].flatten(3), len(inputs)
        product = weight[0] if members == 1 else scratch.take(f"{self.weight} gradient", (len(outer), *weight.shape[2:]))
        multiply(outer.mT, self._by_position(inputs, members), product, self.precision)
        if members > 1:
            weight.copy_(product.unflatten(0, weight.shape[:2]))
        torch.sum(outer.unflatten(0, weight.shape[:2]), 2, out=gradients[self.bias])

    @staticmethod
    def _by_position(inputs: Tensor, members: int) -> Tensor:
        """[K or 1, B, P, I] as [K·P, B, I]; a view for one member, a copy for several."""
        return inputs.expand(members, -1, -1, -1).transpose(1, 2).reshape(-1, inputs.shape[1], inputs.shape[3])


@dataclass(frozen=True)
class SharedClassifier(InnerLayer):
    """The classifier after `SharedPatches`: [K, B, P·F] to [K, B, C] with weight [K, C, F·P].

    The plain module flattens filters before positions, the patches lie the other way round. Turning the weight costs less
    than turning the activations, which are as many times larger as the batch has images per class.
    """

    positions: int

    @override
    def forward(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = self._turned(parameters, scratch)
        out = scratch.take(name, (len(weight), inputs.shape[1], weight.shape[1]))
        affine(parameters[self.bias], inputs, weight.mT, out, self.precision)
        return out

    @override
    def backward(self, gradients: Parameters, inputs: Tensor, outer: Tensor, scratch: Scratch) -> None:
        gradient = gradients[self.weight]
        turned = scratch.take(f"{self.weight} gradient", tuple(gradient.shape))
        multiply(outer.mT, inputs, turned, self.precision)
        gradient.unflatten(2, (-1, self.positions)).copy_(turned.unflatten(2, (self.positions, -1)).mT)
        torch.sum(outer, 1, out=gradients[self.bias])

    @override
    def backward_inputs(self, parameters: Parameters, outer: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = self._turned(parameters, scratch)
        out = scratch.take(name, (*outer.shape[:2], weight.shape[2]))
        multiply(outer, weight, out, self.precision)
        return out

    def _turned(self, parameters: Parameters, scratch: Scratch) -> Tensor:
        """The weight as [K, C, P·F]."""
        weight = parameters[self.weight]
        turned = scratch.take(f"{self.weight} turned", tuple(weight.shape))
        turned.unflatten(2, (self.positions, -1)).copy_(weight.unflatten(2, (-1, self.positions)).mT)
        return turned


@dataclass(frozen=True)
class LocalClassifier(InnerLayer):
    """The classifier after `LocalPatches`: [K·P, B, F] to [K, B, C] with weight [K, C, F·P], as a sum over positions."""

    positions: int

    @override
    def forward(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = self._turned(parameters, scratch)
        parts = scratch.take(f"{name} parts", (len(weight), inputs.shape[1], weight.shape[1]))
        multiply(inputs, weight.mT, parts, self.precision)
        members = len(parameters[self.bias])
        out = scratch.take(name, (members, *parts.shape[1:]))
        torch.sum(parts.unflatten(0, (members, self.positions)), 1, out=out)
        return out.add_(parameters[self.bias].unsqueeze(1))

    @override
    def backward(self, gradients: Parameters, inputs: Tensor, outer: Tensor, scratch: Scratch) -> None:
        gradient = gradients[self.weight]
        members, classes, _ = gradient.shape
        turned = scratch.take(f"{self.weight} gradient", (members * self.positions, classes, inputs.shape[2]))
        multiply(self._at_each_position(outer).mT, inputs, turned, self.precision)
        gradient.unflatten(2, (-1, self.positions)).copy_(turned.unflatten(0, (members, self.positions)).permute(0, 2, 3, 1))
        torch.sum(outer, 1, out=gradients[self.bias])

    @override
    def backward_inputs(self, parameters: Parameters, outer: Tensor, scratch: Scratch, name: str) -> Tensor:
        weight = self._turned(parameters, scratch)
        out = scratch.take(name, (len(weight), outer.shape[1], weight.shape[2]))
        multiply(self._at_each_position(outer), weight, out, self.precision)
        return out

    def _turned(self, parameters: Parameters, scratch: Scratch) -> Tensor:
        """The weight as [K·P, C, F]."""
        weight = parameters[self.weight].unflatten(2, (-1, self.positions)).permute(0, 3, 1, 2)
        turned = scratch.take(f"{self.weight} turned", tuple(weight.shape))
        return turned.copy_(weight).flatten(0, 1)

    def _at_each_position(self, outer: Tensor) -> Tensor:
        """[K, B, C] as [K·P, B, C]."""
        return outer.unsqueeze(1).expand(-1, self.positions, -1, -1).reshape(-1, *outer.shape[1:])
