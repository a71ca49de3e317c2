"""Which finished runs answer, by the data that they used."""

from pathlib import Path

import pytest

from lmc_core.data.dataset import Dataset
from lmc_core.data.load import load
from lmc_core.data.spec import CATALOG
from lmc_core.experiment import TwinsSpec
from lmc_core.runs.events import Done
from lmc_core.runs.progress import Progress
from lmc_core.runs.store import Store
from tests.made_up_runs import events_of, made_up_result, made_up_spec, weights_of

DIGITS = CATALOG["digits"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Dataset]:
    """A folder with prepared digits, and what is in it."""
    folder = tmp_path_factory.mktemp("data")
    return folder, load("digits", folder)


def stored(root: Path, facts: dict[str, object], **fields: object) -> TwinsSpec:
    """A finished run whose result has such facts of its data."""
    spec = made_up_spec().model_copy(update=fields)
    result = made_up_result(spec)
    environment = result.environment.model_copy(update={"dataset": facts})
    *events, _ = events_of(spec)
    Store(root).save(spec, Progress.of([*events, Done(result=result.model_copy(update={"environment": environment}))]), weights_of(spec))
    return spec


def test_a_run_of_an_earlier_version_with_all_images_answers(tmp_path: Path, data: tuple[Path, Dataset]) -> None:
    folder, digits = data
    spec = stored(tmp_path, {"train_samples": DIGITS.train, "test_samples": DIGITS.test, "sha256": digits.sha256})
    for store in (Store(tmp_path), Store(tmp_path, data_dir=folder), Store(tmp_path, data_dir=tmp_path / "no data")):
        assert store.find(spec.run_id) is not None
        assert store.take_damage() == ()


@pytest.mark.parametrize(("field", "word"), [("train_samples", "training"), ("test_samples", "test")])
def test_a_run_that_took_a_part_for_the_whole_does_not_answer_and_is_told_of_once(tmp_path: Path, field: str, word: str) -> None:
    whole = {"train_samples": DIGITS.train, "test_samples": DIGITS.test}
    spec = stored(tmp_path / "cache", whole | {field: 50})
    store = Store(tmp_path / "cache")
    assert store.find(spec.run_id) is None
    assert store.summary(spec.run_id) is None
    assert store.list() == []
    (told,) = store.take_damage()
    assert f"is not used: it used 50 {word} images instead of {whole[field]:,}; it has to be computed again." in told.text
    assert (tmp_path / "cache" / "runs" / spec.run_id).is_dir()


def test_images_that_were_asked_for_by_their_number_are_the_spec_s(tmp_path: Path) -> None:
    spec = stored(tmp_path, {"train_samples": 100, "test_samples": 50}, train_samples=100, test_samples=50, batch_size=100)
    assert Store(tmp_path).find(spec.run_id) is not None


@pytest.mark.parametrize("part", [{}, {"train_samples": 100, "batch_size": 100}, {"test_samples": 50}])
def test_a_run_with_other_images_than_are_there_now_does_not_answer_until_they_are_back(
    tmp_path: Path, data: tuple[Path, Dataset], part: dict[str, int]
) -> None:
    folder, _ = data
    used = {"train_samples": DIGITS.train, "test_samples": DIGITS.test, "sha256": "0" * 64} | {
        field: number for field, number in part.items() if field != "batch_size"
    }
    source = {"source_train_samples": DIGITS.train, "source_test_samples": DIGITS.test, "source_sha256": "0" * 64}
    spec = stored(tmp_path, used | source, **part)
    store = Store(tmp_path, data_dir=folder)
    assert store.find(spec.run_id) is None
    assert "used other images of Digits 8×8 than are in the data folder now" in store.take_damage()[0].text
    assert Store(tmp_path, data_dir=tmp_path / "no data").find(spec.run_id) is not None


def test_what_is_computed_again_takes_the_place_of_what_used_other_data(tmp_path: Path, data: tuple[Path, Dataset]) -> None:
    whole: dict[str, object] = {"train_samples": DIGITS.train, "test_samples": DIGITS.test}
    stored(tmp_path, whole | {"test_samples": 50})
    spec = stored(tmp_path, whole)
    run = Store(tmp_path).find(spec.run_id)
    assert run is not None
    assert run.result.environment.dataset == whole
