"""The worker processes of this machine: started, watched, replaced whatever became of them, and ended."""

import logging
import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import resource_tracker
from typing import Any, cast

import dask
from distributed import LocalCluster, Nanny
from distributed.core import Status
from tornado.ioloop import IOLoop

from lmc_core.jobs.loss import ClusterLostError, Loss
from lmc_core.jobs.out_of_memory import oom_kills

CONNECT_SECONDS = 5
HUNG_SECONDS = 60.0
"""A worker that gave no sign for so long is killed and replaced."""
REPLACE_SECONDS = 10.0
"""A worker that Dask has not replaced within this time is replaced from here."""
START_SECONDS = 60.0
"""How long a new worker may take to come up before it is given up."""
GIVE_UP_SECONDS = 180.0
"""After so long without all workers everything is started anew."""
LOOK_SECONDS = 2.0
"""The most that one look counts for: time for which this process was blocked, or the machine slept, says nothing of a worker."""
EXIT_SECONDS = 3.0
"""How long after a worker is gone its exit status may come in."""
CLOSE_SECONDS = 5
LOST_WORKER_TIMEOUT = "1h"
"""Dask closes for good what watches over a worker that has been away for so long, 15 s by default, also while its successor starts."""
OWN_FAULTS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGSYS, signal.SIGTRAP)


class WatchedNanny(Nanny):
    """Starts a worker process, starts another when it ends, and keeps how each ended."""

    def __init__(self, *values: Any, **options: Any) -> None:
        self.exits: dict[str, int] = {}
        """Exit status by the address that the worker had; negative: the signal."""
        super().__init__(*values, **options)

    def _on_worker_exit_sync(self, exitcode: int) -> None:
        if address := self.worker_address:
            self.exits.setdefault(address, exitcode)
        super()._on_worker_exit_sync(exitcode)  # type: ignore[no-untyped-call]


