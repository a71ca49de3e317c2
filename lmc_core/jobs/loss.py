"""What takes an attempt away without an outcome."""

from dataclasses import dataclass
from typing import Literal

from lmc_core.errors import LMCError


class ClusterLostError(LMCError):
    """No scheduler answers: what was running there is to be queued again."""


@dataclass(frozen=True)
class Loss:
    """How an attempt was lost."""

    kind: Literal["crashed", "vanished", "lost"]
    """crashed: its worker process ended by itself, which tells against the run. vanished: the process ended, and whether the run had
    to do with it is not known. lost: the server, its connection or its end took the attempt away."""
    reason: str = ""
    """How the process ended, as far as that is known, to follow `the last time`; empty where nothing is."""
    advice: str = ""
    """What to do about a reason that is known."""
