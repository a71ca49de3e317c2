"""How many steps are taken at a time, and when a sign of life is due."""

import time

SEGMENT_SECONDS = 0.2
"""Time between two looks at whether to stop."""
SIGN_OF_LIFE_SECONDS = 0.5
"""Time between two StepsDone inside a long epoch, at least."""


class Pace:
    """Segments of about equal time.

    Attributes:
        segment: steps to take next.
    """

    def __init__(self) -> None:
        self.segment = 1
        self._told = time.monotonic()

    def took(self, steps: int, seconds: float) -> None:
        """Learns from a segment that has been taken."""
        self.segment = max(1, min(2 * self.segment, int(steps * SEGMENT_SECONDS / max(seconds, 1e-9))))

    def told(self) -> None:
        """Notes that something has been told just now."""
        self._told = time.monotonic()

    @property
    def silent(self) -> bool:
        """Whether nothing has been told for so long that a sign of life is due."""
        return time.monotonic() - self._told >= SIGN_OF_LIFE_SECONDS
