"""The result that is sent with the empty page."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.jobs.showing import finished_snapshot
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.runs.store import Store, checked_run_id
from lmc_core.settings import REPOSITORY
from lmc_core.ui import first_picture as module
from lmc_core.ui import gallery
from lmc_core.ui.first_picture import first_picture
from lmc_core.ui.link import read_link


@pytest.fixture(autouse=True)
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new server: what is done is what ships."""
    store = Store(tmp_path, REPOSITORY / "cache" / "gallery")

    def snapshot(run_id: str) -> Snapshot:
        run = store.find(checked_run_id(run_id))
        return finished_snapshot(run, ()) if run else Snapshot(run_id, "", "unknown")

    known = SimpleNamespace(store=store, snapshot=snapshot)
    for place in (module, gallery):
        monkeypatch.setattr(place, "engine", lambda: known)


def test_the_first_page_comes_with_the_run_of_its_settings() -> None:
    picture = first_picture("", {})
    assert picture is not None
    assert "Connected" in picture.verdict
    assert TwinsSpec().run_id.encode() in picture.board.payload


def test_two_visitors_get_the_same_picture_and_another_measure_is_another_one() -> None:
    assert first_picture("", {}) == first_picture("", {"utm_source": "letter"})
    assert first_picture("", {}) != first_picture("", read_link({"measure": "loss"}).parameters())


@pytest.mark.parametrize(
    "parameters",
    [
        {"epochs": "7"},
        {"epochs": "seven"},
        {"run": "x"},
        {"run": "0" * 20},
        {"run": PruneSpec().run_id},
        {"run": TwinsSpec().run_id, "epochs": "7"},
        {"nothing": "1" * 100_000},
    ],
)
def test_a_link_that_shows_anything_else_comes_without_a_picture(parameters: dict[str, str]) -> None:
    assert first_picture("", parameters) is None


def test_other_pages_come_without_a_picture() -> None:
    assert first_picture("pruning", {}) is None
