"""The page of the paper on a real engine: a click trains what is missing of a preset's sketch, with torch, in a worker."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.cost.estimates import estimate
from lmc_core.jobs.engine import Engine
from lmc_core.runs.pack import write_pack
from lmc_core.runs.store import Store
from lmc_core.settings import REPOSITORY, Settings
from lmc_core.sweeps.plans import PLANS
from lmc_core.ui import engine as holder
from tests.pages.conftest import SITE
from tests.pages.reading import text
from tests.waiting import until

GALLERY = REPOSITORY / "cache" / "gallery"
TRAINED = [name for name, preset in PLANS.items() if preset.trains]


def run_ids(name: str) -> list[str]:
    return [cell.spec.run_id for cell in PLANS[name].plan("sketch").cells]


def cheapest(name: str) -> str:
    """The cell that trains fastest; the others of a preset come from the gallery, which the same code made."""
    return min(PLANS[name].plan("sketch").cells, key=lambda cell: estimate(cell.spec).seconds).spec.run_id


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with a worker, and of each preset all results but one."""
    folder = tmp_path_factory.mktemp("paper")
    missing = {cheapest(name) for name in TRAINED}
    shipped = Store(folder, GALLERY)
    there = {run_id for name in TRAINED for run_id in run_ids(name)} - missing
    write_pack(folder / "gallery" / "sketches.zip", [run for run_id in sorted(there) if (run := shipped.find(run_id))])
    settings = Settings(cache_dir=folder / "cache", data_dir=folder / "data", gallery_dir=folder / "gallery")
    with Engine(settings) as engine:
        yield engine


@pytest.mark.parametrize("name", TRAINED)
def test_a_click_trains_what_is_missing_of_a_sketch_and_the_page_shows_all(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(holder, "_opened", engine)
    here = {run_id for run_id in run_ids(name) if engine.snapshot(run_id).state == "done"}
    page = AppTest.from_file(SITE, default_timeout=20).run()
    page.switch_page("../../pages/paper.py")
    page.query_params["show"] = name
    page.run()
    start = page.button(key="start")
    if len(here) < len(run_ids(name)):  # a cell that another preset has, too, may be trained already
        assert "All cells are done" not in text(page)
        start.click().run()
        until(lambda: "All cells are done" in text(page.run()), 120)
    assert not page.exception
    assert not page.error
    assert "All cells are done" in text(page)
    results = [engine.snapshot(run_id).run for run_id in run_ids(name)]
    assert all(run is not None for run in results)
    trained = engine.snapshot(cheapest(name)).run
    assert trained is not None
    assert not trained.shipped
    assert trained.result.environment.engine
