"""What an order may take of its worker: a run that passes it by far is stopped with its reason, and hurts no other."""

import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest

from lmc_core.errors import Stopped
from lmc_core.experiment import AnySpec
from lmc_core.jobs import allowance, stops
from lmc_core.jobs.allowance import UNLIMITED, Allowance, Watch
from lmc_core.jobs.attempt import Order, Outcome, Task, carry_out
from lmc_core.runs.events import Done, Event
from lmc_core.runs.store import Store, Weights
from tests.jobs.made_up_training import MADE_UP, quick

WORKS = f"{__name__}:work"
GREEDY = 9
"""Seed of a run that takes two seconds of the processor; the others take none."""


def work(
    specs: Sequence[AnySpec], data_dir: Path, checkpoints: Sequence[Path], should_stop: Callable[[], bool], tell: Callable[[str], None]
) -> Generator[tuple[int, Event], None, list[Weights]]:
    """A training that keeps its core busy for some time."""
    for checkpoint in checkpoints:
        checkpoint.mkdir(parents=True, exist_ok=True)
    end = time.process_time() + 2.0 * any(spec.seeds.init == GREEDY for spec in specs)
    while True:
        if should_stop():
            raise Stopped("The run was stopped.")
        if time.process_time() >= end:
            break
    for index, spec in enumerate(specs):
        yield index, MADE_UP["twins"].started(spec, 0)
        for epoch in range(MADE_UP["twins"].epochs(spec) + 1):
            yield from ((index, event) for event in MADE_UP["twins"].epoch(spec, epoch))
        yield index, Done(result=MADE_UP["twins"].result(spec))
    return [MADE_UP["twins"].weights(spec) for spec in specs]


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(allowance, "LEAST_SECONDS", 0.05)


def carried_out(folder: Path, seeds: Sequence[int], allowed: Allowance, attempt: int = 1) -> list[Outcome]:
    specs = [quick(seed) for seed in seeds]
    tasks = tuple(Task(spec.run_id, attempt, spec.model_dump_json(), 0) for spec in specs)
    return carry_out(Order(tasks, str(folder), str(folder), WORKS, "", False, allowed), lambda *_: None)


def test_a_run_that_takes_many_times_what_was_told_is_stopped_with_its_reason(tmp_path: Path) -> None:
    (outcome,) = carried_out(tmp_path, [GREEDY], Allowance(seconds=0.02, overrun=5))
    assert outcome.state == "failed"
    assert outcome.error is not None
    assert outcome.error.startswith(
        "The run was stopped: it took 0 s and was expected to take 0 s (LMC_MAX_OVERRUN is 5); lower the epochs"
    )
    assert Store(tmp_path).find(quick(GREEDY).run_id) is None


def test_a_run_whose_worker_takes_more_memory_than_one_run_may_is_stopped(tmp_path: Path) -> None:
    (outcome,) = carried_out(tmp_path, [0], Allowance(memory_gib=0.01))
    assert outcome.state == "failed"
    assert outcome.error is not None
    assert "and 10.2 MiB is the most for one run (LMC_MAX_MEMORY_GIB); lower the width" in outcome.error


@pytest.mark.parametrize("allowed", [UNLIMITED, Allowance(seconds=2, overrun=5, memory_gib=64)])
def test_a_run_within_its_bounds_is_not_stopped(tmp_path: Path, allowed: Allowance) -> None:
    assert carried_out(tmp_path, [GREEDY], allowed) == [Outcome("done")]


def test_of_a_crew_that_takes_too_long_each_run_goes_on_alone_and_only_the_guilty_one_fails(tmp_path: Path) -> None:
    allowed = Allowance(seconds=0.02, overrun=5)
    assert carried_out(tmp_path, [0, GREEDY], allowed) == [Outcome("parted")] * 2
    assert carried_out(tmp_path, [0], allowed) == [Outcome("done")]
    assert [outcome.state for outcome in carried_out(tmp_path, [GREEDY], allowed)] == ["failed"]


def test_time_of_earlier_attempts_counts_until_the_run_has_failed(tmp_path: Path) -> None:
    run_id, folder = quick(GREEDY).run_id, tmp_path / "checkpoints" / quick(GREEDY).run_id
    folder.mkdir(parents=True)
    (folder / allowance.SPENT).write_text("1e6")
    stops.request(str(tmp_path), run_id, 1)
    assert carried_out(tmp_path, [GREEDY], UNLIMITED) == [Outcome("stopped")]
    (outcome,) = carried_out(tmp_path, [GREEDY], Allowance(seconds=20, overrun=5), attempt=2)
    assert outcome.state == "failed"
    assert carried_out(tmp_path, [GREEDY], Allowance(seconds=20, overrun=5), attempt=3) == [Outcome("done")]


def test_a_worker_that_rests_takes_none_of_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(Allowance(seconds=0.02, overrun=5), [tmp_path])
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    assert not watch.exceeded
