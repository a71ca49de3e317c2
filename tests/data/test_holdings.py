"""What a folder is known to hold before a run reads it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lmc_core.data.holdings import Holding, holding
from lmc_core.data.load import load
from lmc_core.data.spec import CATALOG


def test_what_is_not_there_is_not_known(tmp_path: Path):
    assert holding("mnist", tmp_path) is None
    assert holding("tiny_imagenet", tmp_path) is None


def test_what_comes_with_the_program_is_there(tmp_path: Path):
    assert holding("digits", tmp_path) == Holding(1_437, 360)


def test_images_are_counted_before_they_are_read_and_their_checksum_is_known_then(tiny_layout, tmp_path: Path):
    tiny_layout(tmp_path)
    assert holding("tiny_imagenet", tmp_path) == Holding(200, 3)
    dataset = load("tiny_imagenet", tmp_path)
    assert holding("tiny_imagenet", tmp_path) == Holding(200, 3, dataset.sha256)


@pytest.mark.parametrize("place", ["val/images/val_3.JPEG", "train/{wnid}/images/more.JPEG"])
def test_a_further_image_is_noticed_at_once(tiny_layout, tmp_path: Path, place: str):
    root = tiny_layout(tmp_path)
    before = load("tiny_imagenet", tmp_path)
    there = holding("tiny_imagenet", tmp_path)
    wnid = (root / "wnids.txt").read_text().split()[5]
    (root / place.format(wnid=wnid)).write_bytes((root / "val" / "images" / "val_0.JPEG").read_bytes())
    after = holding("tiny_imagenet", tmp_path)
    assert there is not None
    assert after is not None
    assert after.sha256 is None
    assert after.train + after.test == there.train + there.test + 1
    again = load("tiny_imagenet", tmp_path)
    assert holding("tiny_imagenet", tmp_path) == Holding(len(again.train_images), len(again.test_images), again.sha256)
    assert again.sha256 != before.sha256


def test_prepared_data_stands_for_files_that_are_gone(tiny_layout, tmp_path: Path):
    root = tiny_layout(tmp_path)
    dataset = load("tiny_imagenet", tmp_path)
    root.rename(tmp_path / "elsewhere")
    assert holding("tiny_imagenet", tmp_path) == Holding(200, 3, dataset.sha256)


@pytest.mark.parametrize("content", [b"", b"x" * 100, (2**40).to_bytes(8, "little")])
def test_a_damaged_prepared_file_says_nothing(tiny_layout, tmp_path: Path, content: bytes):
    tiny_layout(tmp_path)
    load("tiny_imagenet", tmp_path)
    (tmp_path / "prepared" / "tiny_imagenet.safetensors").write_bytes(content)
    assert holding("tiny_imagenet", tmp_path) == Holding(200, 3)


def test_a_verified_data_set_is_there_as_a_whole(small_mnist, tmp_path: Path):
    for file, body in small_mnist.bodies.items():
        (tmp_path / "MNIST" / "raw").mkdir(parents=True, exist_ok=True)
        (tmp_path / "MNIST" / "raw" / file).write_bytes(body)
    assert holding("mnist", tmp_path) == Holding(CATALOG["mnist"].train, CATALOG["mnist"].test)


def test_asking_needs_no_torch(tiny_layout, tmp_path: Path):
    tiny_layout(tmp_path)
    code = (
        "import sys; from pathlib import Path; from lmc_core.data.holdings import holding; "
        f"holding('tiny_imagenet', Path({str(tmp_path)!r})); sys.exit('torch' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=60, cwd=Path(__file__).parents[2], env=os.environ)
    assert ended.returncode == 0
