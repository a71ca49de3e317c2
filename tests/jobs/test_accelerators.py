"""Several GPUs on one machine, with a made-up folder of devices: never run on a machine that has several."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core import settings as accelerators
from lmc_core.jobs.cluster import Cluster
from lmc_core.settings import Settings
from tests.jobs.made_up_training import TRAINING
from tests.waiting import until


@pytest.fixture
def two_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("nvidia0", "nvidia1", "nvidiactl"):
        (tmp_path / name).touch()
    monkeypatch.setattr(accelerators, "DEVICES", tmp_path)
    yield


def seen(cluster: Cluster) -> dict[str, str]:
    """The GPU that each worker sees, by its address."""
    return cluster._client.run(lambda: os.environ["CUDA_VISIBLE_DEVICES"], on_error="ignore")


@pytest.mark.parametrize(("visible", "gpus"), [(None, ("0", "1")), ("1", ("1",)), ("GPU-a, GPU-b", ("GPU-a", "GPU-b")), ("-1", ())])
def test_gpus_are_called_as_cuda_calls_them(two_gpus: None, visible: str | None, gpus: tuple[str, ...]) -> None:
    assert accelerators.accelerators(environment={} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}) == gpus


def test_a_machine_without_gpus_has_none(tmp_path: Path) -> None:
    assert accelerators.accelerators(tmp_path, {"CUDA_VISIBLE_DEVICES": "0"}) == ()


def test_each_worker_sees_a_gpu_of_its_own_and_so_does_one_that_takes_its_place(two_gpus: None, tmp_path: Path) -> None:
    settings = Settings(cache_dir=tmp_path, data_dir=tmp_path, workers=2)
    cluster = Cluster(settings, "topic", TRAINING, lambda *event: None, lambda ends: None, lambda: None)
    try:
        until(lambda: len(cluster.free_workers()) == 2, 20)
        before = seen(cluster)
        assert sorted(before.values()) == ["0", "1"]
        (killed,) = (address for address, gpu in before.items() if gpu == "1")
        os.kill(cluster._client.run(os.getpid)[killed], signal.SIGKILL)
        until(lambda: killed not in cluster.free_workers() and len(cluster.free_workers()) == 2, 20)
        assert sorted(seen(cluster).values()) == ["0", "1"]
    finally:
        cluster.close()
