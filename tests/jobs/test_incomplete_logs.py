"""What a run told before it was interrupted is there when it ends, or is computed again: no incomplete table is ever stored."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import torch

from lmc_core.connectivity.spec import Measurement
from lmc_core.experiment import AnySpec, PruneSpec, Seeds, TwinsSpec
from lmc_core.jobs import attempt, stops
from lmc_core.jobs.attempt import Order, Outcome, Task, carry_out
from lmc_core.models.spec import MLP
from lmc_core.runs.store import Store, StoredRun
from lmc_core.training import checkpoint, pace
from lmc_core.training.checkpoint import Checkpoint, Standing
from tests.jobs.made_up_training import TRAINING, begun, quick, quick_pruning

REAL = "lmc_core.jobs.work:train"
SPECS: dict[str, AnySpec] = {
    "twins": TwinsSpec(architecture=MLP(width=4), batch_size=479, epochs=12, seeds=Seeds(init=3), measurement=Measurement(alphas=3)),
    "prune": PruneSpec(architecture=MLP(width=4), batch_size=479, epochs=6, seeds=Seeds(init=3), measurement=Measurement(alphas=3)),
}


def carried_out(
    folder: Path, *specs: AnySpec, training: str, number: int = 1, stop_at: int | None = None, heard: list[str] | None = None
) -> list[Outcome]:
    """One attempt at some runs, which is asked to stop when their events reach a number, if one is given."""
    tasks = tuple(Task(spec.run_id, number, spec.model_dump_json(), told=0) for spec in specs)
    order = Order(tasks, str(folder), str(folder / "data"), training, uuid.uuid4().hex, own_machine=False)

    def send(task: Task, event: int, text: str) -> None:
        if heard is not None:
            heard.append(text)
        if event == stop_at:
            stops.request(str(folder), task.run_id, number)

    return carry_out(order, send)


def log_of(folder: Path, spec: AnySpec) -> Path:
    return folder / "checkpoints" / spec.run_id / "events.jsonl"


def half_lost(log: Path) -> None:
    """The log as a machine leaves it whose power fails before it was written out."""
    content = log.read_bytes()
    log.write_bytes(content[: len(content) // 2])


def stored(folder: Path, spec: AnySpec) -> StoredRun:
    run = Store(folder).find(spec.run_id)
    assert run is not None
    return run


def same_tables(one: StoredRun, other: StoredRun) -> None:
    for name, table in one.tables.items():
        rest = [column for column in table if column != "train_seconds"]
        pd.testing.assert_frame_equal(table[rest], other.tables[name][rest])


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trainings that look after every step whether they shall stop."""
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    yield
    torch.set_num_threads(os.cpu_count() or 1)


@pytest.mark.parametrize("kind", SPECS)
def test_a_run_whose_log_lost_a_half_is_computed_again_to_the_same_bits_and_tables(kind: str, tmp_path: Path, eager: None) -> None:
    spec, disturbed, undisturbed = SPECS[kind], tmp_path / "disturbed", tmp_path / "undisturbed"
    assert carried_out(undisturbed, spec, training=REAL) == [Outcome("done")]
    assert carried_out(disturbed, spec, training=REAL, stop_at=11) == [Outcome("stopped")]
    half_lost(log_of(disturbed, spec))
    heard: list[str] = []
    assert carried_out(disturbed, spec, training=REAL, number=2, heard=heard) == [Outcome("done")]
    assert any("begin" in text for text in heard if "notice" in text), "who watches is told that it starts again"
    same_tables(stored(disturbed, spec), stored(undisturbed, spec))
    for network in stored(undisturbed, spec).weights:
        one, other = (Store(folder).weights(spec.run_id, network) for folder in (disturbed, undisturbed))
        assert all((one[name] == other[name]).all() for name in other)


def test_a_run_whose_log_is_whole_goes_on_from_its_checkpoint(tmp_path: Path, eager: None) -> None:
    spec = SPECS["twins"]
    assert carried_out(tmp_path, spec, training=REAL, stop_at=11) == [Outcome("stopped")]
    with log_of(tmp_path, spec).open("ab") as log:
        log.write(b'{"event": "epo')  # torn by a kill
    heard: list[str] = []
    order = Order((Task(spec.run_id, 2, spec.model_dump_json(), 0),), str(tmp_path), str(tmp_path / "data"), REAL, "", own_machine=False)
    assert carry_out(order, lambda task, number, text: heard.append(text)) == [Outcome("done")]
    assert not any("begin" in text for text in heard if "notice" in text)
    starts = [text for text in heard if '"started"' in text]
    assert len(starts) == 2
    assert '"step":0,' not in starts[1]


@pytest.mark.parametrize("spec", [quick(1, epochs=8), quick_pruning(1, epochs=8)], ids=["twins", "prune"])
def test_a_checkpoint_that_knows_nothing_of_its_log_is_found_out_at_the_end(spec: AnySpec, tmp_path: Path) -> None:
    assert carried_out(tmp_path, spec, training=TRAINING, stop_at=9) == [Outcome("stopped")]
    half_lost(log_of(tmp_path, spec))
    heard: list[str] = []
    assert carried_out(tmp_path, spec, training=TRAINING, number=2, heard=heard) == [Outcome("done")]
    assert sum(attempt.AGAIN in text for text in heard) == 1
    first, second, third = begun(tmp_path / "data", spec)
    assert (first, second > 0, third) == (0, True, 0)
    assert len(stored(tmp_path, spec).history) == {"twins": 2 * 8, "prune": 2 * 8 + 4 * 8}[spec.kind]


def test_in_a_crew_only_those_are_computed_again_that_lost_something(tmp_path: Path) -> None:
    whole, torn = quick(1, epochs=8), quick(2, epochs=8)
    assert {outcome.state for outcome in carried_out(tmp_path, whole, torn, training=TRAINING, stop_at=9)} == {"stopped"}
    half_lost(log_of(tmp_path, torn))
    assert carried_out(tmp_path, whole, torn, training=TRAINING, number=2) == [Outcome("done")] * 2
    assert [len(begun(tmp_path / "data", spec)) for spec in (whole, torn)] == [2, 3]
    assert len(stored(tmp_path, torn).history) == len(stored(tmp_path, whole).history) == 16


def test_tables_that_stay_incomplete_are_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = quick(1)
    monkeypatch.setattr(attempt.EventLog, "append", lambda log, event: (1, ""))
    monkeypatch.setattr(attempt._Telling, "tell", lambda telling, event: None)
    assert carried_out(tmp_path, spec, training=TRAINING) == [Outcome("failed", attempt.STILL_INCOMPLETE)]
    assert Store(tmp_path).find(spec.run_id) is None


def test_what_was_told_is_on_the_disk_before_the_state_that_stands_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name.partition(f".{os.getpid()}")[0])
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "events.jsonl").write_text("told\n")
    kept = Checkpoint(Standing, tmp_path / "run" / "state", 0)
    standing = Standing(run_id="0" * 20, step=3, parted=True, reported=False, train_seconds=1.5, evaluate_seconds=0.25)
    kept.write(standing, {"weights": torch.ones(3)})
    assert synced == ["events.jsonl", "run", checkpoint.FILE, "state"]
