"""A set of members that train as one program: what is true of them between two steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor

from lmc_core.optim.optimizer import Optimizer
from lmc_core.training.member import Member
from lmc_core.training.spikes import UNKNOWN, SpikeRows

SPIKES = "spikes."
"""What the names of the spikes' rows begin with in a checkpoint."""
ALIVE = -1
"""In place of the step at which a member diverged."""


@dataclass(frozen=True, eq=False)
class Cohort:
    """Members and their rows; training changes the tensors in place.

    Attributes:
        members: K of them.
        parameters: [K, P], each row as the layout says.
        state: the optimiser's rows [K, P].
        loss_sums: float64 [K], the batches' losses times their images since the epoch began.
        wrong_sums: int64 [K], wrong answers since the epoch began.
        diverged_at: int64 [K], the step at which a member diverged and was frozen, or ALIVE.
        spikes: of the members' losses.
        records: [K, steps of an epoch], what is written down of each step of the epoch for the members that are recorded.
    """

    members: tuple[Member, ...]
    parameters: Tensor
    state: dict[str, Tensor]
    loss_sums: Tensor
    wrong_sums: Tensor
    diverged_at: Tensor
    spikes: SpikeRows
    records: dict[str, Tensor] = field(default_factory=dict)

    @classmethod
    def begin(cls, members: Sequence[Member], rows: Sequence[Tensor], optimizer: Optimizer) -> Self:
        """The members before their first step.

        Args:
            members: K of them.
            rows: the parameters [P] that each starts from, on the device where they train.
            optimizer: whose rows are kept.
        """
        parameters = torch.stack(tuple(rows))
        count, device = len(members), parameters.device
        return cls(
            members=tuple(members),
            parameters=parameters,
            state={name: torch.zeros_like(parameters) for name in optimizer.state},
            loss_sums=torch.zeros(count, dtype=torch.float64, device=device),
            wrong_sums=torch.zeros(count, dtype=torch.int64, device=device),
            diverged_at=torch.full((count,), ALIVE, dtype=torch.int64, device=device),
            spikes=SpikeRows.begin(count, device),
        )

    @property
    def tensors(self) -> dict[str, Tensor]:
        """Everything that a checkpoint has to keep."""
        own = {"parameters": self.parameters, "loss_sums": self.loss_sums, "wrong_sums": self.wrong_sums, "diverged_at": self.diverged_at}
        states = {f"state.{name}": rows for name, rows in self.state.items()}
        spikes = {SPIKES + name: rows for name, rows in self.spikes.tensors.items()}
        return own | states | spikes | {f"records.{name}": values for name, values in self.records.items()}

    def with_tensors(self, tensors: Mapping[str, Tensor]) -> Self:
        """The same members with the tensors of a checkpoint, which may be older than the counting of spikes."""
        here = {name: tensor.to(self.parameters.device) for name, tensor in tensors.items()}
        spikes = {name.removeprefix(SPIKES): tensor for name, tensor in here.items() if name.startswith(SPIKES)}
        return replace(
            self,
            parameters=here["parameters"],
            state={name: here[f"state.{name}"] for name in self.state},
            loss_sums=here["loss_sums"],
            wrong_sums=here["wrong_sums"],
            diverged_at=here["diverged_at"],
            spikes=SpikeRows.of(spikes) if spikes else SpikeRows.begin(len(self.members), self.parameters.device, UNKNOWN),
            records={name: here[f"records.{name}"] for name in self.records},
        )

    def part(self, start: int, stop: int) -> Self:
        """The members from `start` up to but not including `stop`, with tensors that are part of these."""
        return replace(self, members=self.members[start:stop]).with_tensors(
            {name: tensor[start:stop] for name, tensor in self.tensors.items()}
        )

    def freeze_where_not_finite(self, step: int) -> None:
        """Marks members with a weight that is not finite as diverged at the step, as a unit that nothing reaches can hide one."""
        broken = ~torch.isfinite(self.parameters).all(1) & (self.diverged_at == ALIVE)
        self.diverged_at.masked_fill_(broken, step)

    def begin_epoch(self) -> None:
        """Sets the running sums back to 0, and forgets what was written down."""
        self.loss_sums.zero_()
        self.wrong_sums.zero_()
        for values in self.records.values():
            values.fill_(torch.nan)
