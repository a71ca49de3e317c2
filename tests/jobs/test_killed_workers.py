import ctypes
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import dask
import pytest
from distributed import Client, LocalCluster

from lmc_core.jobs import cluster, local_workers, out_of_memory
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.leases import born
from lmc_core.jobs.warmth import prepare
from lmc_core.settings import Settings
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import KILLS_ITS_WORKER, KILLS_ITS_WORKER_ONCE, TRAINING, begun, last_worker, quick, slow
from tests.made_up_runs import progress_of
from tests.waiting import until


def test_a_run_whose_worker_is_killed_goes_on_from_its_checkpoint_and_ends_like_any_other(engine: Engine, settings: Settings) -> None:
    spec = slow(1, epochs=30)
    run_id = engine.submit(spec, "me")
    until(lambda: engine.snapshot(run_id).progress.epoch >= 5, 20)
    os.kill(last_worker(settings.data_dir), signal.SIGKILL)
    ended = engine.wait(run_id, 20)
    assert (ended.state, ended.error) == ("done", None)
    first, second = begun(settings.data_dir, spec)
    assert first == 0
    assert second >= 5
    assert ended.run is not None
    assert ended.run.history.equals(progress_of(spec).history)
    assert ended.run.curves.equals(progress_of(spec).curves)


def test_a_run_that_kills_its_worker_once_is_given_another_try(engine: Engine, settings: Settings) -> None:
    spec = quick(KILLS_ITS_WORKER_ONCE, epochs=5)
    assert engine.wait(engine.submit(spec, "me"), 20).state == "done"
    assert begun(settings.data_dir, spec) == [0, 1]


def test_a_run_that_kills_its_worker_twice_is_failed_and_those_behind_it_do_not_suffer(engine: Engine, settings: Settings) -> None:
    poison, innocents = quick(KILLS_ITS_WORKER, epochs=4), [quick(init) for init in (2, 3, 4)]  # not alike, so not trained together
    engine.submit(poison, "me")
    for spec in innocents:
        engine.submit(spec, "you")
    ended = engine.wait(poison.run_id, 20)
    assert ended.state == "failed"
    assert ended.error is not None
    assert ended.error == (
        "The worker process died 2 times while it trained this run, the last time by a fault of its own (SIGABRT); start it again."
    )
    assert ended.progress.epoch == 1
    assert begun(settings.data_dir, poison) == [0, 1]
    for spec in innocents:
        assert engine.wait(spec.run_id, 20).state == "done"
        assert begun(settings.data_dir, spec) == [0]


def test_an_idle_worker_that_is_killed_is_replaced(engine: Engine, settings: Settings) -> None:
    engine.wait(engine.submit(quick(5), "me"), 20)
    dead = last_worker(settings.data_dir)
    os.kill(dead, signal.SIGKILL)
    assert engine.wait(engine.submit(quick(6), "me"), 20).state == "done"
    assert last_worker(settings.data_dir) != dead


def test_a_worker_that_hangs_is_replaced_and_its_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_workers, "HUNG_SECONDS", 5)
    spec = slow(1, epochs=30)
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        engine.submit(spec, "me")
        until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 5, 20)
        os.kill(last_worker(tmp_path / "data"), signal.SIGSTOP)
        assert engine.wait(spec.run_id, 30).state == "done"
    assert len(begun(tmp_path / "data", spec)) == 2


def test_a_worker_is_replaced_when_dask_gives_it_up_and_the_page_says_so_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask looks so long after a worker's death whether its successor is there, and if not gives both up for good."""
    monkeypatch.setattr(local_workers, "LOST_WORKER_TIMEOUT", "10ms")
    monkeypatch.setattr(local_workers, "REPLACE_SECONDS", 1)
    spec = slow(1, epochs=60)
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        engine.submit(spec, "me")
        until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 2, 20)
        os.kill(last_worker(tmp_path / "data"), signal.SIGKILL)
        until(lambda: any("is being replaced" in notice for notice in engine.snapshot(spec.run_id).notices), 20)
        ended = engine.wait(spec.run_id, 60)
        assert (ended.state, ended.error, ended.notices) == ("done", None, ())


def test_workers_that_never_come_back_are_started_anew_with_everything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_workers, "GIVE_UP_SECONDS", 1)
    spec = slow(1, epochs=60)
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        engine.submit(spec, "me")
        until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 2, 20)
        dispatcher = engine._open.dispatcher
        first = dispatcher._cluster
        local = first._local
        local.dask.sync(local.dask.workers[0].close)
        ended = engine.wait(spec.run_id, 60)
        assert (ended.state, ended.error) == ("done", None)
        assert dispatcher._cluster is not first


def test_an_engine_ends_quietly_where_its_workers_do_not_end_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a busy machine; an exception in the dispatcher's thread would fail this test."""
    close, closings = LocalCluster.close, []

    def impatient(cluster: LocalCluster, timeout: float | None = None) -> object:
        closings.append(timeout)
        return close(cluster, timeout=0.001 if len(closings) == 1 else timeout)

    monkeypatch.setattr(LocalCluster, "close", impatient)
    spec = slow(1)
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        engine.submit(spec, "me")
        until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 2, 20)
    assert len(closings) == 2
    until(lambda: not born(last_worker(tmp_path / "data")), 20)


