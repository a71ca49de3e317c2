import json
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy

from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.runs.manifest import Manifest, facts_of, read_manifest, seal
from lmc_core.runs.pack import write_pack
from lmc_core.runs.progress import Progress
from lmc_core.runs.store import Store
from tests.made_up_runs import made_up_result, made_up_spec, progress_of, weights_of

SPEC = made_up_spec(repeats=2)


def reseal(folder: Path, manifest: Manifest) -> None:
    for name in ("manifest.json", "manifest.sha256"):
        (folder / name).unlink()
    seal(folder, manifest)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "cache")
    store.save(SPEC, progress_of(SPEC), weights_of(SPEC))
    return store


def test_a_run_is_read_back_as_it_was_saved(store: Store) -> None:
    run = Store(store.root).find(SPEC.run_id)
    assert run is not None
    assert (run.spec, run.result, run.run_id, run.shipped) == (SPEC, made_up_result(SPEC), SPEC.run_id, False)
    live = progress_of(SPEC)
    for name in ("history", "curves", "measurements"):
        pd.testing.assert_frame_equal(getattr(run, name), getattr(live, name))
        pd.testing.assert_frame_equal(getattr(run.progress, name), getattr(live, name))
    assert run.weights == tuple(f"pair{pair}.{network}" for pair in (0, 1) for network in ("init", "a", "b"))
    for network, arrays in weights_of(SPEC).items():
        read = store.weights(SPEC.run_id, network)
        assert {name: array.tobytes() for name, array in read.items()} == {name: array.tobytes() for name, array in arrays.items()}


def test_what_is_not_there_is_not_found(store: Store) -> None:
    assert store.find("0" * 20) is None
    with pytest.raises(LMCError, match=r"There is no finished run 0{20} in .*; `python -m lmc_core runs` lists those that are there."):
        store.weights("0" * 20, "pair0.a")
    with pytest.raises(LMCError, match=r"has no weights/pair7.a.safetensors; it has .*pair1.b"):
        store.weights(SPEC.run_id, "pair7.a")


@pytest.mark.parametrize(
    "nonsense", ["", "../..", "..", "/etc/passwd", "0" * 19, "0" * 21, "G" * 20, "0" * 20 + "\n", "0" * 18 + "/.", "a" * 500]
)
def test_nothing_but_a_run_id_becomes_a_path(store: Store, nonsense: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    for use in (store.find, store.delete, store.archive, lambda run_id: store.export(run_id, tmp_path / "out")):
        with pytest.raises(LMCError, match="is not a run id; a run id has 20 characters out of 0-9 and a-f") as fault:
            use(nonsense)
        assert len(str(fault.value)) < 150
    assert sorted(tmp_path.rglob("*")) == before


def test_the_manifest_names_every_file_and_other_tools_can_check_it(store: Store) -> None:
    folder = store.root / "runs" / SPEC.run_id
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == files - {"manifest.json", "manifest.sha256"}
    assert {"hardware", "versions", "created", "command"} <= set(manifest)
    assert manifest["command"].startswith("python -m lmc_core twins --set ")
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "manifest.sha256"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert checked.stdout == "manifest.json: OK\n"


def test_saving_what_is_there_already_leaves_it(store: Store) -> None:
    before = (store.root / "runs" / SPEC.run_id / "manifest.json").stat()
    store.save(SPEC, progress_of(SPEC), weights_of(SPEC))
    assert (store.root / "runs" / SPEC.run_id / "manifest.json").stat().st_ino == before.st_ino
    assert [path.name for path in (store.root / "runs").iterdir()] == [SPEC.run_id]


def test_reading_again_does_not_read_the_files_again(store: Store) -> None:
    assert store.find(SPEC.run_id) is store.find(SPEC.run_id)


def test_the_list_has_the_newest_first_and_skips_what_is_no_run(store: Store) -> None:
    for init in (1, 2):
        spec = made_up_spec(init)
        store.save(spec, progress_of(spec), weights_of(spec))
        folder = store.root / "runs" / spec.run_id
        manifest = read_manifest(folder).model_copy(update={"created": f"2030-01-0{init}T00:00:00+00:00"})
        reseal(folder, manifest)
    (store.root / "runs" / ".half.partial").mkdir()
    (store.root / "runs" / "notes").mkdir()
    assert [run.spec.seeds.init for run in Store(store.root).list()] == [2, 1, 0]


def test_an_export_holds_the_plain_weights_and_tables(store: Store, tmp_path: Path) -> None:
    store.export(SPEC.run_id, tmp_path / "out")
    exported = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file())
    networks = [f"pair{pair}/{network}.safetensors" for pair in (0, 1) for network in ("a", "b", "init")]
    assert exported == sorted([*networks, "curves.csv", "history.csv", "measurements.csv", "result.json", "spec.json"])
    arrays = safetensors.numpy.load_file(tmp_path / "out" / "pair1" / "b.safetensors")
    np.testing.assert_array_equal(arrays["layers.0.weight"], weights_of(SPEC)["pair1.b"]["layers.0.weight"])
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out" / "curves.csv"), progress_of(SPEC).curves, check_dtype=False)
    assert TwinsSpec.model_validate_json((tmp_path / "out" / "spec.json").read_text()) == SPEC


