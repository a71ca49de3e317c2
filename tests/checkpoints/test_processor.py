"""The pixels that a checkpoint's image processor makes, held against transformers' own."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoImageProcessor, BitImageProcessor, CLIPImageProcessor, DeiTImageProcessor, ViTImageProcessor

from lmc_core.checkpoints.processor import DEFAULTS
from lmc_core.checkpoints.resolve import resolve
from lmc_core.experiment import TwinsSpec
from lmc_core.training.networks import stacked
from tests.checkpoints.made_up import changed_copy

OF_DATA = ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
CUT = {"do_center_crop": True, "crop_size": {"height": 8, "width": 8}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"rescale_factor": 1 / 127.5, "image_mean": [1.0] * 3, "image_std": [1.0] * 3},
        {"rescale_factor": 1 / 127.5},
        {"rescale_factor": 1 / 127.5, "do_normalize": False},
        {"do_rescale": False, "image_mean": [127.5] * 3, "image_std": [64.0, 65.0, 66.0]},
        {"do_rescale": False},
        {"do_rescale": False, "do_normalize": False},
        {"do_normalize": False},
        {"image_mean": 0.5, "image_std": 0.25},
        {"image_mean": [0.5], "image_std": [0.25]},
        {"image_mean": None, "image_std": None, "resample": None, "do_rescale": None, "rescale_factor": None},
        {"image_processor_type": None, "feature_extractor_type": "ViTFeatureExtractor", "size": 8},
        {"size": [8, 8]},
        {"size": {"shortest_edge": 8}},
        {"size": {"shortest_edge": 12, "longest_edge": 8}},
        {"size": {"max_height": 8, "max_width": 20}},
        {"size": {"shortest_edge": 11}} | CUT,
        {"size": 10} | CUT | {"crop_size": 8},
        {"image_processor_type": "DeiTImageProcessor", "size": 9, "crop_size": 8, "do_center_crop": None, "resample": None},
        {"image_processor_type": "CLIPImageProcessor", "size": 10, "crop_size": 8, "image_mean": None, "image_std": None},
        {"image_processor_type": "BitImageProcessorFast", "size": 8, "do_center_crop": False, "do_convert_rgb": True},
    ],
)
def test_a_network_sees_the_pixels_of_its_own_image_processor(tiny_vit: Path, tmp_path: Path, settings: dict[str, object]) -> None:
    folder = changed_copy(tiny_vit, tmp_path / "vit", "preprocessor_config.json", **settings)
    spec = TwinsSpec(dataset="cifar10", architecture=resolve(str(folder), tmp_path, anywhere=True).architecture)
    images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    expected = AutoImageProcessor.from_pretrained(folder)(list(images), return_tensors="pt")["pixel_values"].float()
    seen = stacked(spec).preprocessing(images, 32, OF_DATA)
    torch.testing.assert_close(seen, expected, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("processor", [ViTImageProcessor, DeiTImageProcessor, CLIPImageProcessor, BitImageProcessor])
def test_what_a_file_leaves_out_is_what_transformers_takes(processor: type) -> None:
    own, theirs = DEFAULTS[processor.__name__.removesuffix("ImageProcessor")], processor()
    assert own.size == next(iter(dict(theirs.size).values()))
    assert own.crop == (theirs.crop_size["height"] if theirs.do_center_crop else None)
    assert own.resample == theirs.resample
    assert (own.mean, own.std) == (tuple(theirs.image_mean), tuple(theirs.image_std))


def test_a_configuration_may_give_the_sides_as_pairs(tiny_vit: Path, tmp_path: Path) -> None:
    folder = changed_copy(tiny_vit, tmp_path / "vit", image_size=[8, 8], patch_size=[4, 4])
    assert resolve(str(folder), tmp_path, anywhere=True).architecture == resolve(str(tiny_vit), tmp_path, anywhere=True).architecture


def test_one_number_is_that_of_each_channel(tiny_vit: Path, tmp_path: Path) -> None:
    folder = changed_copy(tiny_vit, tmp_path / "vit", "preprocessor_config.json", image_mean=0.5, image_std=[0.25])
    architecture = resolve(str(folder), tmp_path, anywhere=True).architecture
    assert json.loads(architecture.model_dump_json())["mean"] == [0.5] * 3
    assert json.loads(architecture.model_dump_json())["std"] == [0.25] * 3


def test_an_image_processor_that_is_kept_in_its_processor_s_file_comes_first(tiny_vit: Path, tmp_path: Path) -> None:
    folder = changed_copy(tiny_vit, tmp_path / "vit")
    settings = json.loads((folder / "preprocessor_config.json").read_text()) | {"do_rescale": False}
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": settings, "processor_class": "Some"}))
    spec = TwinsSpec(dataset="cifar10", architecture=resolve(str(folder), tmp_path, anywhere=True).architecture)
    images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    expected = AutoImageProcessor.from_pretrained(folder)(list(images), return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(stacked(spec).preprocessing(images, 32, OF_DATA), expected, rtol=1e-6, atol=1e-4)
