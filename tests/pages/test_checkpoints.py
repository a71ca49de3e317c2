"""A checkpoint on the page: typed, found out about at the click, and in the link from then on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import with_overrides
from lmc_core.training.networks import initialise
from tests.pages.reading import text
from tests.ui.fake_engine import FakeEngine

Visit = Callable[..., AppTest]


@pytest.fixture
def pretrained(engine: FakeEngine) -> Path:
    """An MLP as the page begins with, in the models' folder."""
    folder = engine.settings.data_dir / "models" / "mlp"
    save_pretrained(TwinsSpec(), initialise(TwinsSpec(), 0), folder)
    return folder


def test_a_checkpoint_is_known_by_its_weights_once_it_trains(engine: FakeEngine, visit: Visit, pretrained: Path) -> None:
    page = visit()
    page.text_input(key="field start.checkpoint").set_value("mlp").run()
    page.button(key="start").click().run()
    assert not page.exception
    fingerprint = page.text_input(key="field start.fingerprint").value
    assert len(fingerprint) == 20
    assert page.query_params["start.fingerprint"] == fingerprint
    spec = with_overrides({"start.checkpoint": "mlp", "start.fingerprint": fingerprint})
    assert engine.submitted[-1][0] == spec.run_id


def test_a_checkpoint_that_is_not_there_is_one_sentence_and_nothing_is_trained(engine: FakeEngine, visit: Visit) -> None:
    page = visit()
    page.text_input(key="field start.checkpoint").set_value("no such folder").run()
    page.button(key="start").click().run()
    assert "There is no folder no such folder" in text(page)
    assert engine.submitted == []


def test_a_vision_transformer_s_means_may_be_left_empty(visit: Visit) -> None:
    page = visit(**{"architecture.name": "vit", "dataset": "cifar10"})
    assert not page.exception
    assert page.text_input(key="field architecture.vit.mean").value == ""
    page.text_input(key="field architecture.vit.mean").set_value("0.5, 0.5, 0.5").run()
    page.text_input(key="field architecture.vit.std").set_value("0.2 0.2 0.2").run()
    assert page.query_params["architecture.mean"] == "0.5,0.5,0.5"
