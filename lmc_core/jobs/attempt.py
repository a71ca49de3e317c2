"""In a worker process: one attempt at a run or a crew of runs, from their specs to their folders in the store."""

import importlib
import os
import shutil
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, cast

from lmc_core.checkpoints.kept import missing
from lmc_core.disk import disk_fault
from lmc_core.errors import LMCError, Stopped, place, unmarked
from lmc_core.experiment import AnySpec, read_spec
from lmc_core.jobs import stops
from lmc_core.jobs.allowance import UNLIMITED, Allowance, Watch, forget_spent
from lmc_core.jobs.event_log import EventLog
from lmc_core.jobs.exclusion import sole_use_of_process, sole_use_of_run
from lmc_core.runs.events import Event, Notice
from lmc_core.runs.kinds import AnyProgress, kind_of
from lmc_core.runs.store import Store, StoredRun, Weights
from lmc_core.runs.unfinished import EVENTS, STATE

NICENESS = 10
"""Workers on the server's own machine step behind the page."""

AGAIN = "A part of what this run had recorded was lost, so it is computed again from the beginning."
STILL_INCOMPLETE = "The records of this run are incomplete, also after it was computed again, so nothing was stored; check the disk."

KEEPING = "lmc_core.jobs.keeping:write_kept"
"""Dotted name of a `Keep`."""

Send = Callable[["Task", int, str], None]
"""Sends an event's number and JSON to the engine; number 0 says that the events begin anew."""


