"""What is found out about a folder with weights before anything is queued, and the sentence for each thing that can be wrong."""

import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from lmc_core.checkpoints.resolve import checked, located, resolve, with_start
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import MLP, Start, ViT
from lmc_core.optim.spec import AdamW
from tests.checkpoints.made_up import MEAN, STD, changed_copy, save_tiny_vit

TINY_VIT = ViT(side=8, patch=4, width=8, layers=2, heads=2, mlp=12, mean=MEAN, std=STD, resample="bicubic")


def refused(name: Path | str, data_dir: Path) -> str:
    with pytest.raises(LMCError) as fault:
        resolve(str(name), data_dir, anywhere=True)
    text = str(fault.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_a_folder_gives_the_architecture_and_its_image_processor_s_numbers(tiny_vit: Path, tmp_path: Path) -> None:
    found = resolve(str(tiny_vit), tmp_path, anywhere=True)
    assert found.architecture == TINY_VIT
    assert (found.channels, found.side) == (3, 8)


def test_the_fingerprint_is_that_of_the_weights_file(tiny_vit: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256((tiny_vit / "model.safetensors").read_bytes()).hexdigest()
    assert resolve(str(tiny_vit), tmp_path, anywhere=True).start == Start(checkpoint=str(tiny_vit), fingerprint=digest[:20])


def test_a_checkpoint_in_the_data_folder_has_the_same_name_on_every_machine(tiny_vit: Path, tmp_path: Path) -> None:
    for machine in ("one", "other"):
        shutil.copytree(tiny_vit, tmp_path / machine / "models" / "some" / "vit")
    starts = {resolve("some/vit", tmp_path / machine).start for machine in ("one", "other")}
    assert starts == {resolve(str(tmp_path / "one" / "models" / "some" / "vit"), tmp_path / "one", anywhere=True).start}
    assert {start.checkpoint for start in starts} == {"some/vit"}


@pytest.mark.parametrize(
    "sizes",
    [
        {"size": 10, "crop_size": 8},
        {"size": {"height": 10, "width": 10}, "crop_size": {"height": 8, "width": 8}},
        {"size": {"shortest_edge": 10}, "crop_size": [8, 8]},
    ],
)
def test_an_image_processor_that_cuts_out_the_middle_is_followed(tiny_vit: Path, tmp_path: Path, sizes: dict[str, object]) -> None:
    folder = changed_copy(tiny_vit, tmp_path / "vit", "preprocessor_config.json", do_center_crop=True, **sizes)
    assert resolve(str(folder), tmp_path, anywhere=True).architecture == TINY_VIT.model_copy(update={"crop": 0.8})


def test_without_an_image_processor_the_data_s_own_statistics_are_taken(tiny_vit: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_vit, tmp_path / "vit")
    (tmp_path / "vit" / "preprocessor_config.json").unlink()
    architecture = resolve(str(tmp_path / "vit"), tmp_path, anywhere=True).architecture
    assert isinstance(architecture, ViT)
    assert (architecture.mean, architecture.std) == (None, None)


def test_a_network_without_classifier_is_found_too(tiny_vit: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_vit, tmp_path / "vit")
    weights = safetensors.numpy.load_file(tiny_vit / "model.safetensors")
    base = {name.removeprefix("vit."): weight for name, weight in weights.items() if name.startswith("vit.")}
    safetensors.numpy.save_file(base, tmp_path / "vit" / "model.safetensors")
    assert resolve(str(tmp_path / "vit"), tmp_path, anywhere=True).architecture == TINY_VIT


def test_code_in_a_checkpoint_is_never_run(tiny_vit: Path, tmp_path: Path) -> None:
    folder = changed_copy(tiny_vit, tmp_path / "vit", auto_map={"AutoModelForImageClassification": "code.Network"})
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert resolve(str(folder), tmp_path, anywhere=True).architecture == TINY_VIT
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("file", "values", "words"),
    [
        ("config.json", {"model_type": "bert"}, "is no ViT but 'bert'"),
        ("config.json", {"model_type": None}, "is no ViT"),
        ("config.json", {"hidden_act": "relu"}, "hidden_act 'relu'; this program's ViT has gelu"),
        ("config.json", {"hidden_dropout_prob": 0.1}, "hidden_dropout_prob 0.1"),
        ("config.json", {"image_size": [8, 16]}, r"image_size \[8, 16\]"),
        ("config.json", {"num_channels": "x"}, "num_channels 'x'"),
        ("config.json", {"patch_size": 3}, "patches that do not divide"),
        ("config.json", {"num_hidden_layers": 3}, r"another network.*encoder\.layer\.2\..* is missing"),
        ("config.json", {"hidden_size": 16}, r"another network.*cls_token is 1x1x8 instead of 1x1x16"),
        ("config.json", {"lmc_core": {"architecture": {"name": "unheard"}, "dataset": "mnist"}}, "no network of this version"),
        ("preprocessor_config.json", {"resample": 0}, "resample 0; it should be one of 1"),
        ("config.json", {"num_channels": 10**30}, "from 1 to 16"),
        ("config.json", {"image_size": [8, 8, 8]}, r"image_size \[8, 8, 8\]"),
        ("preprocessor_config.json", {"image_std": [0, 1, 1]}, r"image_std \[0, 1, 1\]; it should be above 0"),
        ("preprocessor_config.json", {"image_std": [1, 1]}, r"image_std \[1, 1\]; it should have as many numbers as image_mean, 3"),
        ("preprocessor_config.json", {"image_mean": ["a", 1, 1]}, r"image_mean \['a', 1, 1\]; it should be a number for each channel"),
        ("preprocessor_config.json", {"image_mean": [float("nan"), 1, 1]}, r"image_mean \[nan, 1, 1\]; it should be a number"),
        ("preprocessor_config.json", {"rescale_factor": 0}, "rescale_factor 0; it should be a number above 0"),
        ("preprocessor_config.json", {"rescale_factor": 10**400}, "rescale_factor 1000.*; it should be a number above 0"),
        ("preprocessor_config.json", {"do_rescale": "no"}, "do_rescale 'no'; it should be true or false"),
        ("preprocessor_config.json", {"do_resize": False}, "do_resize False; images are always resized here"),
        ("preprocessor_config.json", {"do_pad": True}, "do_pad True; images are never padded here"),
        ("preprocessor_config.json", {"size": 16}, "size 16; the network takes images of 8 pixels"),
        ("preprocessor_config.json", {"size": None}, "size 224; the network takes images of 8 pixels"),
        ("preprocessor_config.json", {"size": {"height": 8, "width": 9}}, "size {'height': 8, 'width': 9}; it should make squares"),
        ("preprocessor_config.json", {"size": {"longest_edge": 8}}, "size {'longest_edge': 8}; it should make squares"),
        (
            "preprocessor_config.json",
            {"do_center_crop": True, "crop_size": 9, "size": 8},
            "crop_size 9; it should be a square within the 8 pixels",
        ),
        ("preprocessor_config.json", {"do_center_crop": True, "crop_size": 6, "size": 8}, "crop_size 6; the network takes images of 8"),
        ("preprocessor_config.json", {"do_center_crop": True, "size": 300}, "crop_size 224; the network takes images of 8"),
        (
            "preprocessor_config.json",
            {"image_processor_type": "ConvNextImageProcessor"},
            "image_processor_type 'ConvNextImageProcessor'; this program follows ViTImageProcessor, DeiTImageProcessor",
        ),
    ],
)
def test_a_configuration_that_does_not_fit_is_told(
    tiny_vit: Path, tmp_path: Path, file: str, values: dict[str, object], words: str
) -> None:
    folder = changed_copy(tiny_vit, tmp_path / "vit", file, **values)
    with pytest.raises(LMCError, match=words):
        resolve(str(folder), tmp_path, anywhere=True)


def _without(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def _only_a_pickle(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": 1}))


def _with_index(content: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
        (folder / "model.safetensors.index.json").write_text(json.dumps(content))

    return change


def _with_a_header_of_a_gigabyte(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes((2**30).to_bytes(8, "little") + file.read_bytes()[8:])


def _cut(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1_000])


def _quantised(folder: Path) -> None:
    weights = safetensors.numpy.load_file(folder / "model.safetensors")
    safetensors.numpy.save_file({name: weight.astype(np.int8) for name, weight in weights.items()}, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without("config.json"), "is no checkpoint: it has no config.json"),
        (_without("model.safetensors"), "is no checkpoint: it has no model.safetensors"),
        (_only_a_pickle, "as a pickle only, which could run code and is never opened"),
        (_with_index({}), "model.safetensors.index.json of"),
        (_with_index({"weight_map": {"a": "../model-00001-of-00002.safetensors"}}), "does not name safetensors files beside it"),
        (_with_index({"weight_map": {"a": "model-00002-of-00002.safetensors"}}), "names model-00002-of-00002.safetensors, which is not"),
        (_with_a_header_of_a_gigabyte, "damaged or not safetensors (a header of 1,073,741,824 bytes)"),
        (lambda folder: (folder / "config.json").write_text(" " * 2**21), "The config.json of"),
        (lambda folder: (folder / "config.json").write_text("[" * 2**19), "is not a JSON object"),
        (_cut, "damaged or not safetensors"),
        (_quantised, "holds I8 numbers"),
        (lambda folder: (folder / "config.json").write_text("[1]"), "is not a JSON object"),
        (lambda folder: (folder / "config.json").write_text("{"), "is not a JSON object"),
    ],
)
def test_a_folder_that_is_no_checkpoint_is_told(tiny_vit: Path, tmp_path: Path, change: Callable[[Path], None], words: str) -> None:
    folder = tmp_path / "vit"
    shutil.copytree(tiny_vit, folder)
    change(folder)
    assert words in refused(folder, tmp_path)


@pytest.mark.parametrize(
    "name", ["/no/such/folder", "two/slashes/here", "../up", "with spaces", "a--b", "~nobody-of-that-name/vit", "x" * 400]
)
def test_a_text_that_is_neither_folder_nor_hub_name_is_told(tmp_path: Path, name: str) -> None:
    assert "check the spelling" in refused(name, tmp_path)


def test_the_spec_is_completed_by_the_weights_fingerprint(tiny_vit: Path, tmp_path: Path) -> None:
    spec = TwinsSpec(dataset="cifar10", architecture=TINY_VIT, start=Start(checkpoint=str(tiny_vit)))
    complete = with_start(spec, tmp_path, anywhere=True)
    assert complete.start == resolve(str(tiny_vit), tmp_path, anywhere=True).start
    assert complete.run_id != spec.run_id
    assert with_start(complete, tmp_path, anywhere=True) == complete


def test_a_spec_without_checkpoint_stays_as_it_is(tmp_path: Path) -> None:
    assert with_start(TwinsSpec(), tmp_path) == TwinsSpec()
    assert located(TwinsSpec(), tmp_path) == TwinsSpec()
    checked(TwinsSpec(), tmp_path)


def test_other_resizing_and_normalising_fit_the_same_weights(tiny_vit: Path, tmp_path: Path) -> None:
    architecture = TINY_VIT.model_copy(update={"side": 16, "mean": (0.0,) * 3, "resample": "bilinear", "attention": "sdpa"})
    with_start(TwinsSpec(dataset="mnist", architecture=architecture, start=Start(checkpoint=str(tiny_vit))), tmp_path, anywhere=True)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (TwinsSpec(), "weights of another network: vit; architecture.name is mlp, so set it to vit"),
        (TwinsSpec(architecture=TINY_VIT.model_copy(update={"layers": 1})), "architecture.layers 2, and the settings have 1"),
        (TwinsSpec(architecture=TINY_VIT.model_copy(update={"heads": 4})), "architecture.heads 2, and the settings have 4"),
        (TwinsSpec(architecture=TINY_VIT.model_copy(update={"mean": None, "std": None})), "the settings give it 1-channel ones"),
    ],
)
def test_another_architecture_than_the_spec_s_is_told(tiny_vit: Path, tmp_path: Path, spec: TwinsSpec, words: str) -> None:
    with pytest.raises(LMCError, match=words):
        with_start(spec.model_copy(update={"start": Start(checkpoint=str(tiny_vit))}), tmp_path, anywhere=True)


