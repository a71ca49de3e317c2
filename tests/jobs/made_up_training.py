"""A training for tests of what carries it: told in advance how long an epoch takes and what goes wrong, and without torch.

A run's first seed says what happens to it, and its learning rate how many seconds an epoch takes. Each beginning is noted
in the file `begun` of the data folder, so that tests can count trainings.
"""

import errno
import json
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmc_core.errors import LMCError, Stopped, field
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.runs.events import Done, Event, Started
from lmc_core.runs.kinds import AnyResult
from lmc_core.runs.store import Weights
from tests.made_up_pruning import made_up_prune_result, made_up_pruning, phase_epoch, pruned_weights, pruning_started
from tests.made_up_runs import epoch_events, made_up_result, made_up_spec, started, weights_of

TRAINING = "tests.jobs.made_up_training:train"

KILLS_ITS_WORKER = 1_000
KILLS_ITS_WORKER_ONCE = 2_000
IS_REFUSED = 3_000
HAS_A_DEFECT = 4_000
FINDS_THE_DISK_FULL = 5_000
RUNS_OUT_OF_MEMORY = 6_000
TELLS = 7_000
NAMES_A_FIELD = 8_000
FAULT_EPOCH = 2


@dataclass(frozen=True)
class MadeUp:
    """What is told and left of a run of one kind, in place of training; each function takes the spec."""

    started: Callable[[Any, int], Started]
    epoch: Callable[[Any, int], Iterator[Event]]
    epochs: Callable[[Any], int]
    result: Callable[[Any], AnyResult]
    weights: Callable[[Any], Weights]


MADE_UP = {
    "twins": MadeUp(started, epoch_events, lambda spec: spec.epochs, made_up_result, weights_of),
    "prune": MadeUp(pruning_started, phase_epoch, lambda spec: 2 * spec.epochs, made_up_prune_result, pruned_weights),
}


def quick(init: int = 0, epochs: int = 3) -> TwinsSpec:
    """A run that takes a few hundredths of a second."""
    return made_up_spec(init, epochs, lr=0.005)


def slow(init: int = 0, epochs: int = 5_000) -> TwinsSpec:
    """A run that does not end by itself while a test lasts."""
    return made_up_spec(init, epochs, lr=0.03)


def quick_pruning(init: int = 0, epochs: int = 3) -> PruneSpec:
    """A pruning run that takes a few hundredths of a second."""
    return made_up_pruning(init, epochs, lr=0.005)


def slow_pruning(init: int = 0, epochs: int = 2_500) -> PruneSpec:
    """A pruning run that does not end by itself while a test lasts."""
    return made_up_pruning(init, epochs, lr=0.03)


def train(
    specs: Sequence[AnySpec], data_dir: Path, checkpoints: Sequence[Path], should_stop: Callable[[], bool], tell: Callable[[str], None]
) -> Generator[tuple[int, Event], None, list[Weights]]:
    """The events of runs that learn nothing; writes checkpoints after each epoch. A crew's epoch takes as long as its slowest run's."""
    states = [checkpoint / "epoch.json" for checkpoint in checkpoints]
    firsts = [json.loads(state.read_text()) if state.exists() else 0 for state in states]
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "begun").open("a") as begun:
        for spec, first in zip(specs, firsts, strict=True):
            begun.write(f"{spec.run_id} {first} {os.getpid()} {len(specs)}\n")
    if any(_kind(spec) == TELLS for spec in specs):
        tell("The data set is on its way.")
    for first in sorted(set(firsts)):
        crew = [(index, spec) for index, spec in enumerate(specs) if firsts[index] == first]
        for index, spec in crew:
            yield index, MADE_UP[spec.kind].started(spec, first)
        for epoch in range(first, MADE_UP[crew[0][1].kind].epochs(crew[0][1]) + 1):
            if epoch > first:
                _spend(max(spec.optimizer.lr for _, spec in crew), should_stop)
            for index, spec in crew:
                if epoch == FAULT_EPOCH:
                    _go_wrong(spec, checkpoints[index])
                yield from ((index, event) for event in MADE_UP[spec.kind].epoch(spec, epoch))
                _write(states[index], epoch)
        for index, spec in crew:
            yield index, Done(result=MADE_UP[spec.kind].result(spec))
    return [MADE_UP[spec.kind].weights(spec) for spec in specs]


def begun(data_dir: Path, spec: AnySpec) -> list[int]:
    """The epochs at which trainings of a run began, one for each beginning."""
    return [first for run_id, first, _, _ in _lines(data_dir) if run_id == spec.run_id]


def crews(data_dir: Path, spec: AnySpec) -> list[int]:
    """With how many runs together trainings of a run began, itself counted, one number for each beginning."""
    return [size for run_id, _, _, size in _lines(data_dir) if run_id == spec.run_id]


def order_begun(data_dir: Path) -> list[str]:
    """The runs in the order in which trainings began."""
    return [run_id for run_id, *_ in _lines(data_dir)]


def last_worker(data_dir: Path) -> int:
    """The process id of the worker in which a training began last."""
    return _lines(data_dir)[-1][2]


def workers(data_dir: Path) -> set[int]:
    """The process ids of all workers in which trainings began."""
    return {pid for _, _, pid, _ in _lines(data_dir)}


def _lines(data_dir: Path) -> list[tuple[str, int, int, int]]:
    file = data_dir / "begun"
    rows = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    return [(run_id, int(first), int(pid), int(size)) for run_id, first, pid, size in rows]


def _kind(spec: AnySpec) -> int:
    return spec.seeds.init // 1_000 * 1_000


def _spend(seconds: float, should_stop: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if should_stop():
            raise Stopped("The run was stopped.")
        time.sleep(0.002)


def _write(state: Path, epoch: int) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    beside = state.with_suffix(".new")
    beside.write_text(json.dumps(epoch))
    beside.rename(state)


def _go_wrong(spec: AnySpec, checkpoint: Path) -> None:
    match _kind(spec):
        case 1_000:
            os.abort()
        case 2_000 if not (checkpoint / "killed").exists():
            (checkpoint / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        case 3_000:
            raise LMCError("There are no such data; get some.")
        case 4_000:
            raise ZeroDivisionError("an unforeseen defect")
        case 5_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        case 6_000:
            raise MemoryError
        case 8_000:
            raise LMCError(f"{field('optimizer.lr')} is too high; lower it.")
