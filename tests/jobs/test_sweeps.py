import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.cells import CellState
from lmc_core.jobs.engine import Engine
from lmc_core.models.spec import MLP
from lmc_core.runs.pack import write_pack
from lmc_core.runs.store import Store
from lmc_core.settings import Settings
from tests.jobs.made_up_training import IS_REFUSED, TRAINING, begun, order_begun, quick, quick_pruning, slow
from tests.made_up_runs import made_up_result
from tests.waiting import until


def cells(first: int, number: int = 4, epochs: int = 3) -> list[TwinsSpec]:
    return [quick(init, epochs) for init in range(first, first + number)]


def ids(specs: list[TwinsSpec]) -> list[str]:
    return [spec.run_id for spec in specs]


@pytest.fixture
def busy(engine: Engine) -> Iterator[str]:
    """A run of another visitor that has the only worker."""
    run_id = engine.submit(slow(99), "busy")
    until(lambda: engine.snapshot(run_id).state == "running", 20)
    yield run_id
    engine.cancel(run_id, "busy")
    engine.wait(run_id, 5)


def test_the_cells_of_a_sweep_are_trained_once_each_in_its_order(engine: Engine, settings: Settings) -> None:
    specs = cells(100)
    told: list[dict[str, CellState]] = []
    ended = engine.wait_all(engine.submit_all([*specs, specs[0]], "me"), 20, told.append)
    assert list(ended) == ids(specs)
    for spec, cell in zip(specs, ended.values(), strict=True):
        assert (cell.state, cell.epoch, cell.epochs, cell.error, cell.seconds_left) == ("done", 3, 3, None, None)
        assert cell.run is not None
        assert (cell.run.spec, cell.run.result) == (spec, made_up_result(spec))
        assert cell.barrier == made_up_result(spec).summary.test.error.mean
        assert begun(settings.data_dir, spec) == [0]
    assert [run_id for run_id in order_begun(settings.data_dir) if run_id in ended] == ids(specs)
    assert all(before != after for before, after in pairwise(told))


def test_a_sweep_that_is_widened_trains_what_is_new(engine: Engine, settings: Settings) -> None:
    narrow, wide = cells(110, 2), cells(110, 4)
    engine.wait_all(engine.submit_all(narrow, "me"), 20)
    cost = engine.estimate_all(wide)
    assert (cost.cells, cost.to_train, cost.networks) == (4, 2, 4)
    assert cost.parameters == 4 * made_up_result(wide[0]).parameters
    assert cost.seconds == pytest.approx(sum(engine.estimate(spec).seconds for spec in wide[2:]))
    engine.wait_all(engine.submit_all(wide, "me"), 20)
    assert [begun(settings.data_dir, spec) for spec in wide] == [[0]] * 4
    assert (engine.estimate_all(wide).to_train, engine.estimate_all(wide).seconds) == (0, 0.0)


def test_a_live_cell_shows_its_epoch_and_its_barrier_so_far(engine: Engine) -> None:
    running, waiting = slow(120, epochs=1_000), slow(121, epochs=1_001)
    run_ids = engine.submit_all([running, waiting], "me")
    until(lambda: engine.states(run_ids)[running.run_id].epoch >= 3, 20)
    first, second = engine.states(run_ids).values()
    assert (first.state, first.epochs, first.run) == ("running", 1_000, None)
    assert first.barrier == pytest.approx(0.01 * first.epoch)
    assert (second.state, second.epoch, second.barrier) == ("queued", 0, None)
    assert first.seconds_left is not None
    assert second.seconds_left is not None
    assert second.seconds_left > first.seconds_left
    assert engine.cancel_all(run_ids, "me") == 2
    assert {cell.state for cell in engine.wait_all(run_ids, 5).values()} == {"cancelled"}


def test_a_cancelled_sweep_leaves_what_others_want(engine: Engine, busy: str) -> None:
    mine, shared = cells(130, 3), quick(132)
    run_ids = engine.submit_all(mine, "me")
    engine.submit(shared, "you")
    assert engine.cancel_all([*run_ids, "0" * 20], "me") == 2
    assert [engine.states(run_ids)[run_id].state for run_id in run_ids] == ["cancelled", "cancelled", "queued"]
    assert engine.cancel(shared.run_id, "you")


