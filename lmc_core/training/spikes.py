"""Spikes of the loss, counted while networks train: how many, how high, when. They end no training."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import torch
from torch import Tensor

from lmc_core.runs.results import CALM, HIGH, Spike, Spikes

KEPT = 16
"""Spikes of a member of which step and height are kept, the highest ones; all are counted."""
NONE = -1
"""In place of a loss or a step where there is none."""
UNKNOWN = -1
"""In place of a count where steps were taken that nobody counted."""


@dataclass(frozen=True, eq=False)
class SpikeRows:
    """The spikes of K members so far; counting changes the tensors in place.

    Attributes:
        count: int64 [K], spikes that have begun, or UNKNOWN.
        peak: float64 [K], highest loss of the spike that is not over yet, or NONE.
        peak_step: int64 [K], the step of that loss.
        losses: float64 [K, KEPT], heights of spikes that are over, or NONE.
        steps: int64 [K, KEPT], their steps.
    """

    count: Tensor
    peak: Tensor
    peak_step: Tensor
    losses: Tensor
    steps: Tensor

    @classmethod
    def begin(cls, members: int, device: torch.device, count: int = 0) -> Self:
        """Of members before their first step; UNKNOWN as the count where they have taken steps."""

        def filled(value: int, *shape: int, dtype: torch.dtype) -> Tensor:
            return torch.full((members, *shape), value, dtype=dtype, device=device)

        return cls(
            count=filled(count, dtype=torch.int64),
            peak=filled(NONE, dtype=torch.float64),
            peak_step=filled(NONE, dtype=torch.int64),
            losses=filled(NONE, KEPT, dtype=torch.float64),
            steps=filled(NONE, KEPT, dtype=torch.int64),
        )

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> Self:
        """The rows that `tensors` gave."""
        return cls(**{field.name: tensors[field.name] for field in fields(cls)})

    @property
    def tensors(self) -> dict[str, Tensor]:
        """Each under its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def note(self, row: int, losses: Sequence[float], first: int) -> None:
        """Counts what a member's losses show.

        Args:
            row: the member's.
            losses: of its batches, in nats, one for each step.
            first: the step of the first one.
        """
        peak, at, count = float(self.peak[row]), int(self.peak_step[row]), int(self.count[row])
        if count == UNKNOWN or (peak == NONE and max(losses, default=0.0) <= HIGH):
            return
        for step, loss in enumerate(losses, first):
            if peak == NONE:
                if HIGH < loss < math.inf:
                    count, peak, at = count + 1, loss, step
            elif loss < CALM:
                self._over(row, peak, at)
                peak, at = NONE, NONE
            elif peak < loss < math.inf:
                peak, at = loss, step
        self.count[row], self.peak[row], self.peak_step[row] = count, peak, at

    def note_all(self, losses: Tensor, first: int) -> None:
        """Counts what the losses [steps, K] of all members show; `first` is the step of the first ones."""
        if losses.numel() and bool(((losses > HIGH).any(0) | (self.peak != NONE)).any()):
            for row, of_member in enumerate(losses.T.tolist()):
                self.note(row, of_member, first)

    def told(self, row: int) -> Spikes | None:
        """A member's spikes; None where they were not counted from its first step on."""
        count = int(self.count[row])
        if count == UNKNOWN:
            return None
        found = [*zip(self.steps[row].tolist(), self.losses[row].tolist(), strict=True), (int(self.peak_step[row]), float(self.peak[row]))]
        return Spikes(count=count, highest=[Spike(step=step, loss=loss) for step, loss in sorted(found) if loss != NONE])

    def _over(self, row: int, loss: float, step: int) -> None:
        """Keeps a spike in a free place, or in that of the lowest one if it is higher."""
        place = int(self.losses[row].argmin())
        if loss > float(self.losses[row, place]):
            self.losses[row, place], self.steps[row, place] = loss, step
