"""PLATON: importance times its uncertainty, both smoothed, along a cubic ramp (Zhang et al. 2022, algorithm 1).

After the optimiser's step t (from 0), with the updated weights p, their (clipped) gradients and j = t mod ΔT:

1. the sensitivity is s = |p · ∂L/∂p| (Eq. 3);
2. where j = 0, first the smoothed importance Ī ← β1 Ī + (1 - β1) I and its uncertainty Ū ← β2 Ū + (1 - β2) |I - Ī| take up
   the importance I of the last ΔT steps (Eqs. 6 and 7), and I ← s; elsewhere I ← (I j + s) / (j + 1), a running mean;
3. the score is Ī Ū (Eq. 8), and of all N weights those below the k-th smallest, k = int(N (1 - r(t))), become 0.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from lmc_core.errors import LMCError
from lmc_core.pruning.cubic import Ramp
from lmc_core.pruning.prunable import count_nonzero


def sensitivity(weights: Tensor, gradients: Tensor, out: Tensor) -> Tensor:
    """S = |p · ∂L/∂p| of each weight, in `out`."""
    return torch.mul(weights, gradients, out=out).abs_()


def remember(
    sensitivity: Tensor, importance: Tensor, smoothed: Tensor, uncertainty: Tensor, place: int, betas: tuple[float, float]
) -> None:
    """Takes a step's sensitivity into the states, in place; elementwise, so one call serves a stack of networks.

    Args:
        sensitivity: s.
        importance: I.
        smoothed: Ī.
        uncertainty: Ū.
        place: of the step in its interval, j.
        betas: β1 and β2.
    """
    if place:
        importance.mul_(place).add_(sensitivity).div_(place + 1)
        return
    beta1, beta2 = betas
    smoothed.mul_(beta1).add_(importance * (1 - beta1))
    uncertainty.mul_(beta2).add_(importance.sub_(smoothed).abs_().mul_(1 - beta2))
    importance.copy_(sensitivity)


def threshold(scores: Tensor, ratio: float) -> Tensor | None:
    """The k-th smallest of the scores [N], k = int(N (1 - ratio)), below which weights go; None where k is 0 and none goes."""
    count = int(len(scores) * (1 - ratio))
    return torch.kthvalue(scores, count).values if count else None


class Platon:
    """Prunes parameters while they train; call `step` after each step of the optimiser, before gradients are cleared.

    Args:
        parameters: that are pruned, under one threshold.
        total_steps: T.
        final_ratio: share of the weights that is kept in the end, r_T.
        initial_ratio: share kept until the ramp begins, r_0.
        initial_steps: before the ramp, t_i.
        final_steps: after the ramp, t_f, in which every step is masked.
        beta1: smoothing of the importance.
        beta2: smoothing of the uncertainty.
        mask_interval: steps between two maskings on the ramp, ΔT.

    Raises:
        LMCError: an argument is out of its range, the parts do not fit, or a parameter is frozen.
    """

    def __init__(
        self,
        parameters: dict[str, Tensor],
        *,
        total_steps: int,
        final_ratio: float,
        initial_ratio: float = 1.0,
        initial_steps: int = 0,
        final_steps: int = 0,
        beta1: float = 0.85,
        beta2: float = 0.95,
        mask_interval: int = 10,
    ) -> None:
        _check_parameters(parameters, final_ratio)
        for name, ratio in (("initial_ratio", initial_ratio), ("final_ratio", final_ratio)):
            if not 0 < ratio <= 1:
                raise LMCError(f"{name} is {ratio}; it is a share of the weights, above 0 and at most 1.")
        if final_ratio > initial_ratio:
            raise LMCError(f"final_ratio is {final_ratio}, above initial_ratio, which is {initial_ratio}; pruning only lowers it.")
        for name, steps, least in (
            ("total_steps", total_steps, 1),
            ("initial_steps", initial_steps, 0),
            ("final_steps", final_steps, 0),
            ("mask_interval", mask_interval, 1),
        ):
            if steps < least:
                raise LMCError(f"{name} is {steps}; the least is {least}.")
        if initial_steps + final_steps > total_steps:
            raise LMCError(f"initial_steps + final_steps is {initial_steps + final_steps:,}, more than the {total_steps:,} of total_steps.")
        for name, beta in (("beta1", beta1), ("beta2", beta2)):
            if not 0 <= beta < 1:
                raise LMCError(f"{name} is {beta}; it is at least 0 and below 1.")
        self._parameters = dict(parameters)
        self._ramp = Ramp(total_steps, final_ratio, initial_ratio, initial_steps, final_steps, mask_interval)
        self._betas = beta1, beta2
        states = ({name: torch.zeros_like(tensor, requires_grad=False) for name, tensor in parameters.items()} for _ in range(3))
        self._importance, self._smoothed, self._uncertainty = states

    def scheduled_ratio(self, step: int) -> float:
        """The share of the weights that shall be kept at a step from 0, r(t)."""
        return self._ramp.ratio(step)

    @torch.no_grad()
    def step(self, step: int) -> float:
        """Takes in the gradients of a step from 0, masks if the step is one that masks; returns the share of weights that are not 0.

        Raises:
            LMCError: the step is out of training, or a parameter has no gradient.
        """
        if not 0 <= step < self._ramp.total_steps:
            raise LMCError(f"step is {step:,}; training has the steps 0 to {self._ramp.total_steps - 1:,}.")
        place, gradients = step % self._ramp.interval, {}
        for name, weights in self._parameters.items():
            if weights.grad is None:
                raise LMCError(f"{name} has no gradient; call step after the backward pass and before gradients are cleared.")
            gradients[name] = weights.grad
        for name, weights in self._parameters.items():
            found = sensitivity(weights, gradients[name], torch.empty_like(weights))
            remember(found, self._importance[name], self._smoothed[name], self._uncertainty[name], place, self._betas)
        if self._ramp.masks(step):
            self._mask(self._ramp.ratio(step))
        total = sum(weights.numel() for weights in self._parameters.values())
        return sum(int(count_nonzero(weights.flatten())) for weights in self._parameters.values()) / total

    def _mask(self, ratio: float) -> None:
        scores = {name: smoothed * self._uncertainty[name] for name, smoothed in self._smoothed.items()}
        lowest = threshold(torch.cat([score.flatten() for score in scores.values()]), ratio)
        if lowest is not None:
            for name, weights in self._parameters.items():
                weights.masked_fill_(scores[name] < lowest, 0)


def _check_parameters(parameters: Mapping[str, Tensor], final_ratio: float) -> None:
    if not parameters:
        raise LMCError("parameters is empty; PLATON needs the tensors that it shall prune.")
    frozen = [name for name, tensor in parameters.items() if not tensor.requires_grad]
    if frozen:
        raise LMCError(f"{frozen[0]} is frozen (requires_grad is false); PLATON prunes by gradients, so leave it out or let it train.")
    total = sum(tensor.numel() for tensor in parameters.values())
    if final_ratio > 0 and total * final_ratio < 1:
        raise LMCError(f"final_ratio is {final_ratio}, which leaves none of {total:,} weights; the least is {1 / total:.2g}.")
