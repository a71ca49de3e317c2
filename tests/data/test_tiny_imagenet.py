import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lmc_core.data.load import load
from lmc_core.errors import LMCError


@pytest.mark.real_data
def test_the_official_layout_is_read_as_pillow_decodes_it(real_data: Path):
    root = real_data / "tiny-imagenet-200"
    dataset = load("tiny_imagenet", real_data)
    assert (len(dataset.train_images), len(dataset.test_images)) == (10_000, 2_000)
    assert torch.equal(torch.bincount(dataset.train_labels), torch.full((200,), 50))
    wnids = (root / "wnids.txt").read_text().split()
    grey = 0
    for label in range(0, 200, 9):
        files = sorted((root / "train" / wnids[label] / "images").iterdir())
        rows = (dataset.train_labels == label).nonzero().flatten().tolist()
        for row, file in list(zip(rows, files, strict=True))[::7]:
            with Image.open(file) as image:
                grey += image.mode == "L"
                assert np.array_equal(dataset.train_images[row].permute(1, 2, 0).numpy(), np.asarray(image.convert("RGB"))), file
    assert grey > 0
    for row, line in list(enumerate((root / "val" / "val_annotations.txt").read_text().splitlines()))[::199]:
        file, wnid = line.split("\t")[:2]
        assert dataset.test_labels[row] == wnids.index(wnid)
        with Image.open(root / "val" / "images" / file) as image:
            assert np.array_equal(dataset.test_images[row].permute(1, 2, 0).numpy(), np.asarray(image.convert("RGB"))), file


def test_labels_count_the_lines_of_wnids_and_grey_images_have_three_channels(tiny_layout, tmp_path: Path):
    tiny_layout(tmp_path)
    dataset = load("tiny_imagenet", tmp_path)
    assert dataset.train_labels.tolist() == list(range(200))
    assert dataset.train_images.shape == (200, 3, 64, 64)
    for label in (0, 99, 199):
        assert torch.equal(dataset.train_images[label], torch.full((3, 64, 64), label, dtype=torch.uint8))


def test_test_images_follow_the_annotations_and_absent_ones_are_left_out(tiny_layout, tmp_path: Path):
    tiny_layout(tmp_path)
    dataset = load("tiny_imagenet", tmp_path)
    assert dataset.test_labels.tolist() == [14, 0, 7]
    assert dataset.test_images[0].float().mean() > dataset.test_images[1].float().mean()


def test_a_downloaded_zip_is_unpacked_to_the_official_layout_without_the_unlabelled_images(small_tiny, tmp_path: Path):
    data = tmp_path / "data"
    assert len(load("tiny_imagenet", data).train_images) == 200
    assert {path.name for path in data.iterdir()} == {"tiny-imagenet-200", "prepared", ".tiny_imagenet.lock"}
    assert {path.name for path in (data / "tiny-imagenet-200").iterdir()} == {"train", "val", "wnids.txt"}


def test_a_zip_laid_by_hand_spares_the_download(small_tiny, tmp_path: Path):
    (file, body), *_ = small_tiny.bodies.items()
    data = tmp_path / "data"
    data.mkdir()
    (data / file).write_bytes(body)
    assert len(load("tiny_imagenet", data).test_images) == 3
    assert small_tiny.requests == []


def test_a_tampered_zip_leaves_nothing(small_tiny, tmp_path: Path):
    (file, body), *_ = small_tiny.bodies.items()
    small_tiny.bodies[file] = body[:100] + b"?" + body[101:]
    with pytest.raises(LMCError, match="md5"):
        load("tiny_imagenet", tmp_path / "data")
    assert [path.name for path in (tmp_path / "data").iterdir()] == [".tiny_imagenet.lock"]


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0", b"no picture at all", "half"])
def test_a_damaged_image_is_named_with_what_to_do(tiny_layout, tmp_path: Path, content: bytes | str):
    file = sorted((tiny_layout(tmp_path) / "train").rglob("*.JPEG"))[42]
    file.write_bytes(content if isinstance(content, bytes) else file.read_bytes()[:-30])
    with pytest.raises(LMCError, match=rf"{file} is damaged or not a JPEG: replace it"):
        load("tiny_imagenet", tmp_path)