def test_a_worker_is_not_taken_for_dead_since_the_server_was_blocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_workers, "HUNG_SECONDS", 5)
    spec = slow(1, epochs=400)
    with Engine(settings_in(tmp_path), training=TRAINING) as engine:
        engine.submit(spec, "me")
        until(lambda: engine.snapshot(spec.run_id).progress.epoch >= 2, 20)
        ctypes.PyDLL(None).usleep(9_000_000)  # with the interpreter's lock, as one long pattern match holds it
        ended = engine.wait(spec.run_id, 60)
    assert (ended.state, ended.error) == ("done", None)
    assert begun(tmp_path / "data", spec) == [0]


@pytest.mark.parametrize(
    ("status", "oom_kills", "kind", "reason"),
    [
        (-signal.SIGKILL, 1, "crashed", "because memory ran out"),
        (-signal.SIGKILL, 0, "vanished", "by the signal SIGKILL"),
        (-signal.SIGSEGV, 0, "crashed", "by a fault of its own (SIGSEGV)"),
        (-signal.SIGTERM, 0, "vanished", "by the signal SIGTERM"),
        (3, 0, "vanished", "with exit status 3"),
        (0, 0, "lost", ""),
    ],
)
def test_a_reason_for_a_workers_death_is_given_only_where_it_is_known(
    monkeypatch: pytest.MonkeyPatch, status: int, oom_kills: int, kind: str, reason: str
) -> None:
    nanny = SimpleNamespace(exits={"tcp://worker": status})
    monkeypatch.setattr(
        local_workers,
        "_cluster",
        lambda workers, gpus: SimpleNamespace(workers={0: nanny}, loop=SimpleNamespace(add_callback=lambda call: None)),
    )
    workers = local_workers.LocalWorkers(1, [])
    monkeypatch.setattr(local_workers, "oom_kills", lambda: out_of_memory.oom_kills() + oom_kills)
    loss = workers.loss("tcp://worker")
    assert loss is not None
    assert (loss.kind, loss.reason) == (kind, reason)


CGROUPS = [
    ("0::/a\n", "a/memory.events", "low 0\noom 3\noom_kill 2\noom_group_kill 0\n"),
    ("0::/a\n", "memory.events", "oom_kill 2\n"),
    ("4:memory:/b\n0::/\n", "memory/b/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
    ("", "nothing", ""),
]


@pytest.mark.parametrize(("groups", "file", "content"), CGROUPS)
def test_the_kernels_kills_are_counted_in_the_own_control_group_where_there_is_one(
    tmp_path: Path, groups: str, file: str, content: str
) -> None:
    files = {"proc/self/cgroup": groups, "proc/vmstat": "pgfree 5\noom_kill 9\n", f"cg/{file}": content}
    for path, text in ((tmp_path / name, text) for name, text in files.items()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert out_of_memory.oom_kills(tmp_path / "proc", tmp_path / "cg") == (2 if content else 9)
    assert out_of_memory.oom_kills(tmp_path / "none", tmp_path / "none") == 0


def test_a_worker_that_lives_is_never_taken_for_dead_while_dask_refreshes_what_it_knows(tmp_path: Path) -> None:
    """Dask's client asks its scheduler now and then for everything but the workers, and keeps the answer in one place with ours."""
    with dask.config.set({"distributed.client.scheduler-info-interval": "1ms"}):
        workers = cluster.Cluster(settings_in(tmp_path), "topic", TRAINING, lambda *event: None, lambda ends: None, lambda: None)
    try:
        until(lambda: len(workers.free_workers()) == 1, 20)
        assert all(len(workers.free_workers()) == 1 for _ in range(2_000))
    finally:
        workers.close()


def test_workers_of_somebody_elses_cluster_stop_sampling_their_stacks() -> None:
    """Under Python 3.11 that can lock up a worker with threads for good."""
    with LocalCluster(n_workers=1, dashboard_address="127.0.0.1:0", silence_logs=50) as foreign, Client(foreign) as client:
        assert {"profile", "profile-cycle"} <= callbacks(client)
        client.run(prepare, TRAINING)
        assert not {"profile", "profile-cycle"} & callbacks(client)


def callbacks(client: Client) -> set[str]:
    (names,) = client.run(lambda dask_worker: list(dask_worker.periodic_callbacks)).values()
    return set(names)


def test_ctrl_c_which_a_terminal_sends_to_all_processes_is_not_heard_by_workers(engine: Engine, settings: Settings) -> None:
    engine.wait(engine.submit(quick(7), "me"), 20)
    status = Path(f"/proc/{last_worker(settings.data_dir)}/status").read_text()
    blocked = int(next(line for line in status.splitlines() if line.startswith("SigBlk:")).split()[1], 16)
    assert blocked & 1 << signal.SIGINT - 1
