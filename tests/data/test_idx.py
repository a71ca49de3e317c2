import gzip
import shutil
from pathlib import Path

import pytest
import torch
import torchvision.datasets

from lmc_core.data.load import load
from lmc_core.errors import LMCError

DEBIAN_FASHION = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture
def laid(small_mnist, tmp_path: Path) -> Path:
    """A data folder with the four packed files, and nobody to download from."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file, body in small_mnist.bodies.items():
        (raw / file).write_bytes(body)
    small_mnist.bodies = {}
    return tmp_path


@pytest.mark.real_data
def test_mnist_is_what_torchvision_loads(real_data: Path, tmp_path: Path):
    shutil.copytree(real_data / "MNIST", tmp_path / "MNIST")
    dataset = load("mnist", real_data)
    train, test = (torchvision.datasets.MNIST(tmp_path, train=split, download=True) for split in (True, False))
    assert torch.equal(dataset.train_images[:, 0], train.data)
    assert torch.equal(dataset.train_labels, train.targets)
    assert torch.equal(dataset.test_images[:, 0], test.data)
    assert torch.equal(dataset.test_labels, test.targets)


def test_fashion_mnist_is_read_from_files_laid_by_hand(tmp_path: Path):
    if not DEBIAN_FASHION.exists():
        pytest.skip(f"no {DEBIAN_FASHION}; Debian's package dataset-fashion-mnist puts it there")
    shutil.copytree(DEBIAN_FASHION, tmp_path / "FashionMNIST" / "raw")
    dataset = load("fashion_mnist", tmp_path)
    assert dataset.train_images.shape == (60_000, 1, 28, 28)
    assert torch.equal(torch.bincount(dataset.train_labels), torch.full((10,), 6_000))
    assert torch.equal(torch.bincount(dataset.test_labels), torch.full((10,), 1_000))
    pixels = dataset.train_images.double() / 255
    assert pixels.mean().item() == pytest.approx(dataset.mean[0], abs=6e-5)
    assert pixels.std(correction=0).item() == pytest.approx(dataset.std[0], abs=6e-5)


def test_unpacked_files_do_as_well_as_packed_ones(laid: Path, tmp_path_factory: pytest.TempPathFactory):
    unpacked = tmp_path_factory.mktemp("unpacked")
    (unpacked / "MNIST" / "raw").mkdir(parents=True)
    for packed in (laid / "MNIST" / "raw").iterdir():
        (unpacked / "MNIST" / "raw" / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    assert load("mnist", laid).sha256 == load("mnist", unpacked).sha256


@pytest.mark.parametrize("keep", [0, 5, 60, -1])
def test_a_truncated_file_is_named_with_what_to_do(laid: Path, keep: int):
    file = laid / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(LMCError, match=rf"{file}.*move it elsewhere and run `python -m lmc_core data get mnist`"):
        load("mnist", laid)


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_with_other_content_is_refused(laid: Path, packed: bool):
    file = laid / "MNIST" / "raw" / "train-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(file.read_bytes()))
    content[-1] ^= 1
    if packed:
        file.write_bytes(gzip.compress(bytes(content)))
    else:
        file = file.with_suffix("")
        file.write_bytes(bytes(content))
    with pytest.raises(LMCError, match=rf"{file} .*original.*move it elsewhere"):
        load("mnist", laid)


def test_torchvisions_old_form_is_never_opened(laid: Path):
    processed = laid / "MNIST" / "processed"
    processed.mkdir()
    for file in ("training.pt", "test.pt"):
        (processed / file).write_bytes(b"not for torch.load")
    assert len(load("mnist", laid).train_images) == 6


def test_a_read_only_folder_will_do(laid: Path):
    (laid / "prepared").write_text("a file where the folder should be")
    told: list[str] = []
    assert len(load("mnist", laid, told.append).train_images) == 6
    assert len(told) == 1
    assert "could not be kept ready" in told[0]
