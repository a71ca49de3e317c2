import hashlib
from pathlib import Path

import pytest
import torch

from lmc_core.data.dataset import Dataset
from lmc_core.data.load import load
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError

IMAGES = torch.zeros(3, 1, 8, 8, dtype=torch.uint8)
LABELS = torch.tensor([0, 9, 5])


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (IMAGES.float(), LABELS, r"images of digits are torch.float32 \[3, 1, 8, 8\]; expected uint8 \[N, 1, 8, 8\]"),
        (IMAGES[:, 0], LABELS, r"images of digits are torch.uint8 \[3, 8, 8\]"),
        (torch.zeros(3, 1, 9, 9, dtype=torch.uint8), LABELS, r"\[3, 1, 9, 9\]; expected"),
        (IMAGES, LABELS[:2], r"labels of digits are torch.int64 \[2\]; expected int64 \[3\]"),
        (IMAGES, LABELS.int(), "labels of digits are torch.int32"),
        (IMAGES, LABELS + 1, "labels of digits go from 1 to 10; expected 0 to 9"),
        (IMAGES, LABELS - 1, "labels of digits go from -1 to 8; expected 0 to 9"),
        (IMAGES[:0], LABELS[:0], "There is no .* image of digits"),
    ],
)
@pytest.mark.parametrize("split", ["training", "test"])
def test_tensors_that_do_not_fit_are_refused(split: str, images: torch.Tensor, labels: torch.Tensor, said: str):
    good = (IMAGES, LABELS)
    with pytest.raises(LMCError, match=said):
        Dataset.of("digits", *((images, labels, *good) if split == "training" else (*good, images, labels)))


def test_the_checksum_is_the_sha256_of_the_four_tensors_bytes():
    dataset = Dataset.of("digits", IMAGES + 7, LABELS, IMAGES[:1], LABELS[:1])
    expected = hashlib.sha256(b"\7" * 192 + LABELS.numpy().tobytes() + bytes(64) + LABELS[:1].numpy().tobytes())
    assert dataset.sha256 == expected.hexdigest()


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["digits", "mnist", "cifar10"])
def test_the_catalogue_says_what_is_there(real_data: Path, name):
    dataset, facts = load(name, real_data), CATALOG[name]
    assert dataset.train_images.shape == (facts.train, facts.channels, facts.side, facts.side)
    assert len(dataset.test_images) == facts.test
    assert dataset.train_labels.max() + 1 == dataset.test_labels.max() + 1 == facts.classes
