"""A checkpoint's way from the hub, which a loopback server plays."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import pytest

from lmc_core.checkpoints.resolve import OWNERS, located, resolve, with_start
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import Start
from lmc_core.settings import Fetching
from tests.checkpoints.conftest import Hub
from tests.checkpoints.made_up import changed_copy
from tests.checkpoints.made_up import tiny_vit as network

NAME = "someone/vit-of-8"


def refused(name: str, data_dir: Path, fetching: Fetching = OWNERS) -> str:
    with pytest.raises(LMCError) as fault:
        resolve(name, data_dir, fetching=fetching)
    text = str(fault.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert left_in(data_dir) == []
    return text


def left_in(data_dir: Path) -> list[Path]:
    """What lies in the models' folder, but for the locks."""
    return [path for path in (data_dir / "models").rglob("*") if path.suffix != ".lock"]


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
    fetched = {request.split()[-1] for request in hub.requests if request.startswith("GET")}
    assert fetched == {"config.json", "preprocessor_config.json", "model.safetensors"}


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


def test_weights_in_several_files_are_fetched_with_their_index(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    network().save_pretrained(tmp_path / "shards", max_shard_size="2KB")
    hub.put(NAME, tmp_path / "shards")
    hub.models[NAME]["preprocessor_config.json"] = (tiny_vit / "preprocessor_config.json").read_bytes()
    assert resolve(NAME, tmp_path).architecture == resolve(str(tiny_vit), tmp_path, anywhere=True).architecture
    del hub.models[NAME][next(file for file in hub.models[NAME] if file.startswith("model-00002"))]
    assert "names model-00002" in refused(NAME, tmp_path / "again")


def test_a_file_that_lies_elsewhere_is_fetched_there_without_the_token(
    hub: Hub, tiny_vit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.put(NAME, tiny_vit)
    hub.models["elsewhere"] = {"weights": hub.models[NAME]["model.safetensors"]}
    hub.moved["model.safetensors"] = f"{hub.address.replace('127.0.0.1', 'localhost')}/elsewhere/resolve/main/weights"
    assert resolve(NAME, tmp_path).side == 8
    assert hub.tokens[-1] is None
    assert "Bearer hf_secret" in hub.tokens


def test_an_address_that_points_to_itself_is_told(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    hub.moved["model.safetensors"] = f"{hub.address}/{NAME}/resolve/main/model.safetensors"
    assert "it points on and on" in refused(NAME, tmp_path)


@pytest.mark.parametrize("told", [True, False], ids=["of known length", "of unknown length"])
@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json", "model.safetensors.index.json"])
def test_a_small_file_that_is_large_is_never_read_whole(hub: Hub, tiny_vit: Path, tmp_path: Path, file: str, told: bool) -> None:
    hub.put(NAME, tiny_vit)
    del hub.models[NAME]["model.safetensors"]
    hub.models[NAME][file] = b" " * (8 * 2**20)
    if not told:
        hub.lengthless.add(file)
    assert f"The {file} of {NAME} is larger than 1 MiB" in refused(NAME, tmp_path)
    assert (f"GET {NAME} {file}" in hub.requests) != told


@pytest.mark.parametrize("told", [True, False], ids=["of known length", "of unknown length"])
@pytest.mark.parametrize(
    ("bounds", "words"),
    [(Fetching(largest=10**6), "more than the 1 MB that one model may have"), (Fetching(in_all=10**6), "more than 1 MB here")],
)
def test_more_bytes_than_are_allowed_are_refused_and_removed(
    hub: Hub, tiny_vit: Path, tmp_path: Path, bounds: Fetching, words: str, told: bool
) -> None:
    hub.put(NAME, tiny_vit)
    hub.models[NAME]["model.safetensors"] = b"x" * 3 * 10**6
    if not told:
        hub.lengthless.add("model.safetensors")
    assert words in refused(NAME, tmp_path, bounds)


def test_what_is_there_counts_toward_what_all_models_may_take(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    hub.put("someone/other", tiny_vit)
    size = sum(map(len, hub.models[NAME].values()))
    bounds = Fetching(in_all=size + size // 2)
    resolve(NAME, tmp_path, fetching=bounds)
    with pytest.raises(LMCError, match="LMC_HUB_TOTAL_MB"):
        resolve("someone/other", tmp_path, fetching=bounds)
    assert not (tmp_path / "models" / "someone" / "other").exists()


@pytest.mark.parametrize("junk", [b"x" * 10_000, (2**40).to_bytes(8, "little"), b""])
def test_weights_that_are_none_are_refused_and_removed(hub: Hub, tiny_vit: Path, tmp_path: Path, junk: bytes) -> None:
    hub.put(NAME, tiny_vit)
    hub.models[NAME]["model.safetensors"] = junk
    assert "damaged or not safetensors" in refused(NAME, tmp_path)


def test_a_name_that_visitors_may_not_have_fetched_is_told_and_the_hub_is_not_asked(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    text = refused(NAME, tmp_path, Fetching(names=("google/vit-*", "facebook/deit-tiny")))
    assert "these may be: google/vit-*, facebook/deit-tiny" in text
    assert "none may be" in refused(NAME, tmp_path, Fetching(names=()))
    assert hub.requests == []
    assert resolve(NAME, tmp_path, fetching=Fetching(names=("someone/*",))).side == 8


def test_what_is_here_is_here_for_all(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    resolve(NAME, tmp_path)
    assert resolve(NAME, tmp_path, fetching=Fetching(names=())).side == 8


def test_a_trainer_fetches_nothing(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    found = resolve(NAME, tmp_path)
    spec = with_start(TwinsSpec(dataset="cifar10", architecture=found.architecture, start=Start(checkpoint=NAME)), tmp_path)
    shutil.rmtree(tmp_path / "models" / NAME)
    asked = len(hub.requests)
    with pytest.raises(LMCError, match="start the run again to have it fetched"):
        located(spec, tmp_path)
    assert len(hub.requests) == asked


BESIDE = Fetching(seconds=60, patience=60)
"""A visitor's, with a patience that a busy machine does not exhaust."""


def test_beside_the_page_a_model_is_fetched_as_well(hub: Hub, tiny_vit: Path, tmp_path: Path) -> None:
    hub.put(NAME, tiny_vit)
    assert resolve(NAME, tmp_path, fetching=BESIDE) == resolve(NAME, tmp_path)
    hub.put("someone/none", changed_copy(tiny_vit, tmp_path / "other", model_type="resnet"))
    with pytest.raises(LMCError, match="is no ViT but 'resnet'"):
        resolve("someone/none", tmp_path, fetching=BESIDE)


@pytest.mark.parametrize("how", ["dripping", "mute"])
def test_a_hub_that_drips_keeps_neither_the_asker_nor_another_model_nor_its_own_place(
    hub: Hub, tiny_vit: Path, tmp_path: Path, how: str
) -> None:
    for name in (NAME, "someone/other"):
        hub.put(name, tiny_vit)
    if how == "mute":
        hub.mute.add(NAME)
    else:
        hub.models[NAME]["preprocessor_config.json"] += b" " * 10**5
        hub.models["someone/other"].pop("preprocessor_config.json")
        hub.dripping.add("preprocessor_config.json")
    bounds = Fetching(seconds=4, patience=0.2)
    begun = time.monotonic()
    with pytest.raises(LMCError, match="is being fetched from the hub, 0 MB so far: press the button again"):
        resolve(NAME, tmp_path, fetching=bounds)
    assert time.monotonic() - begun < 4
    assert resolve("someone/other", tmp_path, fetching=BESIDE).side == 8
    with pytest.raises(LMCError, match=r"did not arrive from the hub within 4 seconds \(LMC_HUB_SECONDS\)"):
        resolve(NAME, tmp_path, fetching=replace(bounds, patience=60))
    assert not [path for path in left_in(tmp_path) if "other" not in str(path) and path.name != "someone"]
    hub.dripping.clear()
    hub.mute.clear()
    hub.put(NAME, tiny_vit)
    assert resolve(NAME, tmp_path, fetching=BESIDE).side == 8


def test_only_so_many_models_are_fetched_beside_the_page_at_once(hub: Hub, tmp_path: Path) -> None:
    names = [f"someone/vit-{number}" for number in range(5)]
    hub.mute.update(names)
    bounds = Fetching(seconds=3, patience=0.05)
    for name in names[:4]:
        with pytest.raises(LMCError, match="is being fetched"):
            resolve(name, tmp_path, fetching=bounds)
    with pytest.raises(LMCError, match="4 other models are being fetched"):
        resolve(names[4], tmp_path, fetching=bounds)
    for name in names[:4]:
        with pytest.raises(LMCError, match="did not arrive"):
            resolve(name, tmp_path, fetching=replace(bounds, patience=60))


@pytest.fixture
def cached(hub: Hub, tiny_vit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache of the hub's own library holds the model, as transformers leaves it, and the hub is out of reach."""
    hub.put(NAME, tiny_vit)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    for file in ("config.json", "preprocessor_config.json", "model.safetensors"):
        huggingface_hub.hf_hub_download(NAME, file, endpoint=hub.address)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")


def test_the_hub_s_own_cache_is_taken_where_the_hub_is_out_of_reach(cached: None, tiny_vit: Path, tmp_path: Path) -> None:
    found = resolve(NAME, tmp_path)
    assert found.start == Start(checkpoint=NAME, fingerprint=resolve(str(tiny_vit), tmp_path, anywhere=True).fingerprint)


def test_the_hub_s_own_cache_is_taken_in_its_offline_mode(cached: None, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    asked = len(hub.requests)
    assert resolve(NAME, tmp_path).side == 8
    assert len(hub.requests) == asked


def test_a_cache_without_the_weights_is_none(cached: None, tmp_path: Path) -> None:
    for path in (tmp_path / "hub").rglob("model.safetensors"):
        path.unlink()
    assert "the hub is out of reach" in refused(NAME, tmp_path)
