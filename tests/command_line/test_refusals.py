"""What trains nothing refuses what would train, in the same words."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lmc_core.command_line import main
from tests.checkpoints.made_up import changed_copy, save_tiny_vit
from tests.tiny_layout import make_tiny_layout

Prepare = Callable[[Path], object]


def _spoilt(models: Path) -> None:
    file = save_tiny_vit(models / "vit") / "model.safetensors"
    tensors = load_file(file)
    tensors["vit.layernorm.weight"][0] = torch.inf
    save_file(tensors, file)


def _with_a_processor(**settings: object) -> Prepare:
    return lambda models: changed_copy(save_tiny_vit(models / "whole"), models / "vit", "preprocessor_config.json", **settings)


CASES: dict[str, tuple[Prepare, list[str], str]] = {
    "a network of one channel whose processor has three numbers": (
        lambda models: save_tiny_vit(models / "vit", num_channels=1),
        ["start.checkpoint=vit", "dataset=mnist"],
        "takes 1-channel images, and the settings give it 3-channel ones",
    ),
    "images of another number of channels": (
        lambda models: save_tiny_vit(models / "vit"),
        ["start.checkpoint=vit", "dataset=cifar10", "architecture.mean=0.5", "architecture.std=0.5"],
        "architecture.mean is for 1-channel images, but cifar10 has 3-channel ones",
    ),
    "weights that are not finite": (_spoilt, ["start.checkpoint=vit"], "an infinite number among its weights, in vit.layernorm.weight"),
    "a processor that cannot be followed": (_with_a_processor(do_resize=False), ["start.checkpoint=vit"], "do_resize False"),
    "a fingerprint of other weights": (
        lambda models: save_tiny_vit(models / "vit"),
        ["start.checkpoint=vit", "dataset=cifar10", f"start.fingerprint={'0' * 20}", "architecture.name=vit", "architecture.side=8"],
        "holds other weights than the run asks for",
    ),
    "a checkpoint that is nowhere": (
        lambda models: None,
        ["start.checkpoint=someone/vit", f"start.fingerprint={'0' * 20}", "architecture.name=vit"],
        "the hub is out of reach",
    ),
    "a part of a test set": (
        lambda models: make_tiny_layout(models.parent),
        ["dataset=tiny_imagenet", "train_samples=200", "batch_size=100", "architecture.width=4"],
        "set test_samples to at most 3",
    ),
    "a part of a training set": (
        lambda models: make_tiny_layout(models.parent),
        ["dataset=tiny_imagenet", "test_samples=3", "architecture.width=4"],
        "set train_samples to at most 200",
    ),
    "more memory than is allowed": (lambda models: None, ["architecture.width=30000", "architecture.depth=4"], "LMC_MAX_MEMORY_GIB"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["twins", "prune"])
def test_what_cannot_be_trained_cannot_be_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: str, kind: str
) -> None:
    prepare, settings, words = CASES[case]
    for name, value in {
        "LMC_CACHE_DIR": str(tmp_path / "cache"),
        "LMC_DATA_DIR": str(tmp_path / "data"),
        "LMC_MAX_MEMORY_GIB": "4",
        "HF_ENDPOINT": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setitem(os.environ, name, value)
    prepare(tmp_path / "data" / "models")
    said = []
    for command in (["describe", "--kind", kind], [kind]):
        assert main([*command, "--set", *settings]) == 2
        said.append([line for line in capsys.readouterr().err.splitlines() if line.startswith("lmc_core: ")])
    described, trained = said
    assert described == trained
    assert words in described[0]
    journal = tmp_path / "cache" / "journal.sqlite"
    if journal.exists():
        with closing(sqlite3.connect(journal)) as database:
            assert list(database.execute("SELECT run_id FROM jobs")) == []