class Train(Protocol):
    """What an attempt calls, by its dotted name, for the training itself: `lmc_core.jobs.work:train`."""

    def __call__(
        self,
        specs: Sequence[AnySpec],
        data_dir: Path,
        checkpoints: Sequence[Path],
        should_stop: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> Generator[tuple[int, Event], None, list[Weights]]:
        """Train runs of one kind as one program: yield the index of a run with its event, and return each run's weights.

        Each run goes on from its checkpoint's folder if that holds something.

        Raises:
            Stopped: `should_stop` was true, and every run's checkpoint was written.
            LMCError: a fault that the user can act on.
        """


class Keep(Protocol):
    """What writes the networks that a stored run kept, with torch: `lmc_core.jobs.keeping:write_kept`."""

    def __call__(self, store: Store, run: StoredRun, data_dir: Path) -> None:
        """Write those that are missing below the folder of data sets."""


@dataclass(frozen=True)
class Task:
    """One run of an order."""

    run_id: str
    attempt: int
    spec: str
    """The spec's JSON."""
    told: int
    """The number of the last event that the engine has."""


@dataclass(frozen=True)
class Order:
    """What a worker is told to do: one run, or a crew of runs that train as one program."""

    tasks: tuple[Task, ...]
    cache_dir: str
    data_dir: str
    training: str
    """Dotted name of a `Train`, as in `package.module:function`; it is the server's choice, never a visitor's."""
    topic: str
    """Dask's topic under which the engine listens."""
    own_machine: bool
    """Whether the worker shares the machine with the page."""
    allowance: Allowance = UNLIMITED
    """What it may take."""

    @property
    def folders(self) -> list[Path]:
        """Where the checkpoint of each task lies."""
        return [Path(self.cache_dir) / "checkpoints" / task.run_id for task in self.tasks]


@dataclass(frozen=True)
class Outcome:
    """How an attempt at a run ended."""

    state: Literal["done", "stopped", "failed", "parted"]
    """parted: something went wrong in its crew, whoever's fault it was; each run of it shall go on alone."""
    error: str | None = None
    """The sentence for the user; set when it failed."""


def attempt(order: Order) -> list[Outcome]:
    """Carry out an order in a Dask worker; whatever goes wrong in it becomes outcomes, one a task, and hurts no other run."""
    from distributed import get_worker

    if order.own_machine and os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    log_event = get_worker().log_event
    return carry_out(order, lambda task, number, event: log_event(order.topic, [task.run_id, task.attempt, number, event]))


def carry_out(order: Order, send: Send) -> list[Outcome]:
    """Train, measure and store what the order says, sending events as they come; an outcome for each of its tasks."""
    cache, watch = Path(order.cache_dir), Watch(order.allowance, order.folders)

    def should_stop() -> bool:
        return watch.exceeded or any(stops.requested(order.cache_dir, task.run_id, task.attempt) for task in order.tasks)

    try:
        with ExitStack() as held:
            held.enter_context(sole_use_of_process(should_stop))
            for task in sorted(order.tasks, key=lambda task: task.run_id):  # in one order, lest two crews wait for each other
                held.enter_context(sole_use_of_run(cache / "locks" / task.run_id, should_stop))
            store = Store(cache, data_dir=Path(order.data_dir))
            left = [task for task in order.tasks if not store.find(task.run_id)]
            found = dict(zip(left, _train(order, left, store, send, should_stop), strict=True)) if left else {}
            return [found[task] if task in found else _written(order, task, store) for task in order.tasks]
    except Stopped:
        if watch.fault is None:
            watch.note()
            return [Outcome("stopped")] * len(order.tasks)
        for folder in order.folders:
            forget_spent(folder)
        return [Outcome("failed", watch.fault)] if len(order.tasks) == 1 else [Outcome("parted")] * len(order.tasks)
    except Exception as fault:  # noqa: BLE001 # the boundary of a run: a defect in one must reach its user and nobody else
        failed = _failed(fault, order, order.tasks[0])
        return [failed] if len(order.tasks) == 1 else [Outcome("parted")] * len(order.tasks)


def _failed(fault: Exception, order: Order, task: Task) -> Outcome:
    match fault:
        case LMCError():
            return Outcome("failed", fault.sentence)
        case OSError():
            _note(order, task)
            return Outcome("failed", disk_fault(fault, Path(order.cache_dir)).sentence)
        case MemoryError():
            _note(order, task)
            return Outcome("failed", "Memory ran out; lower the width, the batch size or the repeats.")
    noted, what = _note(order, task), f"{type(fault).__name__} ({unmarked(fault)})"
    return Outcome("failed", f"The run ended with an unexpected {what}; the details are in {noted}.")


class _Telling:
    """What one run tells: kept beside its checkpoint, folded, and sent."""

    def __init__(self, task: Task, log: EventLog, send: Send) -> None:
        self.spec = read_spec(task.spec)
        self.log = log
        self._task = task
        self._send = send
        self.progress: AnyProgress = kind_of(self.spec).progress.of(log.events())
        known = task.told if len(log.kept) >= task.told else 0
        if not known:
            send(task, 0, "")
        for number, text in enumerate(log.kept[known:], start=known + 1):
            send(task, number, text)

    def tell(self, event: Event) -> None:
        self.progress = self.progress.after([event])
        self._send(self._task, *self.log.append(event))


def _train(order: Order, tasks: Sequence[Task], store: Store, send: Send, should_stop: Callable[[], bool]) -> list[Outcome]:
    """Train and store runs; one whose tables turn out incomplete, since a part of its log was lost, is computed again."""
    found = _attempted(order, tasks, store, send, should_stop)
    for task in [task for task, outcome in found.items() if outcome is None]:
        shutil.rmtree(_folder(order, task))
        found |= _attempted(order, [task], store, send, should_stop, again=True)
    return [found[task] or Outcome("failed", STILL_INCOMPLETE) for task in tasks]


def _attempted(
    order: Order, tasks: Sequence[Task], store: Store, send: Send, should_stop: Callable[[], bool], *, again: bool = False
) -> dict[Task, Outcome | None]:
    """How each of the runs ended that train as one program; None: its tables are incomplete, and nothing was stored.

    Args:
        order: to which they belong.
        tasks: the runs.
        store: takes what they leave.
        send: as in `carry_out`.
        should_stop: as in `Train`.
        again: whether they were computed before, which is told.
    """
    folders = [_folder(order, task) for task in tasks]
    with ExitStack() as held:
        logs = [held.enter_context(EventLog(folder / EVENTS)) for folder in folders]
        tellings = [_Telling(task, log, send) for task, log in zip(tasks, logs, strict=True)]

        def tell(text: str) -> None:
            if should_stop():
                raise Stopped("The run was stopped before its training began.")
            for telling in tellings:
                telling.tell(Notice(text=text))

        if again:
            tell(AGAIN)
        specs, states = [telling.spec for telling in tellings], [folder / STATE for folder in folders]
        training = cast("Train", _function(order.training))(specs, Path(order.data_dir), states, should_stop, tell)
        while True:
            try:
                index, event = next(training)
            except StopIteration as end:
                weights = cast("list[Weights]", end.value)
                break
            tellings[index].tell(event)
    outcomes: dict[Task, Outcome | None] = {}
    for task, telling, folder, arrays in zip(tasks, tellings, folders, weights, strict=True):
        if kind_of(telling.spec).gap(telling.spec, telling.progress):
            outcomes[task] = None
            continue
        try:
            store.save(telling.spec, telling.progress, arrays)
        except Exception as fault:  # noqa: BLE001 # what hinders one run's files says nothing of the others'
            outcomes[task] = _failed(fault, order, task)
        else:
            shutil.rmtree(folder, ignore_errors=True)
            outcomes[task] = _written(order, task, store)
    return outcomes


def _folder(order: Order, task: Task) -> Path:
    """Where a run keeps what it has told, and its training's state, until it is finished."""
    return Path(order.cache_dir) / "checkpoints" / task.run_id


def _written(order: Order, task: Task, store: Store) -> Outcome:
    """How the attempt at a stored run ended, once the networks that it kept lie where others begin with them."""
    run, data_dir = store.find(task.run_id), Path(order.data_dir)
    try:
        if run and missing(run.run_id, run.weights, data_dir):
            cast("Keep", _function(KEEPING))(store, run, data_dir)
    except Exception as fault:  # noqa: BLE001 # likewise
        return _failed(fault, order, task)
    return Outcome("done")


def _function(name: str) -> object:
    """What a dotted name means; imported when it is needed, as torch takes seconds."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _note(order: Order, task: Task) -> str:
    """Write the traceback at hand into the cache's logs; the file's path for a sentence, or a word on why there is none."""
    path = Path(order.cache_dir) / "logs" / f"{task.run_id}-{task.attempt}.log"
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(traceback.format_exc())
    except OSError as fault:
        return f"no log, since that could not be written either ({fault.strerror})"
    return place(path, "the server's logs")
