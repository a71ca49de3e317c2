"""PLATON over the rows of several networks that train together (Zhang et al. 2022, algorithm 1)."""

from collections.abc import Sequence

from torch import Tensor
from typing_extensions import override

from lmc_core.pruning import platon
from lmc_core.pruning.cubic import Ramp
from lmc_core.pruning.prunable import Prunable
from lmc_core.pruning.sparsity import MASK, Pruned, Sparsity, ramp_to
from lmc_core.pruning.spec import Platon


class PlatonRows(Sparsity):
    """PLATON over rows: `lmc_core.pruning.platon` to the bit.

    Args:
        prunable: which weights may go.
        ramp: of which each member's ends at its own density.
        betas: β1 and β2.
        hard: whether what was masked is held at 0, and not only set to 0 once.
    """

    reads_gradients = True

    def __init__(self, prunable: Prunable, ramp: Ramp, betas: tuple[float, float], hard: bool) -> None:
        super().__init__(prunable)
        self.state = ("importance", "smoothed", "uncertainty", *((MASK,) if hard else ()))
        self._ramp = ramp
        self._betas = betas

    @override
    def after_step(self, members: Sequence[Pruned], step: int, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> None:
        super().after_step(members, step, parameters, gradients, state)
        if all(member.density == 1 for member in members):
            return
        found = platon.sensitivity(parameters, gradients, gradients)
        states = state["importance"], state["smoothed"], state["uncertainty"]
        platon.remember(found, *states, step % self._ramp.interval, self._betas)
        for row, member in enumerate(members):
            if self.masks(member, step):
                self._mask(parameters[row], {name: rows[row] for name, rows in state.items()}, self.scheduled(member, step))

    @override
    def scheduled(self, member: Pruned, step: int) -> float:
        return ramp_to(self._ramp, member).ratio(step)

    @override
    def masks(self, member: Pruned, step: int) -> bool:
        return member.density < 1 and self._ramp.masks(step)

    @override
    def finish(self, member: Pruned, row: Tensor, state: dict[str, Tensor]) -> None:
        if member.density < 1:
            self._mask(row, state, member.density)

    def _mask(self, row: Tensor, state: dict[str, Tensor], ratio: float) -> None:
        scores = state["smoothed"] * state["uncertainty"]
        if MASK in state:
            scores.masked_fill_(state[MASK] == 0, -1)  # what is held at 0 goes first
        lowest = platon.threshold(self.prunable.gather(scores), ratio)
        if lowest is None:
            return
        for weights, part in zip(self.prunable.parts(row), self.prunable.parts(scores), strict=True):
            weights.masked_fill_(part < lowest, 0)
        if MASK in state:
            for held, part in zip(self.prunable.parts(state[MASK]), self.prunable.parts(scores), strict=True):
                held.masked_fill_(part < lowest, 0)


def during(prunable: Prunable, pruning: Platon, ramp: Ramp) -> PlatonRows:
    """What prunes along a ramp as a spec asks."""
    return PlatonRows(prunable, ramp, (pruning.beta1, pruning.beta2), hard=pruning.masking == "hard")
