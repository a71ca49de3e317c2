"""What takes an attempt away without an outcome."""

from dataclasses import dataclass
from typing import Literal

from lmc_core.errors import LMCError


class ClusterLostError(LMCError):
    """No scheduler answers: what was running there is to be queued again."""


@dataclass(frozen=True)
class Loss:
    """How an attempt was lost."""

    kind: Literal["died", "lost"]
    """died: its worker process ended under it. lost: the connection to the scheduler did."""