def test_a_stopped_sweep_goes_on_where_it_was(engine: Engine, settings: Settings) -> None:
    specs = [quick(140, epochs=3), slow(141, epochs=40), quick(142, epochs=4)]
    run_ids = engine.submit_all(specs, "me")
    until(lambda: engine.states(run_ids)[run_ids[1]].epoch >= 5, 20)
    assert engine.cancel_all(run_ids, "me") == 2
    engine.wait_all(run_ids, 5)
    assert {cell.state for cell in engine.wait_all(engine.submit_all(specs, "me"), 20).values()} == {"done"}
    first, second, third = (begun(settings.data_dir, spec) for spec in specs)
    assert (first, third) == ([0], [0])
    assert second[0] == 0
    assert second[1] >= 5


def test_a_sweep_counts_as_one_run_of_its_visitor(engine: Engine, settings: Settings, busy: str) -> None:
    with Engine(replace(settings, max_queued=2), serve=False, training=TRAINING) as strict:
        sweep = strict.submit_all(cells(150, 10), "me")
        single = strict.submit(quick(160), "me")
        with pytest.raises(LMCError, match=r"You have 2 runs waiting or running, and 2 is the most for one visitor \(LMC_MAX_QUEUED\)"):
            strict.submit_all(cells(150, 12), "me")
        assert strict.states([quick(161).run_id])[quick(161).run_id].state == "unknown"
        assert strict.submit_all(cells(150, 10), "me") == sweep
        strict.cancel_all([*sweep, single], "me")


def test_anothers_single_run_does_not_wait_behind_a_whole_sweep(engine: Engine, busy: str) -> None:
    sweep = engine.submit_all(cells(170, 20), "me")
    single = engine.submit(quick(190), "you")
    order = [entry.run_id for entry in engine.queue() if entry.position is not None]
    assert order.index(single) <= 1
    assert [run_id for run_id in order if run_id != single] == sweep
    engine.cancel_all([*sweep], "me")
    engine.cancel(single, "you")


def test_a_sweep_too_large_or_too_long_is_refused_as_a_whole(engine: Engine, settings: Settings) -> None:
    specs = cells(200, 3)
    with Engine(replace(settings, max_cells=2), serve=False, training=TRAINING) as strict:
        with pytest.raises(LMCError) as fault:
            strict.submit_all(specs, "me")
        assert str(fault.value) == "This sweep has 3 runs to train, and 2 is the most for one sweep (LMC_MAX_CELLS); take fewer values."
        assert strict.refusal_all(specs) == str(fault.value)
        assert strict.refusal_all(specs[:2]) is None
    seconds = engine.estimate(specs[0]).seconds
    with Engine(replace(settings, max_seconds=2.5 * seconds), serve=False, training=TRAINING) as strict:
        with pytest.raises(LMCError, match=r"This sweep would take about .* is the most \(LMC_MAX_SECONDS\); take fewer values"):
            strict.submit_all(specs, "me")
        assert strict.refusal_all(specs[:2]) is None
    with Engine(replace(settings, max_seconds=2.5 * seconds, workers=2), serve=False, training=TRAINING) as twice_as_fast:
        assert twice_as_fast.refusal_all(specs) is None
    assert {cell.state for cell in engine.states(ids(specs)).values()} == {"unknown"}


def test_a_refused_cell_refuses_the_sweep_and_is_named(engine: Engine) -> None:
    specs = [TwinsSpec(dataset="cifar10", architecture=MLP(depth=8, width=width)) for width in (64, 65_536)]
    with pytest.raises(LMCError, match=r"^Cell 2 of 2 \(architecture\.width=65536\): This run would need .* \(LMC_MAX_MEMORY_GIB\); lower"):
        engine.submit_all(specs, "me")
    assert {cell.state for cell in engine.states(ids(specs)).values()} == {"unknown"}


def test_a_cell_that_fails_says_why_and_the_others_do_not_suffer(engine: Engine) -> None:
    specs = [quick(210), quick(IS_REFUSED), quick(211)]
    ended = engine.wait_all(engine.submit_all(specs, "me"), 20)
    assert [(cell.state, cell.error) for cell in ended.values()] == [
        ("done", None),
        ("failed", "There are no such data; get some."),
        ("done", None),
    ]


