"""In a worker process: getting ready before the first run comes."""

import importlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from lmc_core.jobs.exclusion import PROCESS
from lmc_core.settings import accelerators

if TYPE_CHECKING:
    from distributed import Worker


def prepare(training: str, dask_worker: "Worker | None" = None) -> bool:
    """Import the training's module in the background and let it warm up; returns at once whether this worker has a GPU.

    Args:
        training: dotted name of the function, as in `package.module:function`.
        dask_worker: given by Dask.
    """
    if dask_worker:
        stop_profiler(dask_worker)
    threading.Thread(target=_warm, args=(training.partition(":")[0],), name="warm-up", daemon=True).start()
    return bool(accelerators())


def stop_profiler(worker: "Worker") -> None:
    """End Dask's sampling of stacks in a worker that somebody else started.

    It calls sys._current_frames, which before Python 3.12 can lock up a process with several threads for good
    (github.com/python/cpython/issues/106883). Seen here in one of 42 runs of a few seconds.
    """
    for name in ("profile", "profile-cycle"):
        if callback := worker.periodic_callbacks.pop(name, None):
            callback.stop()


def _warm(module: str) -> None:
    warm: Callable[[], None] | None = getattr(importlib.import_module(module), "warm", None)
    if warm and PROCESS.acquire(blocking=False):
        try:
            warm()
        finally:
            PROCESS.release()
