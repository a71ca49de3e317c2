"""A process that fetches one model, so that neither its time nor its memory is the page's: `python -m` with what `main` takes."""

import math
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lmc_core.checkpoints.download import bring
from lmc_core.errors import LMCError
from lmc_core.settings import Fetching

REFUSED = 2


def main(arguments: Sequence[str]) -> int:
    """Fetch the model; print the sentence that says why not.

    Args:
        arguments: the model's name, the models' folder, and the bounds on bytes, on bytes in all and on seconds, empty for none.
    """
    name, models, *bounds = arguments
    largest, in_all, seconds = (float(text) if text else None for text in bounds)
    if seconds is not None:
        signal.alarm(math.ceil(seconds) + 1)  # ends this process, whatever it waits for
    try:
        bring(name, Path(models), Fetching(largest=_whole(largest), in_all=_whole(in_all), seconds=seconds))
    except LMCError as fault:
        sys.stdout.write(fault.sentence)
        return REFUSED
    return 0


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
