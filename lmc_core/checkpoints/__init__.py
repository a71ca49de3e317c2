"""Weights to begin with: found, described and vouched for before a run is queued, without torch."""

from lmc_core.checkpoints.checkpoint import Checkpoint
from lmc_core.checkpoints.resolve import at_hand, checked, located, refusal, resolve, with_start

__all__ = ["Checkpoint", "at_hand", "checked", "located", "refusal", "resolve", "with_start"]
