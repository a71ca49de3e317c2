"""What keeps weights at 0 while networks train: masks that hold, and methods that prune on the way.

A sparsity acts on rows [K, P], as an optimiser does, and keeps its own rows beside the optimiser's. What differs from step to
step follows from the step's number alone, so nothing here waits for a device.
"""

from collections.abc import Sequence

from torch import Tensor
from typing_extensions import override

from lmc_core.experiment import PruneSpec
from lmc_core.plan import Phase
from lmc_core.pruning import platon
from lmc_core.pruning.cubic import Ramp
from lmc_core.pruning.mask import mask_of
from lmc_core.pruning.prunable import Prunable
from lmc_core.pruning.spec import Magnitude, Scope
from lmc_core.pruning.spec import Platon as PlatonSpec
from lmc_core.training.member import Member

MASK = "mask"
"""Name of the rows of 0 and 1."""


class Sparsity:
    """How the networks of a cohort become and stay sparse; this one leaves them dense.

    Attributes:
        prunable: which of a row's numbers may be 0.
        state: names of the rows [K, P], zero at first (but masks, which are given), that it keeps.
        reads_gradients: whether `after_step` wants the clipped gradients.
    """

    state: tuple[str, ...] = ()
    reads_gradients = False

    def __init__(self, prunable: Prunable) -> None:
        self.prunable = prunable

    def mask_gradients(self, gradients: Tensor, state: dict[str, Tensor]) -> None:
        """Takes away, in place, the gradients [K, P] of weights that are held at 0."""
        if MASK in state:
            gradients.mul_(state[MASK])

    def after_step(self, members: Sequence[Member], step: int, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> None:
        """Sets weights to 0, in place, after the optimiser's step.

        Args:
            members: K of them.
            step: from 0.
            parameters: [K, P].
            gradients: [K, P], clipped; used as scratch.
            state: the rows [K, P] under their names.
        """
        del members, step, gradients
        # Masked gradients alone suffice where the optimiser started fresh; this makes it a law for every optimiser.
        if MASK in state:
            parameters.mul_(state[MASK])

    def scheduled(self, member: Member, step: int) -> float:
        """The share of its prunable weights that a member shall have after a step."""
        del step
        return member.density

    def masks(self, member: Member, step: int) -> bool:
        """Whether a member is given a new mask after a step."""
        del member, step
        return False

    def finish(self, member: Member, row: Tensor, state: dict[str, Tensor]) -> None:
        """Masks a member's row [P] in place once more, after the last step, to the density that it shall have.

        Args:
            member: whose row it is.
            row: its parameters.
            state: its rows [P].
        """
        del member, row, state

    def kept(self, rows: Tensor) -> Tensor:
        """The share of the prunable weights of each row [..., P] that are not 0, as a tensor [...] on their device."""
        return self.prunable.nonzero(rows) / self.prunable.weights


class Held(Sparsity):
    """Masks that stay as they are: a weight that is masked is exactly 0 after each step."""

    state = (MASK,)


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
    def after_step(self, members: Sequence[Member], step: int, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> None:
        super().after_step(members, step, parameters, gradients, state)
        for row, member in enumerate(members):
            if self.masks(member, step):
                self._mask(parameters[row], state[MASK][row], self.scheduled(member, step))

    @override
    def scheduled(self, member: Member, step: int) -> float:
        return ramp_to(self._ramp, member).ratio(step)

    @override
    def masks(self, member: Member, step: int) -> bool:
        behind = self._ramp.ended(step) and self._ramp.ended(step - 1)  # the mask holds, so behind the ramp one suffices
        return member.density < 1 and self._ramp.masks(step) and not behind

    @override
    def finish(self, member: Member, row: Tensor, state: dict[str, Tensor]) -> None:
        if member.density < 1:
            self._mask(row, state[MASK], member.density)

    def _mask(self, row: Tensor, mask: Tensor, density: float) -> None:
        mask.copy_(mask_of(row.abs(), self.prunable, density, self._scope))
        row.mul_(mask)


class Platon(Sparsity):
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
    def after_step(self, members: Sequence[Member], step: int, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> None:
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
    def scheduled(self, member: Member, step: int) -> float:
        return ramp_to(self._ramp, member).ratio(step)

    @override
    def masks(self, member: Member, step: int) -> bool:
        return member.density < 1 and self._ramp.masks(step)

    @override
    def finish(self, member: Member, row: Tensor, state: dict[str, Tensor]) -> None:
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


def ramp_to(ramp: Ramp, member: Member) -> Ramp:
    """The ramp down to a member's density."""
    return Ramp(ramp.total_steps, member.density, 1.0, ramp.initial_steps, ramp.final_steps, ramp.interval)


def sparsity_of(spec: PruneSpec, phase: Phase, prunable: Prunable) -> Sparsity:
    """What prunes the networks of a phase, or holds their masks."""
    kinds, (before, after) = {group.kind for group in phase.groups}, spec.ramp
    if kinds == {"dense"}:
        return Sparsity(prunable)
    match spec.pruning:
        case Magnitude(scope=scope, interval=interval) if "pruned" in kinds:
            return GradualMagnitude(prunable, scope, Ramp(spec.total_steps, 1.0, 1.0, before, after, interval))
        case PlatonSpec(beta1=beta1, beta2=beta2, interval=interval, masking=masking) if "pruned" in kinds:
            ramp = Ramp(spec.total_steps, 1.0, 1.0, before, after, interval)
            return Platon(prunable, ramp, (beta1, beta2), hard=masking == "hard")
    return Held(prunable)
