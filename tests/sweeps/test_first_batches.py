"""Figure 4: a seed's batches are the same at every drawing, and they are those that training sees."""

from pathlib import Path

import numpy as np
import pytest
import torch

from lmc_core.data.draws import Draws
from lmc_core.data.load import load
from lmc_core.data.noise import epoch_order
from lmc_core.errors import LMCError
from lmc_core.figures.batches import all_same, batches
from lmc_core.models.stacked import Samples
from lmc_core.settings import Settings
from lmc_core.sweeps.first_batches import DRAWINGS, IMAGES, SEEDS, drawn, file_of, kept, spec_of
from lmc_core.training.first_batches import first_batches
from lmc_core.training.run import train_twins


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    cache = tmp_path_factory.mktemp("cache")
    return Settings(cache_dir=cache, data_dir=cache / "data")


def test_each_seed_s_drawings_are_the_same_and_two_seeds_differ(settings: Settings) -> None:
    images = drawn(settings, "sketch")
    by_seed = {seed: [batch for batch in images if batch.seed == str(seed)] for seed in SEEDS}
    assert [[batch.draw for batch in group] for group in by_seed.values()] == [list(range(1, DRAWINGS + 1))] * len(SEEDS)
    assert all(batch.images.shape == (IMAGES, 8, 8) and batch.images.dtype == np.uint8 for batch in images)
    assert all(all_same(group) for group in by_seed.values())
    assert not all_same(images)
    assert "each seed draws the same images every time, different seeds draw different images" in batches(images).note


def test_the_images_are_those_that_a_training_with_these_seeds_sees_first(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load("digits", settings.data_dir)
    seen: list[torch.Tensor] = []
    batch = Samples.batch

    def recorded(self: Samples, index: torch.Tensor, draws: Draws | None) -> torch.Tensor:
        assert draws is not None
        if len(self) == len(data.train_images):
            seen.append(draws.apply(data.train_images[index]))
        return batch(self, index, draws)

    monkeypatch.setattr(Samples, "batch", recorded)
    spec = spec_of("sketch").model_copy(update={"epochs": 1})
    for _event in train_twins(spec, data, threads=1):
        pass
    trained = {images.numpy().tobytes() for group in seen for images in group if len(images) == IMAGES}
    for drawing in drawn(settings, "sketch"):
        assert drawing.images.tobytes() in trained


def test_images_in_colour_have_their_channels_last() -> None:
    from tests.small_data import small_dataset

    colours = small_dataset("cifar10")
    there = {"train_samples": len(colours.train_images), "test_samples": len(colours.test_images)}
    spec = spec_of("paper").model_copy(update=there | {"augmentation": "none"})
    seed, _, images = next(first_batches(spec, colours, 1))
    order = epoch_order(seed, 0, 0, len(colours.train_images))[:IMAGES]
    assert images.shape == (IMAGES, 32, 32, 3)
    assert torch.equal(torch.from_numpy(images.copy()), colours.train_images[order].permute(0, 2, 3, 1))


def test_what_was_drawn_is_kept_and_a_damaged_file_is_drawn_again(settings: Settings) -> None:
    images = drawn(settings, "sketch")
    place = file_of(settings.cache_dir, "sketch")
    written = place.stat().st_mtime_ns
    drawn(settings, "sketch")
    assert place.stat().st_mtime_ns == written
    place.write_bytes(place.read_bytes()[:-100])
    assert kept(settings.cache_dir, "sketch") is None
    again = drawn(settings, "sketch")
    assert all(np.array_equal(one.images, other.images) for one, other in zip(images, again, strict=True))


def test_a_drawing_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(LMCError, match=r"could not be drawn: .*LMC_CACHE_DIR"):
        drawn(Settings(cache_dir=tmp_path / "cache", data_dir=tmp_path), "sketch")
