"""In a worker process: one attempt at a run, from its spec to the folder in the store."""

import importlib
import os
import shutil
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, cast

from lmc_core.disk import disk_fault
from lmc_core.errors import LMCError, Stopped
from lmc_core.events import Event, Notice
from lmc_core.jobs import stops
from lmc_core.jobs.event_log import EventLog
from lmc_core.jobs.exclusion import sole_use_of_process, sole_use_of_run
from lmc_core.progress import Progress
from lmc_core.spec import TwinsSpec
from lmc_core.store import Store, Weights

NICENESS = 5
"""Workers on the server's own machine step behind the page."""

Send = Callable[[int, str], None]
"""Sends an event's number and JSON to the engine; number 0 says that the events begin anew."""


class Train(Protocol):
    """What an attempt calls, by its dotted name, for the training itself: `lmc_core.jobs.work:train`."""

    def __call__(
        self, spec: TwinsSpec, data_dir: Path, checkpoint: Path, should_stop: Callable[[], bool], tell: Callable[[str], None]
    ) -> Generator[Event, None, Weights]:
        """Yield a run's events and return its networks' weights; goes on from the checkpoint's folder if it holds something.

        Raises:
            Stopped: `should_stop` was true, and a checkpoint was written.
            LMCError: a fault that the user can act on.
        """


@dataclass(frozen=True)
class Order:
    """What a worker is told to do."""

    run_id: str
    attempt: int
    spec: str
    """The spec's JSON."""
    cache_dir: str
    data_dir: str
    training: str
    """Dotted name of a `Train`, as in `package.module:function`; it is the server's choice, never a visitor's."""
    topic: str
    """Dask's topic under which the engine listens."""
    told: int
    """The number of the last event that the engine has."""
    own_machine: bool
    """Whether the worker shares the machine with the page."""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended."""

    state: Literal["done", "stopped", "failed"]
    error: str | None = None
    """The sentence for the user; set when it failed."""
    told: int = 0
    """The number of the last event that was sent."""


def attempt(order: Order) -> Outcome:
    """Run an order in a Dask worker; whatever goes wrong in it becomes an outcome and hurts no other run."""
    from distributed import get_worker

    if order.own_machine and os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    log_event = get_worker().log_event
    return carry_out(order, lambda number, event: log_event(order.topic, [order.run_id, order.attempt, number, event]))


def carry_out(order: Order, send: Send) -> Outcome:
    """Train, measure and store what the order says, sending events as they come."""
    cache, checkpoints = Path(order.cache_dir), Path(order.cache_dir) / "checkpoints" / order.run_id

    def should_stop() -> bool:
        return stops.requested(order.cache_dir, order.run_id, order.attempt)

    try:
        with sole_use_of_process(should_stop), sole_use_of_run(cache / "locks" / order.run_id, should_stop):
            store = Store(cache)
            if store.find(order.run_id):
                return Outcome("done", told=order.told)
            with EventLog(checkpoints / "events.jsonl") as log:
                _train(order, store, log, send, should_stop)
            shutil.rmtree(checkpoints, ignore_errors=True)
            return Outcome("done", told=log.count)
    except Stopped:
        return Outcome("stopped")
    except LMCError as fault:
        return Outcome("failed", str(fault))
    except OSError as fault:
        _note(order)
        return Outcome("failed", str(disk_fault(fault, cache)))
    except MemoryError:
        _note(order)
        return Outcome("failed", "Memory ran out; lower the width, the batch size or the repeats.")
    except Exception as fault:  # noqa: BLE001 # the boundary of a run: a defect in one must reach its user and nobody else
        place = _note(order)
        return Outcome("failed", f"The run ended with an unexpected {type(fault).__name__} ({fault}); the details are in {place}.")


def _train(order: Order, store: Store, log: EventLog, send: Send, should_stop: Callable[[], bool]) -> None:
    spec = TwinsSpec.model_validate_json(order.spec)
    progress = Progress.of(log.events())
    known = order.told if len(log.kept) >= order.told else 0
    if not known:
        send(0, "")
    for number, text in enumerate(log.kept[known:], start=known + 1):
        send(number, text)

    def tell(text: str) -> None:
        if should_stop():
            raise Stopped("The run was stopped before its training began.")
        send(*log.append(Notice(text=text)))

    training = _training(order.training)(spec, Path(order.data_dir), log.folder / "state", should_stop, tell)
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            store.save(spec, progress, cast("Weights", end.value))
            return
        progress = progress.after([event])
        send(*log.append(event))


def _training(name: str) -> Train:
    module, _, function = name.partition(":")
    return cast("Train", getattr(importlib.import_module(module), function))


def _note(order: Order) -> str:
    """Write the traceback at hand into the cache's logs; the file's path, or a word on why there is none."""
    path = Path(order.cache_dir) / "logs" / f"{order.run_id}-{order.attempt}.log"
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(traceback.format_exc())
    except OSError as fault:
        return f"no log, since that could not be written either ({fault.strerror})"
    return str(path)
