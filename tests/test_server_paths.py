"""No message on a page names a place on the server or the operating system's number of a fault."""

import shutil
from pathlib import Path

import pytest

from lmc_core.data import tiny_imagenet
from lmc_core.data.download import arrivals
from lmc_core.data.load import load
from lmc_core.data.presence import FILES, absence
from lmc_core.errors import LMCError
from lmc_core.jobs.journal import Journal
from lmc_core.ui.wording import in_words
from tests.tiny_layout import make_tiny_layout


def only_words(fault: LMCError | str, folder: Path) -> None:
    said = in_words(fault)
    assert str(folder) not in said, said
    assert "[Errno" not in said, said


def test_a_data_set_that_is_not_there_is_told_without_the_server_s_folder(tmp_path: Path) -> None:
    only_words(LMCError(absence("mnist", tmp_path, "the network is out of reach")), tmp_path)


def test_a_data_folder_that_cannot_be_written_is_told_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(LMCError) as fault, arrivals("mnist", tmp_path / "data", lambda text: None):
        pass
    only_words(fault.value, tmp_path)


def test_a_folder_of_tiny_imagenet_that_lacks_a_part_is_told_without_its_path(tmp_path: Path) -> None:
    shutil.rmtree(make_tiny_layout(tmp_path) / "val")
    with pytest.raises(LMCError) as fault:
        tiny_imagenet.obtain(tmp_path, lambda text: None)
    only_words(fault.value, tmp_path)


def test_a_journal_that_is_damaged_is_told_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"junk" * 5_000)
    with pytest.raises(LMCError) as fault:
        Journal(tmp_path / "journal.sqlite")
    only_words(fault.value, tmp_path)


def test_files_of_a_data_set_that_cannot_be_read_are_told_without_errno_and_path(tmp_path: Path) -> None:
    for file, _ in FILES["mnist"]:
        (tmp_path / file).mkdir(parents=True)
    with pytest.raises(LMCError) as fault:
        load("mnist", tmp_path)
    only_words(fault.value, tmp_path)
