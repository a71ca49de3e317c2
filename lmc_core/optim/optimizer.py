"""Optimisers over rows of parameters [K, P], equal to torch.optim's within rounding.

They act element by element, so one update serves a whole stack; what belongs to a member (the learning rate) is a column
[K, 1]. Numbers that change from step to step are tensors, so that a captured step can be replayed.
"""

import math
from typing import Protocol

import torch
from torch import Tensor
from typing_extensions import override

from lmc_core.optim import spec as specs


class Optimizer(Protocol):
    """An update rule.

    Attributes:
        state: names of the rows [K, P], zero at first, that it keeps beside the parameters.
        rates: how many numbers it is given at each step for each member.
    """

    state: tuple[str, ...]
    rates: int

    def at(self, step: int, lr: float) -> tuple[float, ...]:
        """The rates of one member at its step (from 0); the first scales the update and is 0 only for a frozen member."""
        ...

    def update(self, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor], rates: Tensor) -> None:
        """One step in place; the gradients are used as scratch.

        Args:
            parameters: [K, P].
            gradients: [K, P].
            state: the rows [K, P] under their names.
            rates: [rates, K, 1].
        """
        ...


class SGD(Optimizer):
    """Momentum, Nesterov and weight decay as in torch.optim.SGD; the momentum starts as the first gradient."""

    rates = 1

    def __init__(self, momentum: float, nesterov: bool, weight_decay: float) -> None:
        self.state = ("momentum",) if momentum else ()
        self._momentum = momentum
        self._nesterov = nesterov
        self._weight_decay = weight_decay

    @override
    def at(self, step: int, lr: float) -> tuple[float, ...]:
        del step
        return (lr,)

    @override
    def update(self, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor], rates: Tensor) -> None:
        direction = gradients
        if self._weight_decay:
            direction.add_(parameters, alpha=self._weight_decay)
        if self._momentum:
            momentum = state["momentum"]
            torch.add(direction, momentum, alpha=self._momentum, out=momentum)
            direction = direction.add_(momentum, alpha=self._momentum) if self._nesterov else momentum
        parameters.addcmul_(direction, rates[0], value=-1)


class Adam(Optimizer):
    """Adam and AdamW as in torch.optim, with betas 0.9 and 0.999 and epsilon 1e-8.

    Args:
        weight_decay: added to the gradient, or, decoupled, taken from the weights.
        decoupled: whether it is AdamW.
    """

    rates = 3
    state = ("mean", "square")
    betas = (0.9, 0.999)
    epsilon = 1e-8

    def __init__(self, weight_decay: float, decoupled: bool) -> None:
        self._weight_decay = weight_decay
        self._decoupled = decoupled

    @override
    def at(self, step: int, lr: float) -> tuple[float, ...]:
        # the corrected step size, the correction of the square root, the decay
        corrections = [1 - beta ** (step + 1) for beta in self.betas]
        return lr / corrections[0], 1 / math.sqrt(corrections[1]), lr * self._weight_decay

    @override
    def update(self, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor], rates: Tensor) -> None:
        mean, square = state["mean"], state["square"]
        step_size, correction, decay = rates
        if self._weight_decay and self._decoupled:
            parameters.addcmul_(parameters, decay, value=-1)
        elif self._weight_decay:
            gradients.add_(parameters, alpha=self._weight_decay)
        mean.lerp_(gradients, 1 - self.betas[0])
        square.mul_(self.betas[1]).addcmul_(gradients, gradients, value=1 - self.betas[1])
        root = torch.sqrt(square, out=gradients).mul_(correction).add_(self.epsilon)
        parameters.addcmul_(torch.div(mean, root, out=root), step_size, value=-1)


def optimizer_of(spec: specs.OptimizerSpec) -> Optimizer:
    """The update rule that a spec names."""
    match spec:
        case specs.SGD(momentum=momentum, nesterov=nesterov, weight_decay=weight_decay):
            return SGD(momentum, nesterov, weight_decay)
        case specs.Adam(weight_decay=weight_decay):
            return Adam(weight_decay, decoupled=False)
        case specs.AdamW(weight_decay=weight_decay):
            return Adam(weight_decay, decoupled=True)


def clip(gradients: Tensor, largest: Tensor) -> None:
    """Scales each member's whole gradient in place to at most its largest norm, as torch.nn.utils.clip_grad_norm_ does.

    Args:
        gradients: [K, P].
        largest: [K, 1]; infinite for members that are not clipped.
    """
    norms = torch.linalg.vector_norm(gradients, dim=1, keepdim=True)
    gradients.mul_((largest / (norms + 1e-6)).clamp_(max=1))
