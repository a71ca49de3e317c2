"""What a name of a checkpoint leads to, for visitors and for the owner."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lmc_core.checkpoints.naming import folders_named, path_refusal
from lmc_core.checkpoints.resolve import at_hand, resolve
from lmc_core.errors import LMCError
from lmc_core.studies.emergence import stages_in

PATHS = (
    "/",
    "/etc",
    "//etc",
    "/no/such/folder",
    "~",
    "~root",
    "~nobody-of-that-name/x",
    ".",
    "..",
    "../models",
    "vit/../../..",
    "vit/..",
    "./vit",
    ".lock",
    "vit/.hidden",
    "vit\\..\\..",
    "a\0b",
    "~a\0",
    "a\nb",
    "a\u202eb",
    "\ud800",
)
"""Texts that are no names of what lies in the models' folder."""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models' folder with a folder in it, one beside it, and links within and out."""
    folder = tmp_path / "data" / "models"
    (folder / "stages" / "epoch-1").mkdir(parents=True)
    (tmp_path / "outside" / "secret").mkdir(parents=True)
    for place in (folder / "stages" / "epoch-1", tmp_path / "outside" / "secret"):
        (place / "config.json").write_text("{}")
    (folder / "within").symlink_to(folder / "stages")
    (folder / "out").symlink_to(tmp_path / "outside")
    return folder


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("look", [resolve, at_hand, stages_in])
def test_a_visitor_s_path_is_refused_without_a_look_at_the_disk(
    models: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[[str, Path], object], name: str
) -> None:
    looked: list[object] = []
    monkeypatch.setattr(os, "stat", lambda path, **_: looked.append(path))
    monkeypatch.setattr(os, "listdir", lambda path: looked.append(path))
    with pytest.raises(LMCError, match="is a path; choose a checkpoint by its name") as fault:
        look(name, models.parent)
    monkeypatch.undo()
    assert looked == []
    assert str(fault.value).isprintable()


@pytest.mark.parametrize("name", ["stages", "stages/epoch-1", "stages/", "within", "within/epoch-1"])
def test_a_visitor_names_what_lies_below_the_models_folder(models: Path, name: str) -> None:
    assert path_refusal(name) is None
    assert folders_named(name, models, anywhere=False) == [models / name]


@pytest.mark.parametrize("name", ["out", "out/secret", "nothing", "x" * 300, "x/" * 3000])
def test_what_links_lead_out_to_is_not_there_for_a_visitor(models: Path, name: str) -> None:
    assert folders_named(name, models, anywhere=False) == []
    with pytest.raises(LMCError, match="There is no folder"):
        stages_in(name, models.parent)


def test_the_owner_names_any_folder_and_the_models_folder_comes_first(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stages").mkdir()
    assert folders_named(str(tmp_path / "outside"), models, anywhere=True)[0] == tmp_path / "outside"
    assert folders_named("stages", models, anywhere=True) == [models / "stages", tmp_path / "stages"]
    assert stages_in("outside", models.parent, anywhere=True) == (str(tmp_path / "outside" / "secret"),)
    assert stages_in("stages", models.parent, anywhere=True) == ("stages/epoch-1",)


@pytest.mark.parametrize("name", ["~nobody-of-that-name", "~a\0", "a\0b", "\ud800", "x" * 3000])
def test_odd_names_are_nothing_s_for_the_owner_too(models: Path, name: str) -> None:
    assert folders_named(name, models, anywhere=True) == []
