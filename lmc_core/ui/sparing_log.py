"""Keeps the server's log small whatever visitors do: of messages from one place in the code, a few a minute."""

import logging
import time
from collections.abc import Callable

A_MINUTE = 60.0
MESSAGES_A_MINUTE = 10
SERVERS = ("streamlit", "uvicorn", "websockets", "starlette", "asyncio")

CONTEXT = "missing ScriptRunContext"
"""What Streamlit warns of, by its own words to be ignored, when a part of a page is drawn before there is a visitor."""


class Sparing(logging.Filter):
    """Lets so many messages a minute through from each place; the first of the next minute tells how many were left out.

    Without it a visitor who takes all descriptors has asyncio write two thousand tracebacks a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._begun: dict[tuple[str, int], float] = {}
        self._seen: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a message is written."""
        if CONTEXT in str(record.msg):
            return False
        place, now = (record.pathname, record.lineno), self._clock()
        if now - self._begun.get(place, -A_MINUTE) >= A_MINUTE:
            if (left_out := self._seen.get(place, 0) - MESSAGES_A_MINUTE) > 0:
                record.msg, record.args = f"{record.getMessage()} [{left_out} more like this were left out]", ()
            self._begun[place], self._seen[place] = now, 0
        self._seen[place] += 1
        return self._seen[place] <= MESSAGES_A_MINUTE


def spare_the_log() -> None:
    """Have the loggers of the server and its libraries write sparingly."""
    sparing = Sparing()
    for name in ("asyncio", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in SERVERS:
            logging.getLogger(name).addFilter(sparing)
