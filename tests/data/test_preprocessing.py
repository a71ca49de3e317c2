"""What a pretrained network sees, held against its own image processor in transformers."""

import pytest
import torch
from transformers import ViTImageProcessor

from lmc_core.data.preprocessing import Preprocessing

NEITHER = ((0.0,) * 3, (1.0,) * 3)
FILTERS = {"bilinear": 2, "bicubic": 3, "lanczos": 1}
"""As Pillow numbers them."""


@pytest.mark.parametrize("resample", FILTERS)
@pytest.mark.parametrize(("data", "side"), [(32, 224), (64, 48), (32, 32)])
def test_images_are_resized_and_normalised_as_by_transformers_own_processor(data: int, side: int, resample):
    images = torch.randint(0, 256, (6, 3, data, data), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    processor = ViTImageProcessor(size={"height": side, "width": side}, resample=FILTERS[resample], image_mean=mean, image_std=std)
    expected = processor(list(images), return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(Preprocessing(side, resample, mean, std)(images, data, NEITHER), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("side", "whole"), [(224, 256), (32, 37), (33, 40)])
def test_the_middle_is_cut_out_as_by_transformers_own_processor(side: int, whole: int):
    images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    processor = ViTImageProcessor(
        size={"height": whole, "width": whole},
        do_center_crop=True,
        crop_size={"height": side, "width": side},
        resample=FILTERS["bicubic"],
        image_mean=mean,
        image_std=std,
    )
    expected = processor(list(images), return_tensors="pt")["pixel_values"]
    seen = Preprocessing(side, "bicubic", mean, std, side / whole)(images, 32, NEITHER)
    torch.testing.assert_close(seen, expected, rtol=0, atol=1e-5)


def test_a_whole_batch_is_resized_to_the_bits_of_its_images_alone():
    images = torch.randint(0, 256, (9, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    wanted = Preprocessing(80, "bicubic")
    alone = torch.cat([wanted(image[None], 32, NEITHER) for image in images])
    assert torch.equal(wanted(images, 32, NEITHER), alone)
