"""The real training behind the real engine, on the embedded data set."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lmc_core.checkpoints.resolve import resolve
from lmc_core.connectivity.spec import Measurement
from lmc_core.data.load import load
from lmc_core.experiment import Spawn, TwinsSpec
from lmc_core.jobs.engine import Engine
from lmc_core.models.spec import CNN, MLP
from lmc_core.settings import Settings
from lmc_core.training.run import train_twins
from tests.jobs.conftest import settings_in
from tests.waiting import until

ROOT = Path(__file__).parents[2]
QUICK = TwinsSpec(architecture=MLP(width=8), epochs=2, measurement=Measurement(alphas=3))
LONG = TwinsSpec(architecture=MLP(width=64), epochs=150, measurement=Measurement(every=50))

OWN_NICENESS = os.getpriority(os.PRIO_PROCESS, 0)
"""Of the tests, before any engine has started."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_in(tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    with Engine(settings) as engine:
        assert engine.wait(engine.submit(QUICK, "somebody"), 60).state == "done"
        yield engine


def test_a_warm_worker_tells_the_first_live_point_within_a_second_of_the_click(engine: Engine) -> None:
    spec = TwinsSpec(epochs=500)
    clock = time.monotonic()
    run_id = engine.submit(spec, "me")
    until(lambda: len(engine.snapshot(run_id).progress.history) > 0, 10)
    assert time.monotonic() - clock < 1.0
    engine.cancel(run_id, "me")
    assert engine.wait(run_id, 10).state == "cancelled"


def test_a_run_that_was_stopped_and_went_on_has_the_bits_of_one_that_was_not(engine: Engine, settings: Settings) -> None:
    run_id = engine.submit(LONG, "me")
    until(lambda: engine.snapshot(run_id).progress.epoch >= 20, 30)
    engine.cancel(run_id, "me")
    stopped = engine.wait(run_id, 10)
    assert stopped.state == "cancelled"
    assert engine.wait(engine.submit(LONG, "me"), 60).state == "done"
    assert engine.snapshot(run_id).progress.history["epoch"].tolist() == [epoch for epoch in range(1, 151) for _ in range(2)]
    assert_has_the_bits_of_training_alone(engine, settings, LONG)


def test_runs_that_part_at_different_steps_are_trained_at_once_and_stopped_ones_go_on(engine: Engine, settings: Settings) -> None:
    base = TwinsSpec(architecture=CNN(filters=8, kernel=4), epochs=60, measurement=Measurement(every=0))
    specs = [base.model_copy(update={"spawn": Spawn(at=at), "keep": (at,)}) for at in (0, 20, 59)]
    run_ids = engine.submit_all(specs, "me")
    until(lambda: all(cell.state == "running" and cell.epoch >= 10 for cell in engine.states(run_ids).values()), 60)
    assert engine.cancel_all(run_ids, "me") == len(specs)
    assert {cell.state for cell in engine.wait_all(run_ids, 10).values()} == {"cancelled"}
    engine.submit_all(specs, "me")
    assert {cell.state for cell in engine.wait_all(run_ids, 120).values()} == {"done"}
    for spec in specs:
        assert_has_the_bits_of_training_alone(engine, settings, spec)
        assert resolve(f"{spec.run_id}/epoch-{spec.keep[0]}", settings.data_dir).architecture == spec.architecture


def assert_has_the_bits_of_training_alone(engine: Engine, settings: Settings, spec: TwinsSpec) -> None:
    training = train_twins(spec, load("digits", settings.data_dir))
    while True:
        try:
            next(training)
        except StopIteration as end:
            expected = end.value.weights
            break
    for network, tensors in expected.items():
        found = engine.store.weights(spec.run_id, network)
        assert {name: array.tobytes() for name, array in found.items()} == {
            name: tensor.numpy().tobytes() for name, tensor in tensors.items()
        }


def test_the_cells_of_a_sweep_have_the_bits_of_training_alone_though_they_train_as_one_and_one_is_cancelled(
    engine: Engine, settings: Settings
) -> None:
    architecture, measurement = MLP(width=8), Measurement(alphas=3, every=0)
    cells = [
        TwinsSpec(architecture=architecture.model_copy(update={"slope": slope}), epochs=150, measurement=measurement)
        for slope in (0.0, 0.1, 0.5)
    ]
    run_ids = engine.submit_all(cells, "me")
    until(lambda: min(cell.epoch for cell in engine.states(run_ids).values()) >= 3, 60)
    assert {cell.state for cell in engine.states(run_ids).values()} == {"running"}
    assert engine.cancel(run_ids[1], "me")
    ended = engine.wait_all(run_ids, 60)
    assert [cell.state for cell in ended.values()] == ["done", "cancelled", "done"]
    for spec in (cells[0], cells[2]):
        assert engine.snapshot(spec.run_id).progress.history["epoch"].tolist() == [epoch for epoch in range(1, 151) for _ in range(2)]
        assert_has_the_bits_of_training_alone(engine, settings, spec)


def test_what_is_stored_says_how_it_was_made(engine: Engine) -> None:
    run = engine.snapshot(QUICK.run_id).run
    assert run is not None
    assert run.result.environment.versions["torch"]
    assert (
        run.result.parameters
        == engine.estimate(QUICK).parameters
        == sum(array.size for array in engine.store.weights(QUICK.run_id, "pair0.a").values())
    )
    ends = run.curves[(run.curves["epoch"] == 2) & (run.curves["split"] == "test") & run.curves["alpha"].isin([0.0, 1.0])]
    told = run.history[run.history["epoch"] == 2]
    np.testing.assert_array_equal(ends["error"].to_numpy(), told["test_error"].to_numpy())


def test_data_that_are_not_to_be_had_fail_one_run_with_a_sentence(engine: Engine, settings: Settings) -> None:
    settings.data_dir.mkdir(exist_ok=True)
    (settings.data_dir / "tiny-imagenet-200").write_text("a file where a folder should be")
    spec = TwinsSpec(dataset="tiny_imagenet", train_samples=64, batch_size=64, epochs=1)
    ended = engine.wait(engine.submit(spec, "me"), 60)
    assert ended.state == "failed"
    assert ended.error is not None
    assert "unexpected" not in ended.error
    assert ended.error.count(". ") == 0


def test_workers_step_behind_the_page(engine: Engine) -> None:
    run_id = engine.submit(LONG.model_copy(update={"epochs": 5_000}), "me")
    until(lambda: engine.snapshot(run_id).progress.epoch >= 1, 30)
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    workers = [pid for file in children for pid in file.read_text().split()]
    niceness = {
        int(stat.read_text().rpartition(")")[2].split()[16]) for pid in workers for stat in Path(f"/proc/{pid}/task").glob("*/stat")
    }
    assert max(niceness) == max(10, OWN_NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, 0) == OWN_NICENESS
    engine.cancel(run_id, "me")
    engine.wait(run_id, 10)


def test_a_process_that_asks_and_shows_never_imports_torch(engine: Engine, settings: Settings) -> None:
    script = """
import sys
from pathlib import Path
from lmc_core.jobs.engine import Engine
from lmc_core.experiment import MLP, TwinsSpec
from tests.jobs.conftest import settings_in

with Engine(settings_in(Path(sys.argv[1])), serve=False) as engine:
    ended = engine.wait(engine.submit(TwinsSpec(architecture=MLP(width=9), epochs=2), "me"), 60)
    sys.stdout.write(f"{ended.state} {len(ended.progress.history)} {'torch' in sys.modules}")
"""
    command = [sys.executable, "-c", script, str(settings.cache_dir.parent)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=True)
    assert ended.stdout == "done 4 False"
