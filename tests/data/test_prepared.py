import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lmc_core.data import load as loading
from lmc_core.data import prepared
from lmc_core.data.load import load
from lmc_core.data.presence import is_present, prepared_file


@pytest.fixture
def folder(small_mnist, tmp_path: Path) -> Path:
    """A data folder in which a small MNIST was loaded once, and nobody to download from."""
    load("mnist", tmp_path)
    small_mnist.bodies = {}
    return tmp_path


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["mnist", "cifar10", "tiny_imagenet"])
def test_a_second_start_takes_well_under_a_second(real_data: Path, name):
    before = load(name, real_data)
    started = time.perf_counter()
    again = load(name, real_data)
    assert time.perf_counter() - started < 0.8
    assert again.sha256 == before.sha256


def test_a_second_load_reads_no_source(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(loading, "_source")
    assert len(load("mnist", folder).train_images) == 6


@pytest.mark.parametrize("damage", ["header", "middle", "last byte", "truncated", "empty"])
def test_a_damaged_prepared_file_is_made_again(folder: Path, damage: str):
    path = prepared_file("mnist", folder)
    whole, before = path.read_bytes(), load("mnist", folder).sha256
    place = {"header": 3, "middle": len(whole) // 2, "last byte": len(whole) - 1}.get(damage)
    if place is None:
        path.write_bytes(whole[:500] if damage == "truncated" else b"")
    else:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
    assert prepared.find("mnist", folder) is None
    assert load("mnist", folder).sha256 == before
    made_again = prepared.find("mnist", folder)
    assert made_again is not None
    assert made_again.sha256 == before


@pytest.mark.parametrize("change", ["touched", "added to"])
def test_changed_sources_are_read_again(tiny_layout, tmp_path: Path, change: str):
    root = tiny_layout(tmp_path)
    load("tiny_imagenet", tmp_path)
    assert prepared.find("tiny_imagenet", tmp_path) is not None
    if change == "touched":
        os.utime(root / "wnids.txt", (1, 1))
        assert prepared.find("tiny_imagenet", tmp_path) is None
    else:
        image = next((root / "train").rglob("*.JPEG"))
        (image.parent / "second.JPEG").write_bytes(image.read_bytes())
        assert len(load("tiny_imagenet", tmp_path).train_images) == 201


def test_the_prepared_file_outlives_its_sources(folder: Path):
    before = load("mnist", folder)
    for file in (folder / "MNIST" / "raw").iterdir():
        file.unlink()
    assert is_present("mnist", folder)
    assert load("mnist", folder).sha256 == before.sha256


def test_many_who_prepare_and_read_at_once_never_see_a_part(folder: Path):
    dataset = load("mnist", folder)
    sources = prepared.fingerprint("mnist", folder)

    def write_and_read(_turn: int) -> str | None:
        prepared.keep(dataset, folder, sources)
        found = prepared.find("mnist", folder)
        return found and found.sha256

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write_and_read, range(64))) == {dataset.sha256}
    assert [path.name for path in (folder / "prepared").iterdir()] == ["mnist.safetensors"]


def test_what_a_killed_writer_left_is_cleared_away_but_not_what_is_being_written(folder: Path):
    abandoned, fresh = (folder / "prepared" / f".mnist.{which}.part" for which in ("abandoned", "fresh"))
    abandoned.touch()
    fresh.touch()
    os.utime(abandoned, (1, 1))
    prepared.keep(load("mnist", folder), folder, "other")
    assert not abandoned.exists()
    assert fresh.exists()