def test_an_image_of_another_size_is_named(tiny_layout, tmp_path: Path):
    file = tiny_layout(tmp_path) / "val" / "images" / "val_1.JPEG"
    Image.new("RGB", (32, 64)).save(file)
    with pytest.raises(LMCError, match=rf"{file} is 32 x 64 pixels; it should be 64 x 64"):
        load("tiny_imagenet", tmp_path)


def test_an_annotation_with_an_unknown_class_is_named(tiny_layout, tmp_path: Path):
    notes = tiny_layout(tmp_path) / "val" / "val_annotations.txt"
    notes.write_text("val_0.JPEG\tn12345678\t0\t0\t1\t1\n")
    with pytest.raises(LMCError, match=r"names the class 'n12345678' for 'val_0\.JPEG', which is not in wnids\.txt"):
        load("tiny_imagenet", tmp_path)


def sorted_into_folders(root: Path, inside: str) -> None:
    """As the usual scripts leave it: each test image in its class's folder, no val/images any more."""
    wnids = (root / "wnids.txt").read_text().split()
    for number in range(3):
        (root / "val" / wnids[7 * number] / inside).mkdir(parents=True)
        (root / "val" / "images" / f"val_{number}.JPEG").rename(root / "val" / wnids[7 * number] / inside / f"val_{number}.JPEG")
    (root / "val" / "images").rmdir()


@pytest.mark.parametrize("inside", ["", "images"])
@pytest.mark.parametrize("annotated", [True, False])
def test_test_images_that_were_sorted_into_a_folder_for_each_class_are_the_same_data(
    tiny_layout, tmp_path: Path, inside: str, annotated: bool
):
    official, moved = tiny_layout(tmp_path / "official"), tiny_layout(tmp_path / "moved")
    for root in (official, moved):
        notes = root / "val" / "val_annotations.txt"
        notes.write_text("".join(sorted(notes.read_text().splitlines(keepends=True))))
    sorted_into_folders(moved, inside)
    if not annotated:
        (moved / "val" / "val_annotations.txt").unlink()
    assert load("tiny_imagenet", tmp_path / "moved").sha256 == load("tiny_imagenet", tmp_path / "official").sha256


def test_test_images_come_in_the_order_of_their_numbers_where_nothing_annotates_them(tiny_layout, tmp_path: Path):
    root = tiny_layout(tmp_path)
    sorted_into_folders(root, "")
    (root / "val" / "val_annotations.txt").unlink()
    wnid = (root / "wnids.txt").read_text().split()[199]
    (root / "val" / wnid).mkdir()
    (root / "val" / wnid / "val_10.JPEG").write_bytes((root / "train" / wnid / "images" / f"{wnid}_0.JPEG").read_bytes())
    assert load("tiny_imagenet", tmp_path).test_labels.tolist() == [0, 7, 14, 199]


def test_nothing_that_is_said_advises_to_delete_what_may_not_come_again(tiny_layout, tmp_path: Path):
    root = tiny_layout(tmp_path)
    (root / "wnids.txt").unlink()
    with pytest.raises(LMCError) as fault:
        load("tiny_imagenet", tmp_path)
    assert "delete" not in str(fault.value)


@pytest.mark.parametrize("lost", ["wnids.txt", "val"])
def test_a_folder_that_lacks_a_part_says_which(tiny_layout, tmp_path: Path, lost: str):
    root = tiny_layout(tmp_path)
    shutil.rmtree(root / lost) if (root / lost).is_dir() else (root / lost).unlink()
    with pytest.raises(LMCError, match=rf"lacks tiny-imagenet-200/{lost}: put that there, or give .* another name to have"):
        load("tiny_imagenet", tmp_path)


def test_a_layout_without_images_says_where_they_should_be(tiny_layout, tmp_path: Path):
    root = tiny_layout(tmp_path)
    for file in (root / "train").rglob("*.JPEG"):
        file.unlink()
    with pytest.raises(LMCError, match=rf"There is no image in {root / 'train'}"):
        load("tiny_imagenet", tmp_path)
