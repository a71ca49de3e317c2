"""A checkpoint's way from the hub, which a loopback server plays."""

from pathlib import Path

import pytest

from lmc_core.checkpoints import resolve
from lmc_core.errors import LMCError
from tests.checkpoints.conftest import Hub
from tests.checkpoints.made_up import changed_copy

NAME = "someone/vit-of-8"


def refused(name: str, data_dir: Path) -> str:
    with pytest.raises(LMCError) as fault:
        resolve(name, data_dir)
    text = str(fault.value)
    assert "\n" not in text
    assert text.endswith(".")
    left = [path for path in (data_dir / "models").rglob("*") if path.name != ".lock"]
    assert left == []
    return text


def test_a_name_is_fetched_once_and_then_needs_no_network(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    found = resolve(NAME, tmp_path)
    assert found.start.checkpoint == NAME
    assert found.fingerprint == resolve(str(tiny_vit), tmp_path, anywhere=True).fingerprint
    assert sorted(path.name for path in found.folder.iterdir()) == ["config.json", "model.safetensors", "preprocessor_config.json"]
    asked = len(hub.requests)
    assert resolve(NAME, tmp_path) == found
    assert len(hub.requests) == asked


def test_nothing_is_fetched_that_could_hold_code(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    hub.models[NAME] |= {"code.py": b"raise SystemExit", "pytorch_model.bin": b"pickle"}
    resolve(NAME, tmp_path)
    assert {request.split()[-1] for request in hub.requests} == {"config.json", "preprocessor_config.json", "model.safetensors"}


def test_the_image_processor_may_be_missing(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    del hub.models[NAME]["preprocessor_config.json"]
    assert resolve(NAME, tmp_path).side == 8


def test_an_unknown_name_is_told(hub: Hub, tmp_path: Path) -> None:
    assert f"There is no folder {NAME} and no open model of that name on the hub" in refused(NAME, tmp_path)


def test_a_gated_model_is_told(hub: Hub, tmp_path: Path) -> None:
    hub.gated.add(NAME)
    assert f"{NAME} is gated on the hub: ask for access" in refused(NAME, tmp_path)


def test_without_a_network_one_sentence_says_what_to_do_and_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    text = refused(NAME, tmp_path)
    assert "the hub is out of reach" in text
    assert str(tmp_path / "models" / NAME) in text


def test_a_hub_in_trouble_is_told(hub: Hub, tmp_path: Path) -> None:
    hub.broken.add(NAME)
    assert "The hub did not send config.json" in refused(NAME, tmp_path)


def test_a_model_without_safetensors_is_told(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    hub.models[NAME]["pytorch_model.bin"] = hub.models[NAME].pop("model.safetensors")
    assert f"{NAME} has no model.safetensors on the hub" in refused(NAME, tmp_path)


def test_a_model_that_is_no_vit_is_told_before_its_weights_are_fetched(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, changed_copy(tiny_vit, tmp_path / "other", model_type="resnet"))
    assert "is no ViT but 'resnet'" in refused(NAME, tmp_path)
    assert not any("model.safetensors" in request for request in hub.requests)


def test_weights_that_arrive_otherwise_than_the_hub_has_them_are_told(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    hub.tampered.add("model.safetensors")
    assert "did not arrive as the hub has it" in refused(NAME, tmp_path)
    hub.tampered.clear()
    assert resolve(NAME, tmp_path).side == 8


def test_a_models_folder_that_cannot_be_written_is_told(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    (tmp_path / "models").touch()
    with pytest.raises(LMCError, match=r"cannot be put into .*models .*LMC_DATA_DIR"):
        resolve(NAME, tmp_path)
