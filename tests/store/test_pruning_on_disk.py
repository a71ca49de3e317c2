"""Pruning runs on disk: the same folders, checksums and exports as runs of twins, with tables of their own."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy

from lmc_core.runs.manifest import Manifest, facts_of, read_manifest
from lmc_core.runs.pack import write_pack
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.store import Store
from tests.made_up_pruning import made_up_prune_result, made_up_pruning, pruned_weights, pruning_progress_of
from tests.made_up_runs import made_up_spec, progress_of, weights_of
from tests.store.test_damage import flip_a_bit
from tests.store.test_store import reseal

SPEC = made_up_pruning(epochs=2, rewind=(0, 1))
FILES = ["config.json", "result.json", "history.parquet", "steps.parquet", "curves.parquet", "manifest.json"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "cache")
    store.save(SPEC, pruning_progress_of(SPEC), pruned_weights(SPEC))
    return store


def test_a_pruning_run_is_read_back_as_it_was_saved(store: Store) -> None:
    run = Store(store.root).find(SPEC.run_id)
    assert run is not None
    assert (run.spec, run.result, run.shipped) == (SPEC, made_up_prune_result(SPEC), False)
    assert tuple(run.tables) == PruningProgress.tables
    live = pruning_progress_of(SPEC)
    assert isinstance(run.progress, PruningProgress)
    for name in PruningProgress.tables:
        pd.testing.assert_frame_equal(getattr(run.progress, name), getattr(live, name))
    pd.testing.assert_frame_equal(run.progress.levels_table(SPEC.dataset), live.levels_table(SPEC.dataset))
    assert set(run.weights) == {"pair0.init", "pair0.dense", "level3.pair0.a", "level3.pair0.b", "level3.pair0.mask"}


def test_its_manifest_says_with_which_command_it_is_made_again(store: Store) -> None:
    manifest = read_manifest(store.root / "runs" / SPEC.run_id)
    assert manifest.command.startswith("python -m lmc_core prune --set ")
    assert "pruning.densities=0.5,0.2" in manifest.command


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_is_noticed_and_the_run_set_aside(store: Store, name: str) -> None:
    flip_a_bit(store.root / "runs" / SPEC.run_id / name)
    assert store.find(SPEC.run_id) is None
    assert [damage.run_id for damage in store.take_damage()] == [SPEC.run_id]
    assert list((store.root / "runs").iterdir()) == []


def test_a_mask_is_stored_as_whole_numbers_and_what_it_takes_is_exactly_0(store: Store) -> None:
    mask = store.weights(SPEC.run_id, "level3.pair0.mask")
    ticket = store.weights(SPEC.run_id, "level3.pair0.a")
    for name, kept in mask.items():
        assert kept.dtype == np.uint8
        assert set(np.unique(kept)) == {0, 1}
        assert not ticket[name][kept == 0].any()


def test_an_export_has_networks_masks_and_a_file_for_each_table(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    store.export(SPEC.run_id, out)
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    networks = {"pair0/init", "pair0/dense", "level3/pair0/a", "level3/pair0/b", "level3/pair0/mask"}
    assert names == {f"{network}.safetensors" for network in networks} | {
        "history.csv",
        "steps.csv",
        "curves.csv",
        "spec.json",
        "result.json",
    }
    assert safetensors.numpy.load_file(out / "level3" / "pair0" / "mask.safetensors")["layers.0.weight"].dtype == np.uint8
    assert json.loads((out / "spec.json").read_text())["kind"] == "prune"
    assert len(pd.read_csv(out / "steps.csv")) == len(pruning_progress_of(SPEC).steps)


def test_runs_of_both_kinds_are_in_one_list(store: Store) -> None:
    twins = made_up_spec()
    store.save(twins, progress_of(twins), weights_of(twins))
    assert {summary.spec.kind: summary.spec for summary in store.list()} == {"prune": SPEC, "twins": twins}


def test_a_folder_of_a_kind_that_this_program_does_not_know_is_left_alone(store: Store) -> None:
    folder = store.root / "runs" / SPEC.run_id
    text = json.dumps(json.loads((folder / "config.json").read_text()) | {"kind": "cook"}).encode()
    (folder / "config.json").write_bytes(text)
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    reseal(folder, manifest.model_copy(update={"files": {**manifest.files, "config.json": facts_of(text)}}))
    assert store.find(SPEC.run_id) is None
    assert store.take_damage() == ()
    assert folder.exists()


def test_it_ships_without_its_weights_and_masks(store: Store, tmp_path: Path) -> None:
    run = store.find(SPEC.run_id)
    assert run is not None
    write_pack(tmp_path / "gallery" / "one.zip", [run])
    copy = Store(tmp_path / "empty", tmp_path / "gallery").find(SPEC.run_id)
    assert copy is not None
    assert (copy.shipped, copy.weights, copy.result) == (True, (), run.result)
    for name, table in run.tables.items():
        pd.testing.assert_frame_equal(copy.tables[name], table)
