import errno
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from lmc_core.errors import LMCError
from lmc_core.runs.pack import write_pack
from lmc_core.runs.store import Store
from tests.made_up_runs import made_up_spec, progress_of, weights_of

SPEC = made_up_spec()
TABLES = ["config.json", "result.json", "history.parquet", "curves.parquet", "measurements.parquet", "manifest.json", "manifest.sha256"]
WEIGHTS = ["weights/pair0.init.safetensors", "weights/pair0.a.safetensors", "weights/pair0.b.safetensors"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that has read its one run already, and so has reason to believe in it."""
    store = Store(tmp_path / "cache")
    store.save(SPEC, progress_of(SPEC), weights_of(SPEC))
    assert store.find(SPEC.run_id) is not None
    return store


def flip_a_bit(path: Path, *, keep_times: bool = True) -> None:
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    if keep_times:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def damage_member(pack: Path, name: str) -> None:
    """Change a bit of a member, in a zip file that is sound by its own checksums."""
    with zipfile.ZipFile(pack) as archive:
        members = {each: bytearray(archive.read(each)) for each in archive.namelist()}
    members[name][len(members[name]) // 2] ^= 1
    with zipfile.ZipFile(pack, "w") as archive:
        for each, content in members.items():
            archive.writestr(each, bytes(content))


def told_once(store: Store, reason: str) -> None:
    (damage,) = store.take_damage()
    assert damage.run_id == SPEC.run_id
    assert damage.text.startswith(f"The stored run {SPEC.run_id} is damaged ({reason}")
    assert damage.text.endswith("has to be computed again.")
    assert store.take_damage() == ()


@pytest.mark.parametrize("name", TABLES)
def test_a_flipped_bit_is_noticed_when_the_run_is_read_even_if_the_file_looks_untouched(store: Store, name: str) -> None:
    flip_a_bit(store.root / "runs" / SPEC.run_id / name)
    assert store.find(SPEC.run_id) is None
    told_once(
        store, "manifest.json does not match manifest.sha256" if name.startswith("manifest") else f"{name} does not match its checksum"
    )
    (aside,) = (store.root / "damaged").iterdir()
    assert aside.name.startswith(f"{SPEC.run_id}-")
    assert (aside / name).exists()
    assert list((store.root / "runs").iterdir()) == []


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_flipped_bit_in_weights_is_noticed_when_they_are_used(store: Store, name: str, tmp_path: Path) -> None:
    flip_a_bit(store.root / "runs" / SPEC.run_id / name)
    with pytest.raises(LMCError, match=f"is damaged \\({name} does not match its checksum\\); it was set aside in .* computed again"):
        store.export(SPEC.run_id, tmp_path / "out")
    told_once(store, f"{name} does not match its checksum")
    assert store.find(SPEC.run_id) is None


@pytest.mark.parametrize("name", [*TABLES, *WEIGHTS])
def test_a_missing_file_is_noticed_when_the_run_is_looked_for(store: Store, name: str) -> None:
    (store.root / "runs" / SPEC.run_id / name).unlink()
    assert store.find(SPEC.run_id) is None
    told_once(store, f"{name} is missing")


@pytest.mark.parametrize("name", [*TABLES, *WEIGHTS])
def test_a_truncated_file_is_noticed_when_the_run_is_looked_for(store: Store, name: str) -> None:
    path = store.root / "runs" / SPEC.run_id / name
    path.write_bytes(path.read_bytes()[:-1])
    assert store.find(SPEC.run_id) is None
    assert len(store.take_damage()) == 1


def test_an_emptied_folder_is_damaged(store: Store) -> None:
    folder = store.root / "runs" / SPEC.run_id
    shutil.rmtree(folder)
    folder.mkdir()
    assert store.find(SPEC.run_id) is None
    told_once(store, "manifest.json is missing")


def test_a_run_under_another_runs_name_is_not_taken_for_it(store: Store) -> None:
    (store.root / "runs" / SPEC.run_id).rename(store.root / "runs" / ("0" * 20))
    assert store.find("0" * 20) is None
    (damage,) = store.take_damage()
    assert f"manifest.json belongs to run {SPEC.run_id}" in damage.text


def test_the_list_sets_damaged_runs_aside_too(store: Store) -> None:
    flip_a_bit(store.root / "runs" / SPEC.run_id / "result.json")
    assert Store(store.root).list() == []
    assert len(list((store.root / "damaged").iterdir())) == 1


def test_a_run_that_was_set_aside_can_be_saved_again(store: Store) -> None:
    flip_a_bit(store.root / "runs" / SPEC.run_id / "config.json")
    store.save(SPEC, progress_of(SPEC), weights_of(SPEC))
    assert store.find(SPEC.run_id) is not None
    assert len(list((store.root / "damaged").iterdir())) == 1


def test_another_process_notices_too_and_only_one_sets_it_aside(store: Store) -> None:
    other = Store(store.root)
    assert other.find(SPEC.run_id) is not None
    flip_a_bit(store.root / "runs" / SPEC.run_id / "config.json")
    assert (store.find(SPEC.run_id), other.find(SPEC.run_id)) == (None, None)
    assert len(store.take_damage()) + len(other.take_damage()) == 1


def test_a_damaged_run_of_the_gallery_is_told_of_and_left_in_place(store: Store, tmp_path: Path) -> None:
    run = store.find(SPEC.run_id)
    assert run is not None
    pack = tmp_path / "gallery" / "one.zip"
    write_pack(pack, [run])
    damage_member(pack, "twins/curves.parquet")
    other = Store(tmp_path / "other", tmp_path / "gallery")
    assert (other.find(SPEC.run_id), other.find(SPEC.run_id)) == (None, None)
    (damage,) = other.take_damage()
    assert "one.zip: twins/curves.parquet does not match its checksum" in damage.text
    assert "ships with the program" in damage.text
    assert pack.is_file()


def test_a_plain_file_with_a_runs_name_is_no_run_and_makes_room_for_one(tmp_path: Path) -> None:
    store, other = Store(tmp_path), made_up_spec(1)
    store.save(other, progress_of(other), weights_of(other))
    (tmp_path / "runs" / SPEC.run_id).write_text("notes")
    assert [run.run_id for run in store.list()] == [other.run_id]
    assert (store.find(SPEC.run_id), store.summary(SPEC.run_id)) == (None, None)
    store.save(SPEC, progress_of(SPEC), weights_of(SPEC))
    assert store.find(SPEC.run_id) is not None
    (aside,) = (tmp_path / "damaged").iterdir()
    assert aside.read_text() == "notes"


def test_a_link_that_leads_nowhere_makes_room_for_a_run_too(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / SPEC.run_id).symlink_to(tmp_path / "gone")
    store = Store(tmp_path)
    assert store.list() == []
    assert store.save(SPEC, progress_of(SPEC), weights_of(SPEC)).run_id == SPEC.run_id


@pytest.mark.parametrize("name", [*TABLES, *WEIGHTS])
def test_a_folder_in_the_place_of_a_file_is_damage(store: Store, name: str) -> None:
    path = store.root / "runs" / SPEC.run_id / name
    path.unlink()
    path.mkdir()
    assert store.find(SPEC.run_id) is None
    assert len(store.take_damage()) == 1


def test_a_run_that_cannot_be_read_for_want_of_descriptors_is_not_taken_for_damaged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), str(path))

    fresh = Store(store.root)
    with monkeypatch.context() as refusing:
        refusing.setattr(Path, "read_bytes", refuse)
        assert fresh.list() == []
        with pytest.raises(LMCError, match=r"manifest\.json cannot be read \(Too many open files\); check"):
            fresh.find(SPEC.run_id)
    assert fresh.take_damage() == ()
    assert fresh.find(SPEC.run_id) is not None
