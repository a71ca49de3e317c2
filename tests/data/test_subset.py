from dataclasses import replace

import pytest
import torch

from lmc_core.data.dataset import Dataset
from lmc_core.data.holdings import Holding
from lmc_core.data.load import load
from lmc_core.data.subset import first
from lmc_core.errors import LMCError


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load("digits", tmp_path_factory.mktemp("data"))


def pictures(dataset: Dataset) -> list[tuple[int, ...]]:
    return [tuple(image) for image in dataset.train_images.flatten(1).tolist()]


def test_a_smaller_choice_is_part_of_a_larger_one(digits: Dataset):
    small, large = first(digits, 100), first(digits, 700)
    assert set(pictures(small)) < set(pictures(large))
    assert len(small.train_images) == 100


def test_the_choice_is_the_same_each_time(digits: Dataset):
    assert first(digits, 500).sha256 == first(digits, 500).sha256 != digits.sha256


def test_the_choice_is_spread_over_the_whole_set(digits: Dataset):
    everything = pictures(digits)
    places = torch.tensor([everything.index(picture) for picture in pictures(first(digits, 300))])
    assert torch.equal(places, places.sort().values)
    assert torch.histc(places.float(), 4, 0, 1_437).min() > 50


def test_labels_stay_with_their_images(digits: Dataset):
    label = dict(zip(pictures(digits), digits.train_labels.tolist(), strict=True))
    chosen = first(digits, 300)
    assert [label[picture] for picture in pictures(chosen)] == chosen.train_labels.tolist()


def test_the_test_set_stays_whole_unless_some_of_it_is_asked_for(digits: Dataset):
    assert torch.equal(first(digits, 10).test_images, digits.test_images)
    some = first(digits, None, 100)
    assert len(some.test_images) == len(some.test_labels) == 100
    assert torch.equal(some.train_images, digits.train_images)
    assert some.sha256 != digits.sha256


def test_a_smaller_choice_of_test_images_is_part_of_a_larger_one_with_their_labels(digits: Dataset):
    small, large = (first(digits, 10, count) for count in (50, 200))
    label = {tuple(image.flatten().tolist()): int(number) for image, number in zip(digits.test_images, digits.test_labels, strict=True)}
    tables = [
        {tuple(image.flatten().tolist()): int(number) for image, number in zip(some.test_images, some.test_labels, strict=True)}
        for some in (small, large)
    ]
    assert tables[0].items() < tables[1].items() <= label.items()


def test_more_test_images_than_the_folder_holds_are_refused(digits: Dataset):
    with pytest.raises(LMCError, match=r"test_samples is 361, but only 360 are in the data folder; set test_samples to at most 360\."):
        first(digits, None, 361)


@pytest.mark.parametrize(("samples", "said"), [(None, "Digits 8×8 has 360 test images"), (300, "test_samples is 300")])
def test_a_part_of_the_test_set_is_not_taken_for_the_whole(digits: Dataset, samples: int | None, said: str):
    part = replace(digits, test_images=digits.test_images[:50], test_labels=digits.test_labels[:50])
    with pytest.raises(LMCError, match=f"{said}, but only 50 are in the data folder; set test_samples to at most 50"):
        first(part, None, samples)
    assert len(first(part, None, 50).test_images) == 50


def test_a_choice_knows_what_it_was_taken_from(digits: Dataset):
    part = first(digits, 100, 50)
    assert part.source == digits.source == Holding(1_437, 360, digits.sha256)
    assert part.sha256 != digits.sha256


@pytest.mark.parametrize("samples", [None, 1_437])
def test_choosing_all_changes_nothing(digits: Dataset, samples: int | None):
    assert first(digits, samples) is digits


@pytest.mark.parametrize(
    ("samples", "said"),
    [(None, "Digits 8×8 has 1,437 training images"), (1_000, "train_samples is 1,000")],
)
def test_a_folder_with_fewer_images_says_how_many_it_holds(digits: Dataset, samples: int | None, said: str):
    part = replace(digits, train_images=digits.train_images[:900], train_labels=digits.train_labels[:900])
    with pytest.raises(LMCError, match=f"{said}, but only 900 are in the data folder; set train_samples to at most 900"):
        first(part, samples)
    assert len(first(part, 900).train_images) == 900
