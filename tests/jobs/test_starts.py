"""Runs that begin with a checkpoint: what the engine finds out before it queues them."""

import shutil
from pathlib import Path

import pytest

from lmc_core.checkpoints.resolve import with_start
from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.engine import Engine
from lmc_core.models.spec import Start
from lmc_core.settings import Settings
from lmc_core.training.networks import initialise
from tests.jobs.made_up_training import quick


@pytest.fixture
def pretrained(settings: Settings) -> Path:
    """A network of the quick runs' in the models' folder."""
    folder = settings.data_dir / "models" / "mlp"
    save_pretrained(quick(0), initialise(quick(0), 0), folder)
    return folder


def begun_with(name: str, seed: int) -> TwinsSpec:
    return quick(seed).model_copy(update={"start": Start(checkpoint=name)})


def test_a_run_begins_with_a_checkpoint_in_the_data_folder(engine: Engine, settings: Settings, pretrained: Path) -> None:
    spec = with_start(begun_with("mlp", 1), settings.data_dir)
    assert engine.wait(engine.submit(spec, "me"), 20).state == "done"


def test_a_finished_run_needs_its_checkpoint_no_more(engine: Engine, settings: Settings, pretrained: Path) -> None:
    spec = with_start(begun_with("mlp", 2), settings.data_dir)
    engine.wait(engine.submit(spec, "me"), 20)
    shutil.rmtree(pretrained)
    assert engine.snapshot(engine.submit(spec, "you")).state == "done"


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (Start(checkpoint="no/such/folder/there", fingerprint="0" * 20), "There is no folder no/such/folder/there"),
        (Start(checkpoint="/no/such/folder", fingerprint="0" * 20), "Paths are for the owner"),
        (Start(checkpoint="mlp", fingerprint="0" * 20), "holds other weights than the run asks for"),
        (Start(checkpoint="mlp"), r"start\.fingerprint is empty"),
    ],
)
def test_a_run_whose_checkpoint_is_not_to_be_had_is_not_queued(engine: Engine, pretrained: Path, start: Start, words: str) -> None:
    spec = quick(3).model_copy(update={"start": start})
    for submit in (lambda: engine.submit(spec, "me"), lambda: engine.submit_all([quick(4), spec], "me")):
        with pytest.raises(LMCError, match=words):
            submit()
    assert not {entry.run_id for entry in engine.queue()} & {spec.run_id, quick(4).run_id}
    assert {engine.snapshot(each.run_id).state for each in (spec, quick(4))} == {"unknown"}


def test_the_owner_s_token_alone_opens_folders_elsewhere(engine: Engine, settings: Settings, pretrained: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(pretrained, elsewhere)
    spec = with_start(begun_with(str(elsewhere), 5), settings.data_dir, anywhere=True)
    for token in (None, "", "a guess"):
        with pytest.raises(LMCError, match="Paths are for the owner"):
            engine.submit(spec, "me", token)
        with pytest.raises(LMCError, match="Paths are for the owner"):
            engine.submit_all([spec], "me", token)
    assert engine.wait(engine.submit(spec, "me", engine.owner_token), 20).state == "done"
