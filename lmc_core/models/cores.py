"""Threads that compute beside each other, each on one core. Imports torch: for the worker's side only."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

import torch

from lmc_core.models.stacked.scratch import Scratch

Result = TypeVar("Result")


def available() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Cores:
    """A pool of threads; use it as a context.

    Torch lets go of Python's lock inside its operations, so threads train at the same time. Each operation itself runs on
    one thread, whatever the pool's size: so the bits of a result depend neither on how many threads there are nor on what
    the others do.

    Args:
        device: where the tasks' scratch memory lies.
        count: threads; the cores that this process may use where it is None. On an accelerator one thread suffices.
    """

    def __init__(self, device: torch.device, count: int | None = None) -> None:
        self.device = device
        self.count = 1 if device.type != "cpu" else count or available()
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(self.count, "cores", _begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    @property
    def scratch(self) -> Scratch:
        """The calling thread's own buffers."""
        scratch: Scratch | None = getattr(self._local, "scratch", None)
        if scratch is None:
            scratch = self._local.scratch = Scratch(self.device)
        return scratch

    def run(self, tasks: Sequence[Callable[[], Result]]) -> list[Result]:
        """The tasks' results, in their order; waits for all of them, then raises what the first that failed raised."""
        before = torch.get_num_threads()
        torch.set_num_threads(1)  # the products' library keeps this number for all threads at once
        try:
            futures = [self._pool.submit(task) for task in tasks]
            faults = [future.exception() for future in futures]
        finally:
            torch.set_num_threads(before)
        for fault in faults:
            if fault is not None:
                raise fault
        return [future.result() for future in futures]


def _begin() -> None:
    """Ready a thread of the pool.

    Numbers below 1e-38 count as 0 in it: of units that have died, Adam's means fade into such numbers, and a processor takes
    far longer over them than over others.
    """
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    torch.set_flush_denormal(True)
