"""Weights in all the forms in which others save a network, and those that are none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import ViTForImageClassification

from lmc_core.checkpoints.resolve import resolve
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.training.networks import initialise
from tests.checkpoints.made_up import tiny_vit as network

KEY = "vit.encoder.layer.1.output.dense.weight"


def weights_of(folder: Path) -> dict[str, Tensor]:
    found = resolve(str(folder), folder, anywhere=True)
    return initialise(TwinsSpec(dataset="cifar10", architecture=found.architecture, start=found.start), 0)


def resaved(original: Path, folder: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor]]) -> Path:
    """A copy of a checkpoint whose tensors were changed."""
    shutil.copytree(original, folder)
    save_file(change(load_file(original / "model.safetensors")), folder / "model.safetensors")
    return folder


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors: {f"module.{key}": tensor for key, tensor in tensors.items()},
        lambda tensors: {f"_orig_mod.{key}": tensor for key, tensor in tensors.items()},
        lambda tensors: {f"module._orig_mod.module.{key}": tensor for key, tensor in tensors.items()},
        lambda _: network().state_dict(),
        lambda _: {f"_orig_mod.{key}": tensor for key, tensor in network().state_dict().items()},
        lambda _: network().vit.state_dict(),
        lambda tensors: {key.removeprefix("vit."): tensor for key, tensor in tensors.items() if key.startswith("vit.")},
    ],
    ids=["DataParallel", "compiled", "both", "transformers 5", "compiled transformers 5", "ViTModel of transformers 5", "ViTModel"],
)
def test_other_names_of_the_same_weights_are_the_same_network(
    tiny_vit: Path, tmp_path: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor]]
) -> None:
    expected, found = weights_of(tiny_vit), weights_of(resaved(tiny_vit, tmp_path / "vit", change))
    assert expected.keys() == found.keys()
    assert all(torch.equal(found[key], expected[key]) for key in expected)


def test_weights_in_several_files_are_the_same_network(tiny_vit: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    network().save_pretrained(folder, max_shard_size="2KB")
    shutil.copy(tiny_vit / "preprocessor_config.json", folder)
    assert not (folder / "model.safetensors").exists()
    assert len(list(folder.glob("*.safetensors"))) > 1
    expected, found = weights_of(tiny_vit), weights_of(folder)
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    theirs = ViTForImageClassification.from_pretrained(folder).state_dict()
    assert all(torch.equal(found[key], theirs[key]) for key in theirs if not key.startswith("classifier"))


def test_another_shard_is_another_fingerprint(tiny_vit: Path, tmp_path: Path) -> None:
    prints = []
    for scale in (1, 1, 2):
        folder = tmp_path / f"shards{len(prints)}"
        changed = network()
        changed.vit.layernorm.weight.data *= scale
        changed.save_pretrained(folder, max_shard_size="2KB")
        shutil.copy(tiny_vit / "preprocessor_config.json", folder)
        prints.append(resolve(str(folder), folder, anywhere=True).fingerprint)
    assert prints[0] == prints[1] != prints[2]


def test_a_lost_shard_is_named(tiny_vit: Path, tmp_path: Path) -> None:
    network().save_pretrained(tmp_path, max_shard_size="2KB")
    lost = sorted(tmp_path.glob("*.safetensors"))[1]
    lost.unlink()
    with pytest.raises(LMCError, match=rf"incomplete: its model\.safetensors\.index\.json names {lost.name}"):
        resolve(str(tmp_path), tmp_path, anywhere=True)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize(("value", "said"), [(float("nan"), "NaN"), (float("inf"), "an infinite"), (-float("inf"), "an infinite")])
def test_weights_that_are_not_finite_are_told_with_their_tensor(
    tiny_vit: Path, tmp_path: Path, kind: torch.dtype, value: float, said: str
) -> None:
    def spoil(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        halves = {key: tensor.to(kind) for key, tensor in tensors.items()}
        halves[KEY][-1, -1] = value
        return halves

    with pytest.raises(LMCError, match=rf"has {said}.* among its weights, in {KEY}, so it cannot train") as fault:
        resolve(str(resaved(tiny_vit, tmp_path / "vit", spoil)), tmp_path, anywhere=True)
    assert "\n" not in str(fault.value)


def test_half_precision_that_overflowed_when_it_was_saved_is_told(tiny_vit: Path, tmp_path: Path) -> None:
    def overflow(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        tensors[KEY][0, 0] = 70_000.0
        return {key: tensor.half() for key, tensor in tensors.items()}

    with pytest.raises(LMCError, match=KEY):
        resolve(str(resaved(tiny_vit, tmp_path / "vit", overflow)), tmp_path, anywhere=True)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_the_largest_and_smallest_finite_numbers_are_finite(tiny_vit: Path, tmp_path: Path, kind: torch.dtype) -> None:
    def stretch(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        halves = {key: tensor.to(kind) for key, tensor in tensors.items()}
        facts = torch.finfo(kind)
        halves[KEY].view(-1)[:4] = torch.tensor([facts.max, facts.min, facts.smallest_normal / 2, -0.0], dtype=kind)
        return halves

    assert resolve(str(resaved(tiny_vit, tmp_path / "vit", stretch)), tmp_path, anywhere=True).side == 8


def test_what_a_run_does_not_read_may_be_anything(tiny_vit: Path, tmp_path: Path) -> None:
    def spoil(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        return tensors | {"classifier.weight": tensors["classifier.weight"] * float("nan"), "step": torch.tensor(3)}

    assert resolve(str(resaved(tiny_vit, tmp_path / "vit", spoil)), tmp_path, anywhere=True).side == 8


def test_a_number_that_was_spoilt_since_is_noticed(tiny_vit: Path, tmp_path: Path) -> None:
    folder = resaved(tiny_vit, tmp_path / "vit", dict)
    resolve(str(folder), tmp_path, anywhere=True)
    tensors = load_file(folder / "model.safetensors")
    tensors[KEY][0, 0] = float("nan")
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(LMCError, match="has NaN among its weights"):
        resolve(str(folder), tmp_path, anywhere=True)


def test_the_index_names_files_alone(tiny_vit: Path, tmp_path: Path) -> None:
    network().save_pretrained(tmp_path / "vit", max_shard_size="2KB")
    index = tmp_path / "vit" / "model.safetensors.index.json"
    content = json.loads(index.read_text())
    shutil.copy(tiny_vit / "model.safetensors", tmp_path)
    content["weight_map"][KEY] = "../model.safetensors"
    index.write_text(json.dumps(content))
    with pytest.raises(LMCError, match="does not name safetensors files beside it"):
        resolve(str(tmp_path / "vit"), tmp_path, anywhere=True)