def test_weights_that_changed_since_are_told(tiny_vit: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_vit, tmp_path / "vit")
    spec = with_start(TwinsSpec(architecture=TINY_VIT, start=Start(checkpoint=str(folder))), tmp_path, anywhere=True)
    checked(spec, tmp_path, anywhere=True)
    save_tiny_vit(folder, initializer_range=0.5, num_labels=5)
    with pytest.raises(LMCError, match="holds other weights than the run asks for"):
        checked(spec, tmp_path, anywhere=True)


def test_a_run_is_not_queued_before_its_weights_are_known(tiny_vit: Path, tmp_path: Path) -> None:
    with pytest.raises(LMCError, match=r"start\.fingerprint is empty"):
        checked(TwinsSpec(architecture=TINY_VIT, start=Start(checkpoint=str(tiny_vit))), tmp_path)


def test_a_fingerprint_without_a_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(LMCError, match=r"start\.checkpoint is empty"):
        with_start(TwinsSpec(start=Start(fingerprint="0" * 20)), tmp_path)


def test_trainers_get_a_folder(tiny_vit: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_vit, tmp_path / "models" / "vit")
    spec = with_start(TwinsSpec(architecture=TINY_VIT, start=Start(checkpoint="vit"), optimizer=AdamW()), tmp_path)
    assert located(spec, tmp_path).start == Start(checkpoint=str(tmp_path / "models" / "vit"), fingerprint=spec.start.fingerprint)


def test_the_real_vit_tiny_is_found_by_name(real_data: Path) -> None:
    found = resolve("vit-tiny-patch16-224", real_data)
    architecture = ViT(side=224, patch=16, width=192, layers=12, heads=3, mlp=768, mean=(0.5,) * 3, std=(0.5,) * 3)
    assert isinstance(found.architecture, ViT)
    assert found.architecture.model_copy(update={"resample": "bilinear", "norm_epsilon": 1e-12}) == architecture
    with pytest.raises(LMCError, match="name is mlp"):
        with_start(TwinsSpec(architecture=MLP(), start=found.start), real_data)


def test_finding_a_checkpoint_needs_no_torch(tiny_vit: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lmc_core.checkpoints.resolve import resolve; "
        f"resolve({str(tiny_vit)!r}, Path({str(tmp_path)!r}), anywhere=True); "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60, cwd=Path(__file__).parents[2]).returncode == 0
