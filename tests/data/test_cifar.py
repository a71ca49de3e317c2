import pickle
import shutil
from pathlib import Path

import pytest
import torch
import torchvision.datasets

from lmc_core.data import cifar
from lmc_core.data.load import load
from lmc_core.data.presence import is_present
from lmc_core.errors import LMCError


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


@pytest.mark.real_data
def test_cifar10_is_what_torchvision_loads(real_data: Path):
    dataset = load("cifar10", real_data)
    train, test = (torchvision.datasets.CIFAR10(real_data, train=split) for split in (True, False))
    assert torch.equal(dataset.train_images.permute(0, 2, 3, 1), torch.from_numpy(train.data))
    assert dataset.train_labels.tolist() == train.targets
    assert torch.equal(dataset.test_images.permute(0, 2, 3, 1), torch.from_numpy(test.data))
    assert dataset.test_labels.tolist() == test.targets


def test_a_downloaded_archive_is_unpacked_and_not_kept(small_cifar, tmp_path: Path):
    name, _remote = small_cifar
    dataset = load(name, tmp_path)
    loader = cifar.LOADERS[name]
    theirs = loader(tmp_path, train=True)
    assert torch.equal(dataset.train_images.permute(0, 2, 3, 1), torch.from_numpy(theirs.data))
    assert dataset.train_labels.tolist() == theirs.targets
    assert len(dataset.test_images) == 2
    assert {path.name for path in (tmp_path / loader.base_folder).iterdir()} == set(cifar.checksums(name))
    assert not (tmp_path / loader.filename).exists()


def test_an_archive_laid_by_hand_spares_the_download(small_cifar, tmp_path: Path):
    name, remote = small_cifar
    (file, body), *_ = remote.bodies.items()
    (tmp_path / file).write_bytes(body)
    assert is_present(name, tmp_path)
    assert len(load(name, tmp_path).test_images) == 2
    assert remote.requests == []
    assert (tmp_path / file).exists()


def test_a_truncated_archive_laid_by_hand_is_named(small_cifar, tmp_path: Path):
    name, remote = small_cifar
    (file, body), *_ = remote.bodies.items()
    (tmp_path / file).write_bytes(body[:-20])
    with pytest.raises(LMCError, match=rf"{tmp_path / file} is damaged or not the original.*move it elsewhere"):
        load(name, tmp_path)


def test_a_truncated_download_leaves_no_file(small_cifar, tmp_path: Path):
    name, remote = small_cifar
    (file, body), *_ = remote.bodies.items()
    remote.cut[file] = len(body) // 2
    with pytest.raises(LMCError, match="ended after"):
        load(name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f".{name}.lock"]


def test_a_damaged_batch_file_is_named_and_never_unpickled(small_cifar, tmp_path: Path):
    name, _remote = small_cifar
    load(name, tmp_path)
    shutil.rmtree(tmp_path / "prepared")
    for file in cifar.checksums(name):
        path = tmp_path / cifar.LOADERS[name].base_folder / file
        original = path.read_bytes()
        path.write_bytes(pickle.dumps(Bomb(tmp_path / "exploded")))
        with pytest.raises(
            LMCError, match=rf"{path} is damaged or not the original.*move it elsewhere and run `python -m lmc_core data get {name}`"
        ):
            load(name, tmp_path)
        path.write_bytes(original)
    assert not (tmp_path / "exploded").exists()


def test_a_deleted_batch_file_comes_back(small_cifar, tmp_path: Path):
    name, _remote = small_cifar
    before = load(name, tmp_path)
    shutil.rmtree(tmp_path / "prepared")
    (tmp_path / cifar.LOADERS[name].base_folder / cifar.LOADERS[name].test_list[0][0]).unlink()
    assert load(name, tmp_path).sha256 == before.sha256
