"""A pack: many runs in one file, checked when they are read, written whole or not at all."""

import json
import logging
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from lmc_core.runs.folder import StoredRun
from lmc_core.runs.manifest import DamagedError, ForeignError, seal_of
from lmc_core.runs.pack import Pack, write_pack
from lmc_core.runs.store import Store
from tests.made_up_pruning import made_up_pruning, pruning_progress_of
from tests.made_up_runs import made_up_spec, progress_of, weights_of

SPECS = [made_up_spec(), made_up_spec(1)]
PRUNED = made_up_pruning()
MEMBERS = ["runs.jsonl", *(f"twins/{name}.parquet" for name in ("history", "curves", "measurements"))]
MEMBERS += [f"prune/{name}.parquet" for name in ("history", "steps", "curves")]


@pytest.fixture
def runs(tmp_path: Path) -> list[StoredRun]:
    """Two runs of twins and one of pruning."""
    store = Store(tmp_path / "cache")
    found = [store.save(spec, progress_of(spec), weights_of(spec)) for spec in SPECS]
    return [*found, store.save(PRUNED, pruning_progress_of(PRUNED), {})]


@pytest.fixture
def pack(runs: list[StoredRun], tmp_path: Path) -> Path:
    path = tmp_path / "gallery" / "all.zip"
    write_pack(path, runs)
    return path


def rewrite(pack: Path, **changed: bytes | None) -> None:
    """Replace members of a zip file, or leave them out; the others stay as they are."""
    with zipfile.ZipFile(pack) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(pack, "w") as archive:
        for name, content in (members | changed).items():
            if content is not None:
                archive.writestr(name, content)


def test_runs_of_both_kinds_come_out_as_they_went_in(runs: list[StoredRun], pack: Path) -> None:
    opened = Pack(pack)
    assert opened.run_ids == tuple(run.run_id for run in runs)
    for run in runs:
        found = opened.run(run.run_id)
        assert (found.spec, found.result, found.created, found.command) == (run.spec, run.result, run.created, run.command)
        assert (found.hardware, found.versions, found.weights, found.shipped) == (run.hardware, run.versions, (), True)
        for name, table in run.tables.items():
            pd.testing.assert_frame_equal(found.tables[name], table, check_exact=True)
            pd.testing.assert_frame_equal(opened.table(run.run_id, name), table, check_exact=True)


def test_the_same_runs_make_the_same_file(runs: list[StoredRun], pack: Path, tmp_path: Path) -> None:
    write_pack(tmp_path / "again.zip", runs)
    assert (tmp_path / "again.zip").read_bytes() == pack.read_bytes()
    packed = Pack(pack)
    write_pack(tmp_path / "packed.zip", [packed.run(run_id) for run_id in packed.run_ids])
    assert (tmp_path / "packed.zip").read_bytes() == pack.read_bytes()


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_that_is_not_what_was_written_is_noticed(pack: Path, name: str) -> None:
    with zipfile.ZipFile(pack) as archive:
        assert set(archive.namelist()) == {*MEMBERS, "manifest.json", "manifest.sha256"}
        content = bytearray(archive.read(name))
    content[len(content) // 2] ^= 1
    rewrite(pack, **{name: bytes(content)})
    opened = Pack(pack)
    with pytest.raises(DamagedError, match=f"{name} does not match its checksum"):
        for run_id in opened.run_ids:
            opened.run(run_id)
    rewrite(pack, **{name: None})
    with pytest.raises(DamagedError, match=f"{name} is missing"):
        for run_id in opened.run_ids:
            opened.run(run_id)


def test_a_pack_is_opened_only_with_its_own_manifest(pack: Path) -> None:
    rewrite(pack, **{"manifest.json": b"{}"})
    with pytest.raises(DamagedError, match=r"manifest\.json does not match manifest\.sha256"):
        Pack(pack)
    rewrite(pack, **{"manifest.json": None})
    with pytest.raises(DamagedError, match=r"manifest\.json is missing"):
        Pack(pack)


def test_a_file_that_is_no_pack_or_ends_early_is_left_out_and_logged(pack: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (pack.parent / "b.zip").write_bytes(pack.read_bytes()[:-100])
    (pack.parent / "c.zip").write_text("notes")
    (pack.parent / "notes.txt").write_text("notes")
    store = Store(tmp_path / "other", pack.parent)
    with caplog.at_level(logging.WARNING):
        assert {run.run_id for run in store.list()} == {SPECS[0].run_id, SPECS[1].run_id, PRUNED.run_id}
    assert [record.getMessage().split(" do not ship")[0][-5:] for record in caplog.records] == ["b.zip", "c.zip"]


def test_a_pack_of_another_schema_is_none(pack: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        text = json.dumps(json.loads(archive.read("manifest.json")) | {"schema_number": 0}).encode()
    rewrite(pack, **{"manifest.json": text, "manifest.sha256": seal_of(text)})
    with pytest.raises(ForeignError, match="schema 0"):
        Pack(pack)


def test_a_pack_that_cannot_be_finished_leaves_the_one_before(pack: Path, runs: list[StoredRun], monkeypatch: pytest.MonkeyPatch) -> None:
    before = pack.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_pack(pack, runs[:1])
    assert pack.read_bytes() == before
    assert list(pack.parent.iterdir()) == [pack]


def test_a_gallery_that_changes_is_read_anew(pack: Path, runs: list[StoredRun], tmp_path: Path) -> None:
    store = Store(tmp_path / "other", pack.parent)
    assert store.find(PRUNED.run_id) is not None
    write_pack(pack, runs[:1])
    assert store.find(PRUNED.run_id) is None
    assert [run.run_id for run in store.list()] == [SPECS[0].run_id]
    pack.unlink()
    assert store.list() == []


def test_the_first_pack_that_has_a_run_gives_it(pack: Path, runs: list[StoredRun], tmp_path: Path) -> None:
    write_pack(pack.parent / "a.zip", runs[:1])
    found = Store(tmp_path / "other", pack.parent).find(SPECS[0].run_id)
    assert found is not None
    assert found.path == pack.parent / "a.zip"
