"""The worker processes: Dask's, on this machine by default, or those of a scheduler whose address is given."""

import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from distributed import Client, Future, KilledWorker
from tornado.ioloop import IOLoop

from lmc_core.jobs import stops
from lmc_core.jobs.attempt import Order, Outcome, Task, attempt
from lmc_core.jobs.local_workers import CONNECT_SECONDS, LocalWorkers
from lmc_core.jobs.loss import ClusterLostError, Loss
from lmc_core.jobs.scheduler_address import demand_scheduler
from lmc_core.jobs.warmth import prepare
from lmc_core.settings import Settings, accelerators

CLOSE_SECONDS = 5
ANSWER_SECONDS = 30
"""How long a scheduler elsewhere may take to answer."""

T = TypeVar("T")
Heard = Callable[[str, int, int, str], None]
"""Takes a run id, an attempt, an event's number and its JSON."""


Ended = Callable[[list[tuple[Task, Outcome | Loss]]], None]
"""Takes the tasks of an order and how the attempt at each ended; called in a thread of Dask's."""


@dataclass(frozen=True)
class _Given:
    """An order at a worker."""

    worker: str
    """Its address."""
    scheduler: str
    """The id of the scheduler to which it was given: one that was started anew at the same address knows no worker of the old one."""
    future: "Future[list[Outcome]]"