class LocalWorkers:
    """A number of worker processes with one thread for Dask each; `dask` is what a client connects to.

    Args:
        workers: how many there shall be.
        gpus: what CUDA calls the GPUs, of which each worker sees one; more workers than GPUs share them.
    """

    def __init__(self, workers: int, gpus: Sequence[str]) -> None:
        self._wanted = workers
        self._oom_kills = [oom_kills()] * 2
        self._complete = False
        self._looked = time.monotonic()
        self._missing_seconds = 0.0
        self._next_replacement = REPLACE_SECONDS
        self._replacing = True
        self._heard: dict[str, tuple[float, float]] = {}
        self._gone: dict[str, float] = {}
        self._killed: set[str] = set()
        self._here = 0
        self.dask = _cluster(workers, gpus)
        cast("IOLoop", self.dask.loop).add_callback(self._bring_up)

    @property
    def word(self) -> str | None:
        """The sentence that says that workers are being replaced; None while all are there, or come up for the first time."""
        missing = self._wanted - self._here
        if not self._complete or missing <= 0:
            return None
        if self._wanted == 1:
            return "The worker process has ended and is being replaced; what it trained goes on from the last checkpoint."
        return (
            f"{missing} of {self._wanted} worker processes have ended and are being replaced; what they trained goes on from the last "
            "checkpoint."
        )

    def watch(self, last_seen: Mapping[str, float]) -> None:
        """Kill what hangs and replace what is missing; to be called every second or so.

        Args:
            last_seen: for each worker that the scheduler knows, by its address, when it last gave a sign of life.

        Raises:
            ClusterLostError: workers are missing, and nothing brings them back.
        """
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, LOOK_SECONDS), now
        self._here = len(last_seen)
        self._complete = self._complete or self._here >= self._wanted
        self._kill_what_hangs(last_seen, passed)
        for address in last_seen:
            for nanny in self._nannies:
                nanny.exits.pop(address, None)  # of an earlier worker
        if self._here >= self._wanted:
            self._missing_seconds, self._next_replacement = 0.0, REPLACE_SECONDS
            self._oom_kills = [self._oom_kills[1], oom_kills()]  # the last but one is surely of before a death that is noticed next
            return
        self._missing_seconds += passed
        if self._missing_seconds >= GIVE_UP_SECONDS:
            raise ClusterLostError("The worker processes of this machine do not come up; all are started anew.")
        given_up = any(nanny.status in (Status.failed, Status.closed) for nanny in self._nannies)  # as where one died while it came up
        if not self._replacing and (given_up or self._missing_seconds >= self._next_replacement):
            self._next_replacement = self._missing_seconds + REPLACE_SECONDS
            self._replacing = True
            loop = cast("IOLoop", self.dask.loop)
            loop.add_callback(self._replace, frozenset(last_seen), patient=self._missing_seconds < START_SECONDS)

    def loss(self, address: str) -> Loss | None:
        """How the attempt ended that was at a worker which is gone; None: its exit status is still to come, ask again."""
        status = next((nanny.exits.pop(address) for nanny in self._nannies if address in nanny.exits), None)
        if status is None:
            since = self._gone.setdefault(address, time.monotonic())
            if time.monotonic() - since < EXIT_SECONDS:
                return None
        self._gone.pop(address, None)
        return self._loss(address, status)

    def _loss(self, address: str, status: int | None) -> Loss:
        if address in self._killed:
            self._killed.discard(address)
            return Loss("crashed", f"after it had given no sign of life for {HUNG_SECONDS:g} seconds")
        if status is None:
            return Loss("vanished")
        if status == 0:
            return Loss("lost")
        if status > 0:
            return Loss("vanished", f"with exit status {status}")
        if status == -signal.SIGKILL and oom_kills() > self._oom_kills[0]:
            return Loss("crashed", "because memory ran out", "lower the width, the batch size or the repeats")
        name = signal.Signals(-status).name if -status in set(signal.Signals) else f"number {-status}"
        if -status in OWN_FAULTS:
            return Loss("crashed", f"by a fault of its own ({name})")
        return Loss("vanished", f"by the signal {name}")

    def close(self) -> None:
        """End the worker processes, by force those that do not end in time."""
        try:
            self.dask.close(timeout=CLOSE_SECONDS)
        except TimeoutError:
            for nanny in self._nannies:
                _kill(nanny)
            with suppress(TimeoutError):
                self.dask.close(timeout=CLOSE_SECONDS)

    @property
    def _nannies(self) -> list[WatchedNanny]:
        return list(self.dask.workers.values())

    def _kill_what_hangs(self, last_seen: Mapping[str, float], passed: float) -> None:
        heard = {}
        for address, seen in last_seen.items():
            before, silent = self._heard.get(address, (seen, 0.0))
            heard[address] = seen, silent + passed if seen == before else 0.0
            if heard[address][1] >= HUNG_SECONDS:
                for nanny in self._nannies:
                    if nanny.worker_address == address and _kill(nanny):
                        self._killed.add(address)
        self._heard = heard

    async def _replace(self, alive: frozenset[str], *, patient: bool) -> None:
        """In Dask's event loop: close what watches over a worker that is not there, and start another in its place.

        Args:
            alive: addresses of the workers that are there.
            patient: leave those alone whose worker is starting.
        """
        for name, nanny in list(self.dask.workers.items()):
            process = nanny.process
            starts = nanny.status in (Status.init, Status.starting) or (process is not None and process.status == Status.starting)
            if nanny.worker_address in alive or (starts and patient):
                continue
            self.dask.workers.pop(name, None)
            _kill(nanny)
            with suppress(OSError, TimeoutError, AssertionError):  # whatever state it was in, it is given up
                await nanny.close()
        await self._bring_up()

    async def _bring_up(self) -> None:
        """In Dask's event loop: start the workers that are specified and not there.

        What this thread starts does not hear Ctrl-C, which a terminal sends to all processes: the engine ends its workers itself.
        """
        resource_tracker.ensure_running()  # which, when it starts, lets Ctrl-C through again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            await self.dask
        except (RuntimeError, OSError, TimeoutError):  # one died while it came up: it is missing, and `watch` will see to it
            return
        finally:
            self._replacing = False


def _kill(nanny: WatchedNanny) -> bool:
    """End the worker process of a nanny by force; whether there was one."""
    pid = nanny.pid
    if pid is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return True


def _cluster(workers: int, gpus: Sequence[str]) -> LocalCluster:
    """A scheduler, and the specifications of workers that are still to be started: what dies while it comes up must not end the rest."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    settings: dict[str, Any] = {
        # Dask's own default of one thread would halve a training on two cores; a variable that is set already prevails.
        "distributed.nanny.pre-spawn-environ": dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads),
        "distributed.scheduler.allowed-failures": 0,
        "distributed.worker.profile.enabled": False,  # see lmc_core.jobs.warmth.stop_profiler
        # Dask would take workers for dead whenever this process was blocked; `LocalWorkers.watch` does not.
        "distributed.scheduler.worker-ttl": None,
        "distributed.comm.timeouts.tcp": "1h",
        "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s",
    }
    options: dict[str, Any] = {
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        "memory_limit": None,
        "silence_logs": logging.CRITICAL,
        "scheduler_kwargs": {"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        "worker_class": WatchedNanny,
    }
    dask.config.set({"distributed.deploy.lost-worker-timeout": LOST_WORKER_TIMEOUT})  # for good: it is read whenever a worker goes
    with dask.config.set(settings):
        cluster = LocalCluster(n_workers=0, **options)
        for place in range(workers):
            environment = {"env": {"CUDA_VISIBLE_DEVICES": gpus[place % len(gpus)]}} if gpus else {}
            cluster.worker_spec[place] = cluster.new_spec | {"options": cluster.new_spec["options"] | environment}
        return cluster
