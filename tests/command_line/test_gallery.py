"""`gallery`: results are trained where they are missing, and lie in its folder without weights."""

from argparse import Namespace
from pathlib import Path

import pytest

from lmc_core.command_line import gallery
from lmc_core.overrides import with_overrides
from lmc_core.runs.pack import Pack, write_pack
from lmc_core.runs.store import Store
from lmc_core.settings import REPOSITORY
from lmc_core.studies.emergence import Emergence, parse_values
from lmc_core.studies.emergence_presets import EMERGENCE
from lmc_core.studies.study import Study

SMALL = {"architecture.width": "8", "train_samples": "64", "batch_size": "32", "epochs": "1", "measurement.alphas": "3", "repeats": "2"}
STAGES = Emergence("pretraining", with_overrides(SMALL), parse_values("0, 1, 2"), {"augmentation": "shift_flip"})


def test_of_a_pretraining_both_stages_ship_and_are_known_where_the_checkpoints_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LMC_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(gallery, "GALLERY", tmp_path / "gallery")
    monkeypatch.setitem(EMERGENCE, "stages", Study("stages", "Stages", "", {}, lambda _size: STAGES, ()))
    assert gallery.run(Namespace(presets=["stages:sketch"], again=False)) == 0
    shipped = Store(tmp_path / "nothing", tmp_path / "gallery")
    cells = STAGES.known(run.spec for run in shipped.list())
    assert cells is not None
    assert cells == STAGES.ready(tmp_path / "data")
    assert STAGES.pretraining is not None
    specs = [STAGES.pretraining, *(cell.spec for cell in cells)]
    assert {run.run_id for run in shipped.list()} == {spec.run_id for spec in specs}
    for spec in specs:
        run = shipped.find(spec.run_id)
        assert run is not None
        assert run.weights == ()
    monkeypatch.setenv("LMC_CACHE_DIR", str(tmp_path / "elsewhere"))
    (pack,) = (tmp_path / "gallery").iterdir()
    before = pack.read_bytes()
    assert gallery.run(Namespace(presets=["stages:sketch"], again=False)) == 0
    assert pack.read_bytes() == before
    assert not list((tmp_path / "elsewhere").rglob("result.json")), "what ships already is not trained again"


def test_a_pack_keeps_what_else_is_in_it_and_a_run_stays_in_the_pack_that_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(gallery, "GALLERY", tmp_path / "gallery")
    shipped = Store(tmp_path, REPOSITORY / "cache" / "gallery")
    run, other = (shipped.find(gallery.SINGLE[name].run_id) for name in ("default", "first"))
    assert run is not None
    assert other is not None
    presets, elsewhere = tmp_path / "gallery" / "presets.zip", tmp_path / "gallery" / "elsewhere.zip"
    write_pack(presets, [run])
    write_pack(elsewhere, [other])
    before = presets.read_bytes(), elsewhere.read_bytes()
    assert gallery.run(Namespace(presets=["default", "first"], again=False)) == 0
    assert (presets.read_bytes(), elsewhere.read_bytes()) == before
    elsewhere.unlink()
    write_pack(presets, [run, other])
    assert gallery.run(Namespace(presets=["first"], again=True)) == 0
    packed = Pack(presets)
    assert packed.run_ids == (run.run_id, other.run_id)
    assert packed.run(run.run_id).created == run.created
    assert packed.run(other.run_id).created > other.created, "it was trained again"
