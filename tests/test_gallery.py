"""The runs that ship: made by this program, whole, and named by their spec."""

from pathlib import Path

import pandas as pd
import pytest

from lmc_core.command_line.gallery import SHIPPED, SHIPPED_BOTH, SHIPPED_PLANS, SHIPPED_PRETRAININGS, SINGLE, plan_of, pretraining_of
from lmc_core.command_line.spec_options import ALL_PRESETS
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.runs.gallery import Gallery
from lmc_core.runs.kinds import AnyResult
from lmc_core.runs.pack import write_pack
from lmc_core.runs.results import RunResult
from lmc_core.runs.store import Store
from lmc_core.settings import REPOSITORY
from lmc_core.studies.blog import BLOG_STUDIES
from lmc_core.sweeps.plan import checked_size

GALLERY = REPOSITORY / "cache" / "gallery"


NOWHERE = GALLERY / "no data"
"""Without the checkpoints: shipped results are known all the same."""


def both_of(name: str) -> tuple[AnySpec, ...]:
    study, _, size = name.partition(":")
    return tuple(BLOG_STUDIES[study].make(checked_size(size)).both(NOWHERE).runs.values())


def staged(name: str) -> tuple[AnySpec, ...]:
    study = pretraining_of(name)
    assert study is not None
    assert study.pretraining is not None
    assert study.ready(NOWHERE) is None
    cells = study.known(run.spec for run in Store(NOWHERE, GALLERY).list())
    assert cells is not None
    return study.pretraining, *(cell.spec for cell in cells)


SPECS: dict[str, tuple[AnySpec, ...]] = {
    **{name: (SINGLE[name],) for name in SHIPPED},
    **{name: tuple(cell.spec for cell in plan_of(name).cells) for name in SHIPPED_PLANS},
    **{name: staged(name) for name in SHIPPED_PRETRAININGS},
    **{name: both_of(name) for name in SHIPPED_BOTH},
}
MOST_BYTES = 4_000_000
"""What a clone has to carry of results."""
MOST_PACKS = 30


def diverged(result: AnyResult) -> bool:
    """Whether a network diverged: those that do are not trained on."""
    if isinstance(result, RunResult):
        return result.summary.diverged_pairs > 0
    return any(level.diverged_pairs for level in result.levels)


@pytest.mark.parametrize("name", SPECS)
def test_every_shipped_run_is_whole_has_its_spec_s_id_and_says_how_it_was_made(name: str, tmp_path: Path) -> None:
    store = Store(tmp_path, GALLERY)
    for spec in SPECS[name]:
        run = store.find(spec.run_id)
        assert run is not None, store.take_damage()
        assert run.shipped
        assert run.spec == spec
        assert run.weights == ()
        assert run.result.environment.versions["torch"]
        assert run.history["epoch"].max() == run.spec.epochs or diverged(run.result)


def test_every_preset_on_digits_and_the_default_settings_ship_finished() -> None:
    at_once = {name for name, spec in SINGLE.items() if spec.dataset == "digits"}
    assert at_once <= set(SHIPPED)
    assert {TwinsSpec().run_id, PruneSpec().run_id} <= {SINGLE[name].run_id for name in SHIPPED}


def test_nothing_else_ships_and_it_stays_small(tmp_path: Path) -> None:
    shipped = {summary.run_id for summary in Store(tmp_path, GALLERY).list()}
    assert shipped == {spec.run_id for specs in SPECS.values() for spec in specs}
    packs = [file for file in GALLERY.rglob("*") if file.is_file()]
    assert set(packs) == {pack.path for pack in Gallery(GALLERY).packs()[1].values()}
    assert len(packs) <= MOST_PACKS
    assert sum(pack.stat().st_size for pack in packs) < MOST_BYTES


def test_a_run_is_shipped_without_its_weights_and_opens_from_the_gallery(tmp_path: Path) -> None:
    source = Store(tmp_path, GALLERY).find(ALL_PRESETS["first"].spec.run_id)
    assert source is not None
    write_pack(tmp_path / "gallery" / "one.zip", [source])
    copy = Store(tmp_path / "empty", tmp_path / "gallery").find(source.run_id)
    assert copy is not None
    assert copy.result == source.result
    for table in source.tables:
        pd.testing.assert_frame_equal(getattr(copy, table), getattr(source, table))
