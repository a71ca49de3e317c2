"""A small Tiny-ImageNet-200."""

from pathlib import Path

from PIL import Image

from lmc_core.data.tiny_layout import FOLDER


def make_tiny_layout(folder: Path) -> Path:
    """Make a folder in Tiny-ImageNet-200's official layout: one grey image a class to train, three images to test."""
    root = folder / FOLDER
    wnids = [f"n{900 - number:08}" for number in range(200)]
    (root / "val" / "images").mkdir(parents=True)
    (root / "wnids.txt").write_text("\n".join(wnids) + "\n")
    for number, wnid in enumerate(wnids):
        place = root / "train" / wnid / "images"
        place.mkdir(parents=True)
        Image.new("L", (64, 64), number).save(place / f"{wnid}_0.JPEG", quality=95)
    for number in range(3):
        add_test_image(root, number)
    lines = [f"val_{number}.JPEG\t{wnids[7 * number]}\t0\t0\t63\t63\n" for number in (2, 0, 1, 3)]
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    return root


def add_test_image(root: Path, number: int) -> None:
    """Put one more test image there; 3 is annotated, too."""
    Image.new("RGB", (64, 64), (200, 100, number)).save(root / "val" / "images" / f"val_{number}.JPEG")
