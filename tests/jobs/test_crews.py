"""Runs that one worker trains as one program."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lmc_core.cost.footprint import memory_together
from lmc_core.experiment import Spawn, TwinsSpec
from lmc_core.jobs import dispatcher
from lmc_core.jobs.crew import crew_of
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.turns import Candidate
from lmc_core.models.spec import MLP
from lmc_core.settings import Settings
from tests.jobs.made_up_training import (
    FINDS_THE_DISK_FULL,
    HAS_A_DEFECT,
    IS_REFUSED,
    KILLS_ITS_WORKER,
    TELLS,
    TRAINING,
    begun,
    crews,
    last_worker,
    quick,
    slow,
)
from tests.made_up_runs import made_up_result, progress_of
from tests.waiting import until


def members(first: int, number: int = 4, epochs: int = 40) -> list[TwinsSpec]:
    return [slow(init, epochs) for init in range(first, first + number)]


def waiting(specs: list[TwinsSpec], visitors: str = "") -> list[Candidate]:
    """These runs, all of one visitor or each of the visitor that a letter names."""
    names = visitors or "m" * len(specs)
    return [Candidate(spec.run_id, spec.model_dump_json(), name) for spec, name in zip(specs, names, strict=True)]


def under_way(engine: Engine, run_ids: list[str], epoch: int = 5) -> None:
    until(lambda: all(cell.epoch >= epoch for cell in engine.states(run_ids).values()), 20)


def all_done(engine: Engine, specs: list[TwinsSpec]) -> None:
    """All are stored, with everything that an uninterrupted run alone would have told."""
    for spec, cell in zip(specs, engine.wait_all([spec.run_id for spec in specs], 30).values(), strict=True):
        assert (cell.state, cell.error) == ("done", None)
        run = engine.store.find(spec.run_id)
        assert run is not None
        assert run.result == made_up_result(spec)
        assert run.history.equals(progress_of(spec).history)
        assert run.curves.equals(progress_of(spec).curves)
        assert engine.store.weights(spec.run_id, "pair0.a")["layers.0.weight"].shape == (4, 64)
        assert not (engine.settings.cache_dir / "checkpoints" / spec.run_id).exists()


def test_runs_that_can_train_as_one_program_do(engine: Engine, settings: Settings) -> None:
    crew, other = members(1), slow(9, epochs=10)
    run_ids = engine.submit_all([crew[0], other, *crew[1:]], "me")
    until(lambda: engine.states(run_ids)[crew[0].run_id].epoch >= 5, 20)
    assert {engine.states(run_ids)[spec.run_id].state for spec in crew} == {"running"}
    assert engine.states(run_ids)[other.run_id].state == "queued"
    all_done(engine, [*crew, other])
    assert [begun(settings.data_dir, spec) for spec in crew] == [[0]] * 4
    assert [crews(settings.data_dir, spec) for spec in (*crew, other)] == [[4]] * 4 + [[1]]


def test_runs_of_ten_visitors_that_wait_together_train_as_one_program(engine: Engine, settings: Settings) -> None:
    first, others = slow(20, epochs=25), members(110, 10, epochs=10)
    engine.submit(first, "busy")
    under_way(engine, [first.run_id], 1)
    for place, spec in enumerate(others):
        engine.submit(spec, f"visitor {place}")
    assert {engine.snapshot(spec.run_id).queue_position for spec in others} == {1}
    all_done(engine, [first, *others])
    assert [crews(settings.data_dir, spec) for spec in others] == [[10]] * 10


def test_a_lone_run_starts_at_once(engine: Engine) -> None:
    until(lambda: not engine.queue(), 10)
    clock = time.monotonic()
    run_id = engine.submit(slow(230), "me")
    under_way(engine, [run_id], 1)
    assert time.monotonic() - clock < 1.0
    engine.cancel(run_id, "me")
    engine.wait(run_id, 5)


def test_each_visitors_run_in_a_crew_remains_their_own(engine: Engine, settings: Settings) -> None:
    first, mine, yours = slow(240, epochs=15), slow(241, 60), slow(242, 60)
    engine.submit(first, "busy")
    under_way(engine, [first.run_id], 1)
    engine.submit(mine, "me")
    engine.submit(yours, "you")
    under_way(engine, [mine.run_id, yours.run_id])
    assert not engine.cancel_all([mine.run_id, yours.run_id], "another")
    assert engine.cancel(mine.run_id, "me")
    all_done(engine, [first, yours])
    assert engine.snapshot(mine.run_id).state == "cancelled"
    assert crews(settings.data_dir, yours) == [2, 1]


def test_a_fault_of_another_visitors_run_fails_that_one_alone(engine: Engine, settings: Settings) -> None:
    first, mine, bad = slow(250, epochs=15), quick(251, 12), quick(HAS_A_DEFECT + 252, 12)
    engine.submit(first, "busy")
    under_way(engine, [first.run_id], 1)
    engine.submit(mine, "me")
    engine.submit(bad, "you")
    all_done(engine, [first, mine])
    assert engine.wait(bad.run_id, 20).state == "failed"
    assert crews(settings.data_dir, mine) == [2, 1]


def test_nobody_waits_for_anothers_sweep_in_a_crew() -> None:
    specs = [quick(init) for init in range(6)]
    order = waiting(specs, "asabbb")
    assert [candidate.run_id for candidate in crew_of(order, accelerated=False, workers=1)] == [specs[place].run_id for place in (0, 1, 3)]
    assert crew_of(waiting(specs, "aabbab"), accelerated=False, workers=1) == waiting(specs, "aabbab")


def test_when_one_of_a_crew_is_cancelled_the_others_go_on_at_once_where_they_were(engine: Engine, settings: Settings) -> None:
    specs = members(30, epochs=60)
    run_ids = engine.submit_all(specs, "me")
    under_way(engine, run_ids)
    assert engine.cancel(run_ids[1], "me")
    until(lambda: engine.snapshot(run_ids[1]).state == "cancelled", 5)
    left = [specs[0], *specs[2:]]
    all_done(engine, left)
    for spec in left:
        first, second = begun(settings.data_dir, spec)
        assert first == 0
        assert second >= 5
        assert crews(settings.data_dir, spec) == [4, 3]
    assert begun(settings.data_dir, specs[1]) == [0]
    assert engine.wait(engine.submit(specs[1], "me"), 20).state == "done"
    assert begun(settings.data_dir, specs[1])[1] >= 5


def test_a_cancelled_crew_stops_as_fast_as_a_run_alone(engine: Engine) -> None:
    run_ids = engine.submit_all(members(40, epochs=5_000), "me")
    under_way(engine, run_ids, 2)
    assert engine.cancel_all(run_ids, "me") == 4
    assert {cell.state for cell in engine.wait_all(run_ids, 2).values()} == {"cancelled"}


def test_a_crew_whose_worker_is_killed_loses_nothing_and_each_run_goes_on_alone(engine: Engine, settings: Settings) -> None:
    specs = members(50, 3)
    run_ids = engine.submit_all(specs, "me")
    under_way(engine, run_ids)
    os.kill(last_worker(settings.data_dir), signal.SIGKILL)
    all_done(engine, specs)
    for spec in specs:
        first, second = begun(settings.data_dir, spec)
        assert first == 0
        assert second >= 5
        assert crews(settings.data_dir, spec) == [3, 1]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (IS_REFUSED, "There are no such data; get some."),
        (HAS_A_DEFECT, "The run ended with an unexpected ZeroDivisionError (an unforeseen defect); the details are in "),
        (FINDS_THE_DISK_FULL, "The disk that holds "),
        (KILLS_ITS_WORKER, "The worker process died 2 times while it trained this run"),
    ],
)
def test_a_fault_of_one_fails_that_one_and_the_others_end_alone(engine: Engine, settings: Settings, fault: int, sentence: str) -> None:
    epochs = 4 + fault // 1_000
    good, bad = [quick(init, epochs) for init in (60, 61)], quick(fault + 60, epochs)
    engine.submit_all([good[0], bad, good[1]], "me")
    all_done(engine, good)
    ended = engine.wait(bad.run_id, 20)
    assert ended.state == "failed"
    assert ended.error is not None
    assert ended.error.startswith(sentence)
    assert [crews(settings.data_dir, spec) for spec in (*good, bad)] == [[3, 1]] * 3


def test_what_a_crew_says_before_its_training_is_shown_with_each_run(engine: Engine) -> None:
    run_ids = engine.submit_all([slow(TELLS + 1, epochs=700), slow(80, epochs=700)], "me")
    under_way(engine, run_ids, 1)
    assert [engine.snapshot(run_id).notices for run_id in run_ids] == [("The data set is on its way.",)] * 2
    engine.cancel_all(run_ids, "me")
    engine.wait_all(run_ids, 5)


def test_a_server_that_is_closed_and_started_again_goes_on_with_the_crew(tmp_path: Path, settings: Settings) -> None:
    own = replace(settings, cache_dir=tmp_path / "cache", data_dir=tmp_path / "data")
    specs = members(1)
    run_ids = [spec.run_id for spec in specs]
    with Engine(own, training=TRAINING) as first:
        first.submit_all(specs, "me")
        under_way(first, run_ids)
    with Engine(own, training=TRAINING) as second:
        all_done(second, specs)
    for spec in specs:
        assert len(begun(own.data_dir, spec)) == 2
        assert begun(own.data_dir, spec)[1] >= 5
        assert crews(own.data_dir, spec) == [4, 4]


def test_a_crew_is_shared_among_the_workers_that_are_free(tmp_path: Path, settings: Settings) -> None:
    own = replace(settings, cache_dir=tmp_path / "cache", data_dir=tmp_path / "data", workers=2)
    first, rest = members(1, 2, epochs=15), members(11, 5)
    with Engine(own, training=TRAINING) as engine:
        engine.submit_all(first, "me")
        engine.submit_all(rest, "me")
        all_done(engine, [*first, *rest])
    assert [begun(own.data_dir, spec) for spec in rest] == [[0]] * 5


def test_a_crew_gives_way_to_another_visitor_after_a_while_and_goes_on_after_them(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "TURN_SECONDS", 0.5)
    specs = members(90, 3, epochs=150)
    run_ids = engine.submit_all(specs, "me")
    under_way(engine, run_ids)
    single = engine.submit(quick(95, epochs=9), "you")
    assert engine.wait(single, 20).state == "done"
    assert {cell.state for cell in engine.states(run_ids).values()} <= {"queued", "running"}
    all_done(engine, specs)
    for spec in specs:
        assert crews(settings.data_dir, spec) == [3, 3]
        assert begun(settings.data_dir, spec)[1] >= 5


def test_free_workers_share_what_waits() -> None:
    specs = waiting([quick(init) for init in range(5)])
    assert crew_of(specs, accelerated=False, workers=2) == specs[:3]
    assert crew_of(specs[3:], accelerated=False, workers=1) == specs[3:]


def test_runs_that_would_gain_nothing_as_one_program_are_trained_one_by_one() -> None:
    large = waiting([TwinsSpec(dataset="mnist", architecture=MLP(width=512), batch_size=4_096, seeds=seeds) for seeds in _seeds(3)])
    assert crew_of(large, accelerated=False, workers=1) == large[:1]
    assert crew_of(large, accelerated=True, workers=1) == large


def test_on_a_cpu_large_networks_that_part_at_different_steps_are_a_crew() -> None:
    base = TwinsSpec(dataset="mnist", architecture=MLP(width=512), batch_size=4_096)
    points = [base.model_copy(update={"spawn": Spawn(at=at)}) for at in range(4)]
    other = base.model_copy(update={"seeds": _seeds(2)[1]})
    specs = waiting([points[0], other, *points[1:]])
    assert crew_of(specs, accelerated=False, workers=1) == waiting(points)
    assert crew_of(specs[1:], accelerated=False, workers=1) == specs[1:2]


def test_a_crew_is_no_larger_than_memory_allows() -> None:
    runs = [quick(init) for init in range(5)]
    most = memory_together(runs[:2], accelerated=False)
    assert crew_of(waiting(runs), accelerated=False, workers=1) == waiting(runs)
    assert crew_of(waiting(runs), accelerated=False, workers=1, most_bytes=most) == waiting(runs)[:2]
    assert crew_of(waiting(runs), accelerated=False, workers=1, most_bytes=1) == waiting(runs)[:1]


def _seeds(number: int) -> list[object]:
    return [TwinsSpec().seeds.model_copy(update={"init": init}) for init in range(number)]
