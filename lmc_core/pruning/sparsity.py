"""What keeps weights at 0 while networks train: masks that hold; methods that prune on the way descend from these.

A sparsity acts on rows [K, P], as an optimiser does, and keeps its own rows beside the optimiser's. What differs from step to
step follows from the step's number alone, so nothing here waits for a device.
"""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from lmc_core.pruning.cubic import Ramp
from lmc_core.pruning.prunable import Prunable


class Pruned(Protocol):
    """A network that is pruned while it trains."""

    @property
    def density(self) -> float:
        """The share of its prunable weights that it has when its training ends."""


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

    def after_step(self, members: Sequence[Pruned], step: int, parameters: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> None:
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

    def scheduled(self, member: Pruned, step: int) -> float:
        """The share of its prunable weights that a member shall have after a step."""
        del step
        return member.density

    def masks(self, member: Pruned, step: int) -> bool:
        """Whether a member is given a new mask after a step."""
        del member, step
        return False

    def finish(self, member: Pruned, row: Tensor, state: dict[str, Tensor]) -> None:
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


def ramp_to(ramp: Ramp, member: Pruned) -> Ramp:
    """The ramp down to a member's density."""
    return Ramp(ramp.total_steps, member.density, 1.0, ramp.initial_steps, ramp.final_steps, ramp.interval)
