"""The token by which whoever started the server is known, and what keeps others from guessing it."""

import hmac
import logging
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from lmc_core.errors import LMCError

LONGEST_WAIT = 60.0
"""Seconds after a wrong guess in which the same guesser's next is not looked at: one after the first, twice as many after each."""
FORGIVEN_SECONDS = 600.0
MOST_A_MINUTE = 30
"""Wrong guesses of all together; more are not looked at."""
KEPT_GUESSERS = 1_000
BEYOND_GUESSING = 12
"""A token of so many characters, as servers draw them, is not found by guessing, so the right one need not wait either."""

log = logging.getLogger(__name__)


class OwnerToken:
    """One token; any thread may ask.

    Args:
        token: the text.
        clock: seconds, for tests.
    """

    def __init__(self, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.text = token
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lately: deque[float] = deque(maxlen=MOST_A_MINUTE)

    def is_it(self, given: str) -> bool:
        """Whether this is the token; takes the same time however much of it is right."""
        return hmac.compare_digest(given.encode(errors="surrogatepass"), self.text.encode(errors="surrogatepass"))

    def demand(self, given: str, guesser: str) -> None:
        """Return if this is the token.

        Args:
            given: what somebody entered.
            guesser: where it comes from, such as an address; whoever is wrong there waits longer each time. Empty: this process itself.

        Raises:
            LMCError: it is not, or there were too many wrong ones to look at this one.
        """
        if len(self.text) >= BEYOND_GUESSING and self.is_it(given):
            self._wrong.pop(guesser, None)
            return  # at once: others' wrong guesses must not keep the owner out
        now = self._clock()
        times, at = self._wrong.get(guesser, (0, -math.inf))
        if now - at > FORGIVEN_SECONDS or not guesser:
            times = 0
        wait = min(LONGEST_WAIT, 2.0 ** (times - 1)) - (now - at) if times else 0.0
        if len(self._lately) == MOST_A_MINUTE:
            wait = max(wait, 60.0 - (now - self._lately[0]))
        if wait > 0:
            raise LMCError(f"There were too many wrong tokens; wait {math.ceil(wait)} s and try again.")
        if self.is_it(given):
            self._wrong.pop(guesser, None)
            return
        self._lately.append(now)
        self._wrong[guesser] = times + 1, now
        self._wrong.move_to_end(guesser)
        while len(self._wrong) > KEPT_GUESSERS:
            self._wrong.popitem(last=False)
        log.warning("A wrong owner's token was entered from %s, number %d in a row.", guesser or "this machine", times + 1)
        raise LMCError("That is not the owner's token; it was printed where the server was started.")
