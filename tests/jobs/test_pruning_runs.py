"""Pruning runs through the queue: the same journal, workers and snapshots as runs of twins."""

import os
import signal
import time
from pathlib import Path

import pandas as pd

from lmc_core.experiment import AnySpec
from lmc_core.jobs.crew import crew_of
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.turns import Candidate
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.settings import Settings
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import (
    KILLS_ITS_WORKER_ONCE,
    TRAINING,
    begun,
    crews,
    last_worker,
    quick,
    quick_pruning,
    slow,
    slow_pruning,
)
from tests.made_up_pruning import made_up_prune_result, pruning_progress_of
from tests.made_up_runs import progress_of
from tests.waiting import until


def test_a_pruning_run_is_trained_and_its_result_is_read_from_the_store(engine: Engine) -> None:
    spec = quick_pruning(1)
    ended = engine.wait(engine.submit(spec, "me"), 20)
    assert (ended.state, ended.spec, ended.error) == ("done", spec, None)
    assert ended.run is not None
    assert ended.run.result == made_up_prune_result(spec)
    assert isinstance(ended.progress, PruningProgress)
    assert ended.progress.levels == pruning_progress_of(spec).levels
    for name in PruningProgress.tables:
        pd.testing.assert_frame_equal(ended.run.tables[name], getattr(pruning_progress_of(spec), name))
    assert set(engine.store.weights(spec.run_id, "level3.pair0.mask")) == {"layers.0.weight"}


def test_its_progress_is_of_its_own_kind_from_the_moment_it_is_asked_for(engine: Engine) -> None:
    spec = slow_pruning(2)
    engine.submit(spec, "me")
    assert isinstance(engine.snapshot(spec.run_id).progress, PruningProgress)
    until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 2, 20)
    running = engine.snapshot(spec.run_id)
    assert isinstance(running.progress, PruningProgress)
    assert (running.progress.phase, running.progress.phases) == (0, 2)
    assert len(running.progress.steps) >= 2 * spec.steps_per_epoch
    assert running.seconds_left is not None
    assert engine.cancel(spec.run_id, "me")
    until(lambda: engine.snapshot(spec.run_id).state == "cancelled")


def test_a_finished_pruning_run_is_answered_from_the_cache_within_three_tenths_of_a_second(engine: Engine, settings: Settings) -> None:
    spec = quick_pruning(3)
    engine.wait(engine.submit(spec, "me"), 20)
    with Engine(settings, serve=False, training=TRAINING) as fresh:
        clock = time.monotonic()
        assert fresh.snapshot(fresh.submit(spec, "you")).state == "done"
        assert time.monotonic() - clock < 0.3
    assert begun(settings.data_dir, spec) == [0]


def test_a_pruning_run_whose_worker_is_killed_goes_on_from_its_checkpoint_and_ends_like_any_other(
    engine: Engine, settings: Settings
) -> None:
    spec = slow_pruning(4, epochs=15)
    run_id = engine.submit(spec, "me")
    until(lambda: engine.snapshot(run_id).progress.step >= 18 * spec.steps_per_epoch, 20)
    os.kill(last_worker(settings.data_dir), signal.SIGKILL)
    ended = engine.wait(run_id, 20)
    assert (ended.state, ended.error) == ("done", None)
    first, second = begun(settings.data_dir, spec)
    assert (first, second >= 18) == (0, True)
    assert ended.run is not None
    for name in PruningProgress.tables:
        pd.testing.assert_frame_equal(ended.run.tables[name], getattr(pruning_progress_of(spec), name))


def test_a_pruning_run_that_kills_its_worker_once_is_given_another_try(engine: Engine, settings: Settings) -> None:
    spec = quick_pruning(KILLS_ITS_WORKER_ONCE, epochs=3)
    assert engine.wait(engine.submit(spec, "me"), 20).state == "done"
    assert begun(settings.data_dir, spec) == [0, 1]


def waiting(spec: AnySpec) -> Candidate:
    return Candidate(spec.run_id, spec.model_dump_json(), "me")


def test_pruning_runs_train_alone_also_where_twins_would_train_as_a_crew(engine: Engine, settings: Settings) -> None:
    specs = [waiting(quick_pruning(init)) for init in (5, 6)]
    assert crew_of(specs, accelerated=True, workers=1) == specs[:1]
    twins = [waiting(quick(init)) for init in (5, 6)]
    assert crew_of([twins[0], specs[0], twins[1]], accelerated=True, workers=1) == twins
    for init in (5, 6):
        engine.submit(quick_pruning(init), "me")
    for init in (5, 6):
        assert engine.wait(quick_pruning(init).run_id, 20).state == "done"
        assert crews(settings.data_dir, quick_pruning(init)) == [1]


def test_both_kinds_are_in_the_queue_and_in_the_list_of_runs(engine: Engine) -> None:
    done, waiting, running = quick_pruning(7), slow_pruning(8), slow(8)
    assert engine.wait(engine.submit(done, "me"), 20).state == "done"
    engine.submit(running, "me")
    until(lambda: engine.snapshot(running.run_id).state == "running", 20)
    engine.submit(waiting, "me")
    assert [(entry.spec, entry.state) for entry in engine.queue("me")] == [(running, "running"), (waiting, "queued")]
    listed = {listing.run_id: listing for listing in engine.runs()}
    assert (listed[done.run_id].spec, listed[done.run_id].result) == (done, made_up_prune_result(done))
    assert listed[waiting.run_id].spec == waiting
    for spec in (waiting, running):
        engine.cancel(spec.run_id, "me")
    until(lambda: engine.snapshot(running.run_id).state == "cancelled")


def test_twins_end_as_ever_beside_pruning_runs(engine: Engine) -> None:
    spec = quick(9)
    engine.submit(quick_pruning(9), "me")
    ended = engine.wait(engine.submit(spec, "me"), 20)
    assert ended.run is not None
    assert ended.run.history.equals(progress_of(spec).history)


def test_a_finished_pruning_run_is_a_cell_that_says_it_is_not_of_twins(engine: Engine) -> None:
    spec = quick_pruning(10)
    engine.wait(engine.submit(spec, "me"), 20)
    cell = engine.states([spec.run_id])[spec.run_id]
    assert (cell.state, cell.epoch, cell.barrier, cell.twins) == ("done", spec.epochs, None, None)
    assert cell.run is not None
    assert cell.run.spec == spec


def test_what_some_pruning_runs_took_changes_the_next_estimate(tmp_path: Path) -> None:
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        before = engine.estimate(quick_pruning(1))
        for another in (2, 3, 4):
            engine.wait(engine.submit(quick_pruning(another), "me"), 20)
        until(lambda: engine.estimate(quick_pruning(1)).seconds != before.seconds)
    assert engine.estimate(quick_pruning(1)).parameters == before.parameters
