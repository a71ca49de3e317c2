from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from lmc_core.data.load import load


def test_the_split_holds_every_image_of_scikit_learn_once(tmp_path: Path):
    dataset = load("digits", tmp_path)
    assert (len(dataset.train_images), len(dataset.test_images)) == (1_437, 360)
    ours = torch.cat([dataset.train_images, dataset.test_images]).flatten(1)
    labels = torch.cat([dataset.train_labels, dataset.test_labels])
    theirs = np.rint(load_digits().images.reshape(-1, 64) * 255 / 16).astype(int)
    assert sorted(zip(ours.tolist(), labels.tolist(), strict=True)) == sorted(
        zip(theirs.tolist(), load_digits().target.tolist(), strict=True)
    )


def test_the_split_never_changes(tmp_path: Path):
    dataset = load("digits", tmp_path)
    assert dataset.sha256 == "49b2e3a282aa6747214cf3c24d711fa547fe80fb096505e879ff2433dcfe03c9"


def test_every_digit_is_in_both_splits(tmp_path: Path):
    dataset = load("digits", tmp_path)
    assert torch.bincount(dataset.train_labels).min() > 130
    assert torch.bincount(dataset.test_labels).min() > 25


def test_black_is_0_and_white_is_255(tmp_path: Path):
    images = load("digits", tmp_path).train_images
    assert (images.min().item(), images.max().item()) == (0, 255)
    assert len(images.unique()) == 17


def test_the_normalisation_is_that_of_the_training_images(tmp_path: Path):
    dataset = load("digits", tmp_path)
    pixels = dataset.train_images.double() / 255
    assert pixels.mean().item() == pytest.approx(dataset.mean[0], abs=5e-5)
    assert pixels.std(correction=0).item() == pytest.approx(dataset.std[0], abs=5e-5)
