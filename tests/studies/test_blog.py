"""The blog's experiments: what each size trains, and which two runs it makes on a machine with and without the checkpoint."""

from pathlib import Path

import pytest

from lmc_core.checkpoints.resolve import resolve, with_start
from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.cost.estimates import estimate
from lmc_core.errors import LMCError, plain
from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.models.spec import Start, ViT
from lmc_core.optim.spec import AdamW
from lmc_core.pruning.spec import Platon
from lmc_core.studies.blog import BASE, BLOG_STUDIES, CONFIGURATIONS, TINY
from lmc_core.studies.study import study_of
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.training.networks import initialise
from lmc_core.ui.wording import in_words
from tests.checkpoints.made_up import save_tiny_vit

EVERY = [pytest.param(name, size, id=f"{name} {size}") for name in BLOG_STUDIES for size in SIZES]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A data folder with a made-up ViT named `mine`."""
    save_tiny_vit(tmp_path / "models" / "mine")
    return tmp_path


@pytest.mark.parametrize(("name", "size"), EVERY)
def test_every_size_trains_on_cifar10_as_the_blog_does(name: str, size: Size) -> None:
    spec = BLOG_STUDIES[name].make(size).base
    assert (spec.dataset, spec.augmentation) == ("cifar10", "crop_flip_jitter")
    assert isinstance(spec.optimizer, AdamW)
    assert spec.optimizer.lr == 2e-4
    assert isinstance(spec.architecture, ViT)
    assert spec.start == Start()
    assert BLOG_STUDIES[name].settings[size]


@pytest.mark.parametrize("size", SIZES)
def test_twins_are_fine_tuned_for_8_epochs_and_measured_at_11_points(size: Size) -> None:
    spec = BLOG_STUDIES["connectivity"].make(size).base
    assert isinstance(spec, TwinsSpec)
    assert (spec.epochs, spec.measurement.alphas) == (8, 11)
    assert spec.repeats == (2 if size == "sketch" else 1)


@pytest.mark.parametrize("name", ["pruning", "tickets"])
def test_platon_prunes_to_a_fifth_and_a_twentieth(name: str) -> None:
    spec = BLOG_STUDIES[name].make("paper").base
    assert isinstance(spec, PruneSpec)
    assert isinstance(spec.pruning, Platon)
    assert spec.pruning.densities == (0.2, 0.05)
    assert spec.pruning.twins == (name == "tickets")
    assert spec.epochs - spec.pruning.final_epochs == 3, "the blog's networks are at their final size by the end of the third epoch"


def test_a_sketch_is_smaller_than_classroom_and_classroom_than_the_paper() -> None:
    for study in BLOG_STUDIES.values():
        seconds = [estimate(study.make(size).base).seconds for size in SIZES]
        assert seconds == sorted(seconds)
        assert seconds[0] < 3600


def test_where_the_checkpoint_is_not_there_its_run_is_known_by_its_weights_and_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    both = BLOG_STUDIES["connectivity"].make("sketch").both(tmp_path)
    assert both.pretrained is not None
    assert both.pretrained.start == TINY
    assert both.pretrained == both.random.model_copy(update={"start": TINY})
    assert both.missing is not None
    files = "put its config.json, preprocessor_config.json and model.safetensors into"
    assert f"{files} {tmp_path / 'models' / TINY.checkpoint}, or name another ViT" in plain(both.missing)
    assert f"{files} the models' folder, or name another ViT" in in_words(both.missing)


def test_without_weights_or_their_fingerprint_the_random_run_alone_is_known(tmp_path: Path) -> None:
    both = BLOG_STUDIES["connectivity"].make("paper").both(tmp_path)
    assert list(both.runs) == ["random"]
    assert both.missing is not None
    assert BASE.checkpoint in both.missing


def test_another_checkpoint_gives_both_runs_its_configuration_at_the_sketch_s_side(tiny: Path) -> None:
    both = BLOG_STUDIES["connectivity"].make("sketch").both(tiny, {"start.checkpoint": "mine", "epochs": "2"})
    assert both.missing is None
    assert both.pretrained is not None
    for spec in both.runs.values():
        assert isinstance(spec.architecture, ViT)
        assert (spec.architecture.width, spec.architecture.layers, spec.architecture.side, spec.epochs) == (8, 2, 64, 2)
    assert with_start(both.pretrained, tiny) == both.pretrained
    assert both.random.start == Start()


def test_classroom_takes_a_checkpoint_s_own_side(tiny: Path) -> None:
    both = BLOG_STUDIES["connectivity"].make("classroom").both(tiny, {"start.checkpoint": "mine"})
    assert isinstance(both.random.architecture, ViT)
    assert both.random.architecture.side == 8


def test_patches_that_do_not_divide_the_sketch_s_side_make_it_a_little_smaller(tmp_path: Path) -> None:
    save_tiny_vit(tmp_path / "models" / "odd", image_size=9, patch_size=3)
    both = BLOG_STUDIES["tickets"].make("sketch").both(tmp_path, {"start.checkpoint": "odd"})
    assert isinstance(both.random.architecture, ViT)
    assert both.random.architecture.side == 63


def test_a_checkpoint_that_is_no_transformer_is_one_sentence(tmp_path: Path) -> None:
    save_pretrained(TwinsSpec(), initialise(TwinsSpec(), 0), tmp_path / "models" / "mlp")
    with pytest.raises(LMCError, match="mlp is not a vision transformer but mlp"):
        BLOG_STUDIES["connectivity"].make("sketch").both(tmp_path, {"start.checkpoint": "mlp"})


def test_a_study_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(LMCError, match="There is no study 'lth'; there are connectivity, pruning, tickets"):
        study_of("lth", BLOG_STUDIES)


@pytest.mark.real_data
def test_the_real_checkpoint_is_the_one_that_the_presets_name(real_data: Path) -> None:
    found = resolve(TINY.checkpoint, real_data)
    assert found.start == TINY
    for name in BLOG_STUDIES:
        for size in ("sketch", "classroom"):
            with_weights = BLOG_STUDIES[name].make(size).both(real_data)
            assert with_weights.missing is None
            assert with_weights.runs == BLOG_STUDIES[name].make(size).both(Path("/nowhere")).runs
    assert set(CONFIGURATIONS) == {TINY.checkpoint, BASE.checkpoint}
