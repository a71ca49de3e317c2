"""The straight line between two networks, and the networks on it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from lmc_core.models.stacked import Scratch, Slope, StackedNet
from lmc_core.models.stacked.collapsed import collapse
from lmc_core.models.stacked.network import Parameters


def equidistant(count: int) -> list[float]:
    """`count` values from 0 to 1, ends included (the paper's T; section 2)."""
    return [position / (count - 1) for position in range(count)]


def interpolate(a: Mapping[str, Tensor], b: Mapping[str, Tensor], alpha: float) -> dict[str, Tensor]:
    """The weights (1 - alpha) a + alpha b (paper, section 2): a's own at 0, b's own at 1, and those of both where they agree.

    Args:
        a: weights under the plain module's names.
        b: likewise.
        alpha: from 0 to 1.
    """
    return {name: mix(weight, b[name], alpha) for name, weight in a.items()}


def mix(a: Tensor, b: Tensor, alpha: float) -> Tensor:
    """(1 - alpha) a + alpha b, exact at both ends (also beside infinities) and where a and b agree."""
    return a if alpha == 0 else b if alpha == 1 else torch.lerp(a, b, alpha)


class Line(Protocol):
    """Networks at several alphas, as one function of inputs."""

    def logits(self, inputs: Tensor, scratch: Scratch) -> Iterator[Tensor]:
        """Logits [B, classes] of the inputs [B, ...] at each alpha in turn; each lives in scratch until the next is asked for."""
        ...


class BentLine:
    """The line for networks with an activation.

    The stem's output is linear in alpha, so its product is made twice, not once an alpha; at the ends it is the member's
    own, so that the curve ends in the members' own errors.

    Args:
        net: the architecture.
        slope: of its Leaky-ReLU.
        a: parameters of the network at alpha 0, [1, *shape] each.
        b: likewise at alpha 1.
        alphas: where the line is looked at.
    """

    def __init__(self, net: StackedNet, slope: Slope, a: Parameters, b: Parameters, alphas: Sequence[float]) -> None:
        self._net = net
        self._slope = slope
        self._a = a
        self._b = b
        self._alphas = tuple(alphas)
        trunk_a, trunk_b = ({name: weight for name, weight in end.items() if name not in net.stem_names} for end in (a, b))
        self._trunks = [interpolate(trunk_a, trunk_b, alpha) for alpha in alphas]

    def logits(self, inputs: Tensor, scratch: Scratch) -> Iterator[Tensor]:
        """See `Line`."""
        batch = inputs.unsqueeze(0)
        at_a = self._net.stem(self._a, batch, scratch, "stem of a")
        at_b = self._net.stem(self._b, batch, scratch, "stem of b")
        stem = scratch.take("stem between", tuple(at_a.shape))
        for alpha, trunk in zip(self._alphas, self._trunks, strict=True):
            if alpha in (0, 1):
                stem.copy_(at_b if alpha else at_a)
            else:
                torch.lerp(at_a, at_b, alpha, out=stem)
            yield self._net.trunk(trunk, stem, self._slope, scratch)[0]


class Point:
    """One network with an activation, computed as the ends of a `BentLine` are: to the same bits.

    Args:
        net: the architecture.
        slope: of its Leaky-ReLU.
        parameters: of the network, [1, *shape] each.
    """

    def __init__(self, net: StackedNet, slope: Slope, parameters: Parameters) -> None:
        self._net = net
        self._slope = slope
        self._parameters = parameters

    def logits(self, inputs: Tensor, scratch: Scratch) -> Iterator[Tensor]:
        """See `Line`."""
        stem = self._net.stem(self._parameters, inputs.unsqueeze(0), scratch, "stem between")
        yield self._net.trunk(self._parameters, stem, self._slope, scratch)[0]


class StraightLine:
    """The line for linear nets, each of which is one matrix: all alphas between the ends are one product.

    Each end has a product of its own, so that its bits are those of the network alone, whatever is beside it.

    Args:
        depth: weight layers.
        a: parameters of the network at alpha 0, [1, *shape] each.
        b: likewise at alpha 1.
        alphas: where the line is looked at.
    """

    def __init__(self, depth: int, a: Parameters, b: Parameters, alphas: Sequence[float]) -> None:
        ends, between = [alpha for alpha in alphas if alpha in (0, 1)], [alpha for alpha in alphas if alpha not in (0, 1)]
        groups = [[alpha] for alpha in ends] + ([between] if between else [])
        self._products = [_one_product([collapse(interpolate(a, b, alpha), depth) for alpha in group]) for group in groups]
        order = [alpha for group in groups for alpha in group]
        self._places = [order.index(alpha) for alpha in alphas]

    def logits(self, inputs: Tensor, scratch: Scratch) -> Iterator[Tensor]:
        """See `Line`."""
        found: list[Tensor] = []
        for position, (matrix, bias) in enumerate(self._products):
            out = scratch.take(f"logits of linear nets {position}", (len(inputs), bias.numel()))
            torch.addmm(bias.flatten(), inputs, matrix.flatten(0, 1).T, out=out)
            found += out.unflatten(1, bias.shape).unbind(1)
        yield from (found[place] for place in self._places)


def _one_product(nets: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Matrices [T, C, I] and biases [T, C] of collapsed nets, in float32."""
    return torch.cat([matrix for matrix, _ in nets]).float(), torch.cat([bias for _, bias in nets]).float()
