"""What an order may take of its worker before it is stopped, and how much it has taken."""

import math
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from lmc_core.cost.estimates import duration
from lmc_core.cost.footprint import size_in_words
from lmc_core.cost.running_time import cores

LEAST_SECONDS = 60.0
"""Whatever was told, a run may take so long: short ones say more of overhead than of what they do."""
MEMORY_SLACK = 1.25
"""How many times the limit a worker may take: what earlier runs left in it is not the fault of this one."""
LOOK_SECONDS = 0.5
GIB = 2**30
SPENT = "spent"
"""File beside a run's checkpoint with the seconds that its earlier attempts took."""


@dataclass(frozen=True)
class Allowance:
    """Bounds of an order.

    Attributes:
        seconds: that it was told to take, of all cores of the worker.
        overrun: how many times these it may take.
        memory_gib: that one run may be told to take.
    """

    seconds: float = math.inf
    overrun: float = math.inf
    memory_gib: float = math.inf

    @property
    def most_seconds(self) -> float:
        """After which it is stopped."""
        return max(LEAST_SECONDS, self.overrun * self.seconds)

    @property
    def most_bytes(self) -> float:
        """Of memory, likewise."""
        return MEMORY_SLACK * self.memory_gib * GIB


UNLIMITED = Allowance()


class Watch:
    """Looks at what this process takes, now and then, from when it is made.

    Time is that of the processor, not of the clock: a run is not to blame for a machine that does other things, too.

    Args:
        allowance: of the order at work.
        folders: of the order's checkpoints, where earlier attempts noted what they took.
    """

    def __init__(self, allowance: Allowance, folders: Iterable[Path]) -> None:
        self._allowance = allowance
        self._folders = tuple(folders)
        self._process = psutil.Process()
        self._before = sum(_spent(folder) for folder in self._folders)
        self._begun = time.process_time()
        self._looked = -LOOK_SECONDS
        self.fault: str | None = None
        """The sentence that says which bound was passed; None while none was."""

    @property
    def exceeded(self) -> bool:
        """Whether a bound was passed."""
        now = time.monotonic()
        if self.fault is None and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self.fault = self._look()
        return self.fault is not None

    def note(self) -> None:
        """Keep what was taken so far for the next attempt."""
        for folder in self._folders:
            if folder.is_dir():
                with suppress(OSError):  # a full disk is told of where it matters
                    (folder / SPENT).write_text(f"{self._seconds / len(self._folders):.1f}")

    @property
    def _seconds(self) -> float:
        return self._before + (time.process_time() - self._begun) / cores()

    def _look(self) -> str | None:
        taken, allowed = self._process.memory_info().rss, self._allowance
        if taken > allowed.most_bytes:
            return (
                f"The run was stopped: its worker came to take {size_in_words(taken)} of memory, and "
                f"{size_in_words(allowed.memory_gib * GIB)} is the most for one run (LMC_MAX_MEMORY_GIB); "
                "lower the width, the batch size or the repeats."
            )
        if self._seconds > allowed.most_seconds:
            return (
                f"The run was stopped: it took {duration(self._seconds)} and was expected to take {duration(allowed.seconds)} "
                f"(LMC_MAX_OVERRUN is {allowed.overrun:g}); lower the epochs, the repeats or the network's size."
            )
        return None


def forget_spent(folder: Path) -> None:
    """Let a run that is started again have its whole time."""
    (folder / SPENT).unlink(missing_ok=True)


def _spent(folder: Path) -> float:
    try:
        return float((folder / SPENT).read_text())
    except (OSError, ValueError):
        return 0.0
