from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings
from tests.jobs.made_up_training import TRAINING


def settings_in(folder: Path) -> Settings:
    return Settings(
        cache_dir=folder / "cache", data_dir=folder / "data", gallery_dir=None, max_memory_gib=8, max_queued=100, lease_seconds=2
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_in(tmp_path_factory.mktemp("jobs"))


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    """One engine with one worker for all tests of a file; each test has runs of its own, by another seed."""
    with Engine(settings, training=TRAINING) as engine:
        yield engine
