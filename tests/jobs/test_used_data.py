"""What answers from the cache was made with the data that a new run would use."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.connectivity.spec import Measurement
from lmc_core.data.load import load
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.engine import Engine
from lmc_core.models.spec import MLP
from tests.jobs.conftest import settings_in
from tests.tiny_layout import add_test_image, make_tiny_layout

SPEC = TwinsSpec(
    dataset="tiny_imagenet",
    train_samples=200,
    test_samples=3,
    architecture=MLP(width=2),
    batch_size=100,
    epochs=1,
    measurement=Measurement(alphas=3, every=0),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(settings_in(tmp_path_factory.mktemp("data"))) as engine:
        make_tiny_layout(engine.settings.data_dir)
        yield engine


def test_a_part_of_a_test_set_is_refused_before_it_is_queued(engine: Engine) -> None:
    whole = SPEC.model_copy(update={"test_samples": None})
    words = r"has 10,000 test images, but only 3 are in the data folder; set test_samples to at most 3\."
    with pytest.raises(LMCError, match=words):
        engine.submit(whole, "me")
    with pytest.raises(LMCError, match=words):
        engine.submit_all([whole], "me")
    assert engine.queue() == []


def test_a_run_is_trained_again_when_the_folder_holds_more_images_and_answers_when_it_does_not(engine: Engine) -> None:
    first = engine.wait(engine.submit(SPEC, "me"), 120)
    assert first.run is not None
    assert first.run.result.environment.dataset["test_samples"] == 3
    assert engine.snapshot(SPEC.run_id).state == "done"
    add_test_image(engine.settings.data_dir / "tiny-imagenet-200", 3)
    changed = engine.snapshot(SPEC.run_id)
    assert changed.run is None
    assert any("used other images of Tiny-ImageNet-200 than are in the data folder now" in notice for notice in changed.notices)
    again = engine.wait(engine.submit(SPEC, "me"), 120)
    assert again.run is not None
    assert again.run.result.environment.dataset["source_test_samples"] == 4
    assert again.run.result.environment.dataset["sha256"] != first.run.result.environment.dataset["sha256"]
    assert engine.snapshot(SPEC.run_id).state == "done"


def test_the_same_data_elsewhere_answer(engine: Engine, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    shutil.copytree(engine.settings.data_dir / "tiny-imagenet-200", settings.data_dir / "tiny-imagenet-200")
    shutil.copytree(engine.settings.cache_dir / "runs", settings.cache_dir / "runs")
    assert Engine(settings, serve=False).store.find(SPEC.run_id) is not None
    load("tiny_imagenet", settings.data_dir)
    assert Engine(settings, serve=False).store.find(SPEC.run_id) is not None
