"""In a worker process: at most one training at a time in a process, and one at a time on a run."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lmc_core.errors import Stopped

PROCESS = threading.Lock()
"""Held by the training or the warming up that uses this process."""


@contextmanager
def sole_use_of_process(should_stop: Callable[[], bool]) -> Iterator[None]:
    """Hold the worker process while inside: torch's number of threads is one for all, and bits may hang on it.

    Raises:
        Stopped: another training, of another server or for warming up, held it until this one was asked to stop.
    """
    while not PROCESS.acquire(timeout=0.05):
        if should_stop():
            raise Stopped("The run was stopped while its worker was busy.")
    try:
        yield
    finally:
        PROCESS.release()


@contextmanager
def sole_use_of_run(path: Path, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock file while inside, so that no other attempt at the same run trains at the same time.

    Raises:
        Stopped: it was held by another attempt until this one was asked to stop.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("ab") as file:
            if _lock(file.fileno()) and _is_still(file.fileno(), path):
                try:
                    yield
                finally:
                    path.unlink(missing_ok=True)
                return
        if should_stop():
            raise Stopped("The run was stopped while another attempt at it was at work.")
        time.sleep(0.05)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one that has the name now; its last holder removes it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
