"""Magnitude: the smallest weights go, at the end of training or along a ramp (Han et al. 2015; Zhu & Gupta 2017)."""

from collections.abc import Sequence

from torch import Tensor
from typing_extensions import override

from lmc_core.pruning.cubic import Ramp
from lmc_core.pruning.mask import mask_of
from lmc_core.pruning.prunable import Prunable
from lmc_core.pruning.scoring import Scoring
from lmc_core.pruning.sparsity import MASK, Held, Pruned, ramp_to
from lmc_core.pruning.spec import Pruning, Scope


def scores(scoring: Scoring) -> Tensor:
    """The size of each weight [P]."""
    return scoring.weights.abs()


class GradualMagnitude(Held):
    """Masks that take the smallest weights along a ramp, and hold (Zhu & Gupta 2017).

    Args:
        prunable: which weights may go.
        scope: one threshold over all tensors, or one for each.
        ramp: of which each member's ends at its own density.
    """

    def __init__(self, prunable: Prunable, scope: Scope, ramp: Ramp) -> None:
        super().__init__(prunable)
        self._scope = scope
        self._ramp = ramp

    @override
    def after_step(self, members: Sequence[Pruned], step: int, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> None:
        super().after_step(members, step, parameters, gradients, state)
        for row, member in enumerate(members):
            if self.masks(member, step):
                self._mask(parameters[row], state[MASK][row], self.scheduled(member, step))

    @override
    def scheduled(self, member: Pruned, step: int) -> float:
        return ramp_to(self._ramp, member).ratio(step)

    @override
    def masks(self, member: Pruned, step: int) -> bool:
        behind = self._ramp.ended(step) and self._ramp.ended(step - 1)  # the mask holds, so behind the ramp one suffices
        return member.density < 1 and self._ramp.masks(step) and not behind

    @override
    def finish(self, member: Pruned, row: Tensor, state: dict[str, Tensor]) -> None:
        if member.density < 1:
            self._mask(row, state[MASK], member.density)

    def _mask(self, row: Tensor, mask: Tensor, density: float) -> None:
        mask.copy_(mask_of(row.abs(), self.prunable, density, self._scope))
        row.mul_(mask)


def gradual(prunable: Prunable, pruning: Pruning, ramp: Ramp) -> GradualMagnitude:
    """What prunes along a ramp as a spec asks."""
    return GradualMagnitude(prunable, pruning.threshold_scope, ramp)
