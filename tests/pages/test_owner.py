"""Paths on the pages: refused to visitors in the same words whether the folder exists or not, open to the owner."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.experiment import TwinsSpec
from lmc_core.training.networks import initialise
from tests.pages.reading import text
from tests.ui.fake_engine import TOKEN, FakeEngine

Visit = Callable[..., AppTest]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A checkpoint beside the models' folder, in a folder of its own."""
    save_pretrained(TwinsSpec(), initialise(TwinsSpec(), 0), tmp_path / "outside" / "epoch-1")
    return tmp_path / "outside"


def clicked(page: AppTest) -> AppTest:
    return page if page.button(key="start").disabled else page.button(key="start").click().run()


def at_twins(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("twins", **{"start.checkpoint": checkpoint}))


def at_twins_with_a_fingerprint(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("twins", **{"start.checkpoint": checkpoint, "start.fingerprint": "0" * 20}))


def at_twins_from_a_file(visit: Visit, checkpoint: str) -> AppTest:
    page = visit("twins")
    page.text_area(key="spec text").set_value(json.dumps({"start": {"checkpoint": checkpoint}}))
    next(button for button in page.button if button.label == "Use this text").click().run()
    return clicked(page)


def at_pruning(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("pruning", **{"start.checkpoint": checkpoint}))


def at_transformers(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("transformers", checkpoint=checkpoint))


def at_sweeps(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("sweeps", factor=f"start.checkpoint={checkpoint}"))


def at_sweeps_in_the_base(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("sweeps", factor="epochs=1,2", **{"start.checkpoint": checkpoint}))


def at_emergence(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("emergence", by="pretraining", checkpoints=checkpoint))


def at_emergence_in_the_base(visit: Visit, checkpoint: str) -> AppTest:
    return clicked(visit("emergence", by="spawn", values="0, 1", **{"start.checkpoint": checkpoint}))


PLACES = (
    at_twins,
    at_twins_from_a_file,
    at_twins_with_a_fingerprint,
    at_pruning,
    at_transformers,
    at_sweeps,
    at_sweeps_in_the_base,
    at_emergence,
    at_emergence_in_the_base,
)


@pytest.mark.parametrize("place", PLACES)
def test_a_visitor_learns_nothing_of_folders_elsewhere(
    engine: FakeEngine, visit: Visit, outside: Path, place: Callable[[Visit, str], AppTest]
) -> None:
    paths = [f"{outside}/epoch-1" if place is not at_emergence else str(outside), f"{outside}/nothing"]
    pages = {path: place(visit, path) for path in paths}
    said = {path: [error.value.replace(path[:60], "PATH") for error in page.error] for path, page in pages.items()}
    assert not any(page.exception for page in pages.values())
    assert all("is a path; choose a checkpoint by its name" in " ".join(words) for words in said.values())
    assert len({str(words).replace("…", "") for words in said.values()}) == 1
    assert engine.submitted == []


def owner(visit: Visit) -> AppTest:
    page = visit("runs")
    page.text_input(key="owner token entered").set_value(TOKEN)
    return page.button(key="owner enters").click().run()


def test_the_owner_begins_with_a_checkpoint_in_any_folder(engine: FakeEngine, visit: Visit, outside: Path) -> None:
    page = owner(visit)
    page.switch_page("../../pages/twins.py")
    page.query_params["start.checkpoint"] = f"{outside}/epoch-1"
    clicked(page.run())
    assert [error.value for error in page.error] == []
    assert len(engine.submitted) == 1


def test_the_owner_compares_checkpoints_in_any_folder(engine: FakeEngine, visit: Visit, outside: Path) -> None:
    page = owner(visit)
    page.switch_page("../../pages/emergence.py")
    page.query_params.update({"by": "pretraining", "values": "0", "epochs": "2", "checkpoints": str(outside)})
    clicked(page.run())
    assert [error.value for error in page.error] == []
    assert len(engine.submitted) == 2


def test_a_wrong_token_opens_nothing_and_the_owner_can_leave(visit: Visit, outside: Path) -> None:
    page = visit("runs")
    page.text_input(key="owner token entered").set_value("a guess")
    page.button(key="owner enters").click().run()
    assert "not the owner's token" in text(page)
    page = owner(visit)
    page.button(key="owner leaves").click().run()
    page.switch_page("../../pages/twins.py")
    page.query_params["start.checkpoint"] = f"{outside}/epoch-1"
    assert "is a path" in text(clicked(page.run()))
