from pathlib import Path

import pytest

from lmc_core import settings as accelerators
from lmc_core.errors import LMCError
from lmc_core.settings import REPOSITORY, Settings, machine_memory


def test_without_variables_everything_lies_below_the_projects_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerators, "DEVICES", tmp_path)
    settings = Settings.from_environment({})
    assert settings.cache_dir == REPOSITORY / "cache"
    assert settings.data_dir == REPOSITORY / "cache" / "data"
    assert (settings.scheduler, settings.workers, settings.owner_token) == (None, 1, None)
    assert 0 < settings.max_memory_gib * 2**30 < machine_memory()


def test_there_is_one_worker_for_each_gpu_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never run on a machine with several GPUs: the folder of devices is made up."""
    monkeypatch.setattr(accelerators, "DEVICES", tmp_path)
    assert Settings.from_environment({}).workers == 1
    for name in ("nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "nvidia-caps"):
        (tmp_path / name).touch()
    assert Settings.from_environment({}).workers == 3
    assert Settings.from_environment({"CUDA_VISIBLE_DEVICES": "0,2"}).workers == 2
    assert Settings.from_environment({"CUDA_VISIBLE_DEVICES": ""}).workers == 1
    assert Settings.from_environment({"LMC_WORKERS": "5"}).workers == 5


def test_every_variable_is_read(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "LMC_CACHE_DIR": str(tmp_path),
            "LMC_DATA_DIR": str(tmp_path / "elsewhere"),
            "LMC_SCHEDULER": "tcp://host:8786",
            "LMC_WORKERS": "3",
            "LMC_MAX_SECONDS": "90.5",
            "LMC_MAX_MEMORY_GIB": "2",
            "LMC_MAX_DISK_GIB": "0.5",
            "LMC_MAX_CACHE_GIB": "8",
            "LMC_MAX_OVERRUN": "3.5",
            "LMC_MAX_QUEUED": "7",
            "LMC_MAX_CELLS": "50",
            "LMC_OWNER_TOKEN": "secret",
            "LMC_MAX_QUEUED_PER_ADDRESS": "30",
            "LMC_MAX_PAGES": "4",
            "LMC_MAX_PAGES_PER_ADDRESS": "40",
            "LMC_MAX_UPLOAD_KIB": "8",
            "LMC_TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16",
        }
    )
    assert (settings.cache_dir, settings.data_dir) == (tmp_path, tmp_path / "elsewhere")
    assert (settings.scheduler, settings.workers, settings.max_seconds) == ("tcp://host:8786", 3, 90.5)
    assert (settings.max_disk_gib, settings.max_cache_gib, settings.max_overrun) == (0.5, 8, 3.5)
    assert (settings.max_memory_gib, settings.max_queued, settings.max_cells, settings.owner_token) == (2.0, 7, 50, "secret")
    assert (settings.max_queued_per_address, settings.max_pages, settings.max_pages_per_address) == (30, 4, 40)
    assert (settings.max_upload_kib, settings.trusted_proxies) == (8, ("10.0.0.1", "192.168.0.0/16"))


def test_the_data_lie_in_the_cache_unless_told_otherwise_and_paths_do_not_depend_on_where_one_stands_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"LMC_CACHE_DIR": "here"}).data_dir == tmp_path / "here" / "data"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("LMC_WORKERS", "many", "LMC_WORKERS is 'many'; it should be a whole number of at least 1."),
        ("LMC_WORKERS", "0", "LMC_WORKERS is '0'; it should be a whole number of at least 1."),
        ("LMC_MAX_QUEUED", "-1", "LMC_MAX_QUEUED is '-1'; it should be a whole number of at least 1."),
        ("LMC_MAX_SECONDS", "soon", "LMC_MAX_SECONDS is 'soon'; it should be a number above 0."),
        ("LMC_MAX_MEMORY_GIB", "nan", "LMC_MAX_MEMORY_GIB is 'nan'; it should be a number above 0."),
        (
            "LMC_TRUSTED_PROXIES",
            "10.0.0.1,proxy",
            "LMC_TRUSTED_PROXIES holds 'proxy'; it should be addresses or networks with commas between them, "
            "such as 10.0.0.1,192.168.0.0/16.",
        ),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(name: str, text: str, sentence: str) -> None:
    with pytest.raises(LMCError) as fault:
        Settings.from_environment({name: text})
    assert str(fault.value) == sentence


def test_the_command_line_is_not_bound_by_what_is_there_for_visitors() -> None:
    settings = Settings.from_environment({"LMC_MAX_MEMORY_GIB": "2"}).for_command_line()
    assert settings.max_seconds == float("inf")
    assert settings.max_memory_gib == 2.0