class Cluster:
    """Workers that take one order at a time; what they tell comes to `heard`, how they end to `ended`; `changed`: one may be free.

    Raises:
        ClusterLostError: no scheduler answers at the address in the settings.
    """

    def __init__(self, settings: Settings, topic: str, training: str, heard: Heard, ended: Ended, changed: Callable[[], None]) -> None:
        self._cache_dir = str(settings.cache_dir)
        self._training = training
        self._ended = ended
        self._changed = changed
        self._futures: dict[Order, _Given] = {}
        self._scheduler = ""
        self._asked: dict[str, float] = {}
        self._prepared: dict[str, bool] = {}
        self._lock = threading.Lock()
        self._address = settings.scheduler
        self._patience = ANSWER_SECONDS if settings.scheduler else None  # what is in this process is slow only when all of it is
        self._alive = 0
        self._killed: set[Order] = set()
        if self._address:
            demand_scheduler(self._address)
        self._local = None if self._address else LocalWorkers(settings.workers, accelerators())
        try:
            self._client = Client(self._local.dask if self._local else self._address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as fault:
            if self._local:
                self._local.close()
            raise ClusterLostError(f"The Dask scheduler at {self._address or 'this machine'} does not answer any more: {fault}.") from fault
        self._client.subscribe_topic(topic, lambda event: heard(*event[1]))

    @property
    def on_this_machine(self) -> bool:
        """Whether the workers are this process's own."""
        return self._local is not None

    def free_workers(self) -> list[str]:
        """Addresses of the workers that are prepared and without an order; attempts whose worker is gone are reported as they are found.

        Raises:
            ClusterLostError: the scheduler does not answer.
        """
        if self._client.status != "running":
            raise ClusterLostError("The Dask scheduler does not answer any more.")
        try:  # not `scheduler_info()`, whose answer Dask's own refresh may replace by one without workers before it is returned
            seen = self._client.sync(cast("Any", self._client.scheduler).identity, n_workers=-1, callback_timeout=self._patience)
        except (OSError, TimeoutError) as fault:
            raise ClusterLostError(f"The Dask scheduler does not answer any more: {fault}.") from fault
        alive, self._scheduler = set(seen["workers"]), str(seen["id"])
        self._alive = len(alive)
        if self._local:
            self._local.watch({address: float(worker["last_seen"]) for address, worker in seen["workers"].items()})
        self._prepare(alive)
        for order, given in list(self._futures.items()):
            if order in self._killed or (given.worker not in alive and not given.future.done()):
                self._report_gone(order, given)
        return sorted((alive & self._prepared.keys()) - {given.worker for given in self._futures.values()})

    def _report_gone(self, order: Order, given: _Given) -> None:
        """Tell how the attempt was lost whose worker is gone, unless that is still to come."""
        if given.scheduler != self._scheduler:
            loss: Loss | None = Loss("lost")
        else:
            loss = self._local.loss(given.worker) if self._local else Loss("vanished")
        if loss:
            self._end(order, loss)
            given.future.cancel()

    @property
    def word(self) -> str | None:
        """The sentence that says which workers are missing; None where none is."""
        if self._local:
            return self._local.word
        if self._alive:
            return None
        return f"The Dask scheduler at {self._address} (LMC_SCHEDULER) has no workers; runs wait until one comes (`dask worker`)."

    @property
    def workers(self) -> int:
        """How many workers take orders."""
        return len(self._prepared)

    def accelerated(self, worker: str) -> bool:
        """Whether a worker has a GPU."""
        return self._prepared.get(worker, False)

    def start(self, order: Order, worker: str) -> None:
        """Give a free worker an order."""
        lead = order.tasks[0]
        key = f"{lead.run_id}-{lead.attempt}-{order.topic}"  # other servers may give the same scheduler the same run
        future = self._client.submit(attempt, order, key=key, workers=[worker], pure=False, retries=0, allow_other_workers=False)
        self._futures[order] = _Given(worker, self._scheduler, future)
        future.add_done_callback(partial(self._done, order))

    def stop(self, run_id: str, last: int) -> None:
        """Ask all attempts at a run up to the last to stop at a checkpoint."""
        self._post(stops.request, self._cache_dir, run_id, last)

    def close(self) -> None:
        """End the connection and, on this machine, the workers."""
        self._futures.clear()
        with suppress(TimeoutError):  # a busy machine: what is left of the connection ends with the process
            self._client.close(timeout=CLOSE_SECONDS)
        if self._local:
            self._local.close()

    def _prepare(self, alive: set[str]) -> None:
        """Have new workers get ready, again if they do not answer, and learn what they are."""
        with self._lock:
            self._prepared = {address: has for address, has in self._prepared.items() if address in alive}
        now = time.monotonic()
        self._asked = {address: at for address, at in self._asked.items() if address in alive and now - at < CONNECT_SECONDS}
        if new := sorted(alive - self._prepared.keys() - self._asked.keys()):
            self._asked |= dict.fromkeys(new, now)
            self._post(prepare, self._training, workers=new, answered=self._hear_prepared)

    def _hear_prepared(self, answers: dict[str, bool]) -> None:
        with self._lock:
            self._prepared = self._prepared | answers
        self._changed()

    def _post(
        self,
        function: Callable[..., T],
        *values: str | int,
        workers: list[str] | None = None,
        answered: Callable[[dict[str, T]], None] | None = None,
    ) -> None:
        """Have workers (all if none are named) call a function, beside what they do; returns before they have."""
        call = self._client.run(function, *values, workers=workers, on_error="ignore", asynchronous=True)
        cast("IOLoop", self._client.loop).add_callback(_quietly, call, answered)

    def _done(self, order: Order, future: "Future[list[Outcome]]") -> None:
        if future.status == "finished":
            self._end(order, *future.result())
        elif future.status == "error":
            fault = future.exception()
            if isinstance(fault, KilledWorker):
                self._killed.add(order)
                self._changed()  # `free_workers` finds out how the worker ended
            else:
                self._end(order, Outcome("failed", f"The worker could not run it: {type(fault).__name__}: {fault}."))
        else:
            self._end(order, Loss("lost"))

    def _end(self, order: Order, *ends: Outcome | Loss) -> None:
        """Tell how an order ended: one end for each task, or one for all."""
        self._killed.discard(order)
        if self._futures.pop(order, None):
            self._ended(list(zip(order.tasks, ends if len(ends) == len(order.tasks) else ends * len(order.tasks), strict=True)))


async def _quietly(call: Awaitable[dict[str, T]], answered: Callable[[dict[str, T]], None] | None) -> None:
    """Await a message to workers; that a worker or the scheduler is gone is found out elsewhere."""
    with suppress(OSError, TimeoutError):
        answers = await call
        if answered:
            answered(answers)
