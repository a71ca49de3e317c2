"""What a data set's arrival promises, told on a small MNIST that a loopback server holds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest
import torch
import torchvision.datasets

from lmc_core.data import download
from lmc_core.data.load import load
from lmc_core.data.presence import is_present
from lmc_core.errors import LMCError, Stopped

FIRST = "train-images-idx3-ubyte.gz"


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_missing_files_are_downloaded_to_where_torchvision_looks(small_mnist, tmp_path: Path):
    assert not is_present("mnist", tmp_path)
    dataset = load("mnist", tmp_path)
    assert is_present("mnist", tmp_path)
    small_mnist.bodies.clear()
    theirs = torchvision.datasets.MNIST(tmp_path, download=True)
    assert torch.equal(dataset.train_images[:, 0], theirs.data)
    assert torch.equal(dataset.train_labels, theirs.targets)
    assert len(dataset.test_images) == 4


def test_only_what_is_missing_is_downloaded(small_mnist, tmp_path: Path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / FIRST).write_bytes(small_mnist.bodies[FIRST])
    load("mnist", tmp_path)
    assert len(small_mnist.requests) == 3
    assert FIRST not in small_mnist.requests


def test_a_second_mirror_stands_in_for_the_first(small_mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [small_mnist.address + "gone/", small_mnist.address])
    assert len(load("mnist", tmp_path).train_images) == 6


def test_a_truncated_download_is_told_and_leaves_nothing(small_mnist, tmp_path: Path):
    small_mnist.cut[FIRST] = 100
    with pytest.raises(LMCError, match=rf"{FIRST} ended after 100 of [\d,]+ bytes.*data get mnist"):
        load("mnist", tmp_path)
    assert files_in(tmp_path) == set()


def test_a_server_that_sends_nothing_counts_as_gone(small_mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download, "SILENT_SECONDS", 0.2)
    small_mnist.stalled.add(FIRST)
    with pytest.raises(LMCError, match=rf"{FIRST} broke off: timed out"):
        load("mnist", tmp_path)
    assert files_in(tmp_path) == set()


def test_a_server_need_not_say_the_length(small_mnist, tmp_path: Path):
    small_mnist.lengthless.add(FIRST)
    told: list[str] = []
    assert len(load("mnist", tmp_path, told.append).train_images) == 6
    assert f"Downloading MNIST: 0 MB of {FIRST}." in told


def test_a_tampered_download_is_told_and_leaves_nothing(small_mnist, tmp_path: Path):
    body = bytearray(small_mnist.bodies[FIRST])
    body[50] ^= 1
    small_mnist.bodies[FIRST] = bytes(body)
    with pytest.raises(LMCError, match=rf"{FIRST} sent a file with md5 [0-9a-f]+ instead of"):
        load("mnist", tmp_path)
    assert files_in(tmp_path) == set()


def test_after_a_failed_download_the_next_try_succeeds(small_mnist, tmp_path: Path):
    small_mnist.cut[FIRST] = 100
    with pytest.raises(LMCError):
        load("mnist", tmp_path)
    small_mnist.cut.clear()
    assert len(load("mnist", tmp_path).train_images) == 6


@pytest.mark.parametrize("reachable", [True, False], ids=["404", "no network"])
def test_without_a_good_answer_one_sentence_says_what_to_do(small_mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reachable: bool):
    small_mnist.bodies.clear()
    if not reachable:
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:1/"])
    with pytest.raises(LMCError) as caught:
        load("mnist", tmp_path)
    text = str(caught.value)
    for part in ("MNIST", str(tmp_path), "`python -m lmc_core data get mnist`", "by hand", "answered 404" if reachable else "refused"):
        assert part in text
    assert "\n" not in text


def test_a_download_that_is_stopped_leaves_nothing(small_mnist, tmp_path: Path):
    def stop(_sentence: str) -> None:
        raise Stopped("The run was stopped.")

    with pytest.raises(Stopped):
        load("mnist", tmp_path, stop)
    assert files_in(tmp_path) == set()


def test_two_who_load_at_once_download_once(small_mnist, tmp_path: Path):
    both_ready = threading.Barrier(2)

    def start(_who: int) -> str:
        both_ready.wait(10)
        return load("mnist", tmp_path).sha256

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(start, range(2))
    assert first == second
    assert sorted(small_mnist.requests) == sorted(small_mnist.bodies)


def test_what_a_killed_download_left_is_cleared_away(small_mnist, tmp_path: Path):
    left = tmp_path / ".mnist-abc.arriving"
    left.mkdir()
    (left / FIRST).write_bytes(b"half")
    load("mnist", tmp_path)
    assert not left.exists()


def test_a_data_folder_that_cannot_be_written_is_named(small_mnist, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(LMCError, match=r"The data folder .*file/data cannot be written .*LMC_DATA_DIR"):
        load("mnist", tmp_path / "file" / "data")


def test_a_full_disk_is_named_and_nothing_is_left(small_mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened = Path.open

    def onto_a_full_disk(path: Path, mode: str = "r", *rest: object) -> IO[bytes]:
        full = mode == "wb" and path.suffix == ".gz"
        return opened(Path("/dev/full") if full else path, mode, *rest)

    monkeypatch.setattr(Path, "open", onto_a_full_disk)
    with pytest.raises(LMCError, match=r"The disk that holds .* is full .*LMC_DATA_DIR"):
        load("mnist", tmp_path)
    assert files_in(tmp_path) == set()