def test_shipped_cells_count_as_finished(engine: Engine, settings: Settings) -> None:
    spec = quick(220)
    engine.wait(engine.submit(spec, "me"), 20)
    trained = Store(settings.cache_dir).find(spec.run_id)
    assert trained is not None
    gallery = settings.cache_dir.with_name("gallery")
    write_pack(gallery / "one.zip", [trained])
    shipped = replace(settings, cache_dir=settings.cache_dir.with_name("other"), gallery_dir=gallery)
    with Engine(shipped, serve=False, training=TRAINING) as fresh:
        assert fresh.estimate_all([spec]).to_train == 0
        (run_id,) = fresh.submit_all([spec], "me")
        run = fresh.states([run_id])[run_id].run
    assert run is not None
    assert run.shipped


def test_a_damaged_cell_is_computed_again(engine: Engine, settings: Settings) -> None:
    specs = cells(230, 2)
    run_ids = engine.submit_all(specs, "me")
    engine.wait_all(run_ids, 20)
    (settings.cache_dir / "runs" / run_ids[1] / "result.json").write_text("{}")
    until(lambda: engine.states(run_ids)[run_ids[1]].state != "done" or begun(settings.data_dir, specs[1]) == [0, 0], 10)
    until(lambda: engine.states(run_ids)[run_ids[1]].state == "done", 20)
    assert [begun(settings.data_dir, spec) for spec in specs] == [[0], [0, 0]]


def test_a_hundred_cells_are_cheap_enough_for_thirty_who_look_twice_a_second(engine: Engine, busy: str) -> None:
    finished = engine.submit_all(cells(300, 50, epochs=1), "me")
    engine.cancel(busy, "busy")
    engine.wait_all(finished, 60)
    engine.submit(slow(99), "busy")
    run_ids = [busy, *finished, *engine.submit_all([slow(init, epochs=50) for init in range(400, 449)], "me")]
    until(lambda: engine.snapshot(busy).state == "running", 20)
    begin, clock = time.monotonic(), time.process_time()
    looks = 0
    while time.monotonic() - begin < 2.0 and looks < 120:
        engine.states(run_ids)
        looks += 1
    assert (time.process_time() - clock) / looks < 0.005
    engine.cancel_all(run_ids, "me")


def test_what_is_no_run_id_is_refused(engine: Engine) -> None:
    for use in (engine.states, lambda run_ids: engine.cancel_all(run_ids, "me")):
        with pytest.raises(LMCError, match="is not a run id"):
            use(["../.."])


def test_a_journal_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    settings = Settings(cache_dir=tmp_path, data_dir=tmp_path, gallery_dir=None)
    with Engine(settings, serve=False, training=TRAINING) as engine:
        for column in ("sweep", "crew", "alone"):
            engine._open.journal.database.change(f"ALTER TABLE jobs DROP COLUMN {column}")
        engine._open.journal.database.change(
            "INSERT INTO jobs (run_id, spec, state, submitted) VALUES (?, ?, 'cancelled', 0)", (quick(1).run_id, quick(1).model_dump_json())
        )
    with Engine(settings, serve=False, training=TRAINING) as engine:
        assert engine.submit_all([quick(1)], "me") == [quick(1).run_id]
        assert engine.states([quick(1).run_id])[quick(1).run_id].state == "queued"


def test_the_rounding_twin_is_a_network_too(engine: Engine) -> None:
    spec = quick(240)
    with_third = spec.model_copy(update={"measurement": spec.measurement.model_copy(update={"rounding_twin": True})})
    assert (engine.estimate_all([spec]).networks, engine.estimate_all([with_third]).networks) == (2, 3)


def test_pruning_runs_are_estimated_submitted_and_watched_as_twins_are(tmp_path: Path) -> None:
    specs = [quick_pruning(seed) for seed in (1, 2)]
    with Engine(Settings(cache_dir=tmp_path, data_dir=tmp_path / "data"), training=TRAINING) as engine:
        told = engine.estimate_all([*specs, quick(1)])
        assert (told.cells, told.to_train) == (3, 3)
        assert told.networks > engine.estimate_all([quick(1)]).networks
        run_ids = engine.submit_all(specs, "someone")
        states = engine.wait_all(run_ids, timeout=120)
        assert [state.state for state in states.values()] == ["done", "done"]
        assert all(state.run is not None and state.twins is None and state.barrier is None for state in states.values())
        assert engine.estimate_all(specs).to_train == 0