def test_an_archive_holds_what_an_export_writes(store: Store, tmp_path: Path) -> None:
    store.export(SPEC.run_id, tmp_path / SPEC.run_id)
    with zipfile.ZipFile(BytesIO(store.archive(SPEC.run_id))) as archive:
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / name).read_bytes()
        assert len(archive.namelist()) == 11


def test_an_export_into_a_place_that_is_a_file_is_refused_in_a_sentence(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(LMCError, match=r"file cannot be written \(.*\); give another folder\."):
        store.export(SPEC.run_id, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_deleted_run_is_gone(store: Store) -> None:
    store.delete(SPEC.run_id)
    assert store.find(SPEC.run_id) is None
    assert list((store.root / "runs").iterdir()) == []


def test_runs_of_the_gallery_are_found_and_stay(store: Store, tmp_path: Path) -> None:
    run = store.find(SPEC.run_id)
    assert run is not None
    write_pack(tmp_path / "gallery" / "one.zip", [run])
    other = Store(tmp_path / "other", tmp_path / "gallery")
    shipped = other.find(SPEC.run_id)
    assert shipped is not None
    assert (shipped.shipped, shipped.result, shipped.weights) == (True, run.result, ())
    assert [listed.shipped for listed in other.list()] == [True]
    with pytest.raises(LMCError, match="ships with the program and stays"):
        other.delete(SPEC.run_id)


def test_a_run_of_another_schema_is_neither_used_nor_called_damaged_and_makes_room(store: Store) -> None:
    folder = store.root / "runs" / SPEC.run_id
    reseal(folder, read_manifest(folder).model_copy(update={"schema_number": 0}))
    store = Store(store.root)
    assert (store.find(SPEC.run_id), store.list(), store.take_damage()) == (None, [], ())
    store.save(SPEC, progress_of(SPEC), weights_of(SPEC))
    assert store.find(SPEC.run_id) is not None


def test_a_progress_without_a_result_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a run is saved when it has a result"):
        Store(tmp_path).save(SPEC, Progress(), {})
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_the_earlier_rule_of_divergence_stopped_is_not_answered_is_told_once_and_makes_room(store: Store) -> None:
    stopped = made_up_result(SPEC)
    pairs = [stopped.pairs[0].model_copy(update={"diverged": True, "diverged_at": (7, None)}), *stopped.pairs[1:]]
    folder = store.root / "runs" / SPEC.run_id
    content = stopped.model_copy(update={"pairs": pairs}).model_dump_json().encode()
    (folder / "result.json").write_bytes(content)
    manifest = read_manifest_with(folder, "result.json", content)
    reseal(folder, manifest)
    later = Store(store.root)
    assert later.find(SPEC.run_id) is None
    assert later.summary(SPEC.run_id) is None
    assert later.list() == []
    assert [damage.text for damage in later.take_damage()] == [
        f"The stored run {SPEC.run_id} ended a training when its loss passed 10,000 nats, as an earlier version did; "
        "it has to be computed again."
    ]
    later.save(SPEC, progress_of(SPEC), weights_of(SPEC))
    assert later.find(SPEC.run_id).result == made_up_result(SPEC)


def read_manifest_with(folder: Path, name: str, content: bytes) -> Manifest:
    """The folder's manifest as it is once a file has this content."""
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_text())
    return manifest.model_copy(update={"files": manifest.files | {name: facts_of(content)}})
