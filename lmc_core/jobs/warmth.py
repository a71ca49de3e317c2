"""In a worker process: getting ready before the first run comes."""

import importlib
import threading
from collections.abc import Callable

from lmc_core.jobs.exclusion import PROCESS


def prepare(training: str) -> None:
    """Import the training's module in the background and let it warm up, so that the first run does not wait for it."""
    threading.Thread(target=_warm, args=(training.partition(":")[0],), name="warm-up", daemon=True).start()


def _warm(module: str) -> None:
    warm: Callable[[], None] | None = getattr(importlib.import_module(module), "warm", None)
    if warm and PROCESS.acquire(blocking=False):
        try:
            warm()
        finally:
            PROCESS.release()
