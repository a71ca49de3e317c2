"""The runs that ship: made by this program, whole, and named by their spec."""

from pathlib import Path

import pytest

from lmc_core.command_line.gallery import SHIPPED
from lmc_core.presets import PRESETS
from lmc_core.settings import REPOSITORY
from lmc_core.shipping import ship
from lmc_core.store import Store

GALLERY = REPOSITORY / "cache" / "gallery"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_run_is_whole_has_its_spec_s_id_and_says_how_it_was_made(name: str, tmp_path: Path) -> None:
    store = Store(tmp_path, GALLERY)
    run = store.find(PRESETS[name].spec.run_id)
    assert run is not None, store.take_damage()
    assert run.shipped
    assert run.spec == PRESETS[name].spec
    assert run.weights == ()
    assert run.result.environment.versions["torch"]
    assert run.history["epoch"].max() == run.spec.epochs


def test_nothing_else_ships(tmp_path: Path) -> None:
    shipped = {summary.run_id for summary in Store(tmp_path, GALLERY).list()}
    assert shipped == {PRESETS[name].spec.run_id for name in SHIPPED}
    assert shipped == {folder.name for folder in GALLERY.iterdir()}


def test_a_run_is_shipped_without_its_weights_and_opens_from_the_gallery(tmp_path: Path) -> None:
    source = Store(tmp_path, GALLERY).find(PRESETS["first"].spec.run_id)
    assert source is not None
    place = ship(source, tmp_path / "gallery")
    copy = Store(tmp_path / "empty", tmp_path / "gallery").find(source.run_id)
    assert copy is not None
    assert copy.result == source.result
    assert not (place / "weights").exists()
