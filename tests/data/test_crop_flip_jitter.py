import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as reference

from lmc_core.data.crop_flip_jitter import ORDERS, STRENGTH, CropFlipJitter, crop_side
from lmc_core.data.preprocessing import Preprocessing
from lmc_core.data.resizing import resize

ADJUSTMENTS = (reference.adjust_brightness, reference.adjust_contrast, reference.adjust_saturation, reference.adjust_hue)


def some_images(count: int, channels: int, side: int) -> Tensor:
    return torch.randint(0, 256, (count, channels, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def by_torchvision(image: Tensor, draws: CropFlipJitter, place: int) -> Tensor:
    """One image, by the functionals of torchvision.transforms.v2."""
    top, left, flip, order, *factors = (part[place].item() for part in draws.parts)
    side = crop_side(image.shape[-1])
    seen = reference.crop(image, top, left, side, side)
    seen = reference.horizontal_flip(seen) if flip else seen
    for which in ORDERS[order]:
        seen = ADJUSTMENTS[which](seen, factors[which])
    return seen


@pytest.mark.parametrize(("channels", "side"), [(3, 32), (3, 64), (1, 28), (1, 8)])
def test_a_batch_is_augmented_as_torchvision_augments_its_images_one_by_one(channels: int, side: int):
    images, draws = some_images(400, channels, side), CropFlipJitter.of_epoch(3, 0, 0, 400, side)
    expected = torch.stack([by_torchvision(image, draws, place) for place, image in enumerate(images)])
    assert torch.equal(draws.apply(images), expected)


def test_flat_and_grey_colours_pass_as_in_torchvision():
    extremes = torch.tensor([[0, 0, 0], [255, 255, 255], [90, 90, 90], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [7, 7, 200]])
    images = extremes.to(torch.uint8)[:, :, None, None].expand(-1, -1, 8, 8).repeat(30, 1, 1, 1)
    draws = CropFlipJitter.of_epoch(0, 0, 0, len(images), 8)
    expected = torch.stack([by_torchvision(image, draws, place) for place, image in enumerate(images)])
    assert torch.equal(draws.apply(images), expected)


@pytest.mark.parametrize("resample", ["bilinear", "bicubic", "lanczos"])
def test_crops_are_resized_to_the_networks_side_and_normalised_as_by_torchvision(resample):
    images, draws = some_images(20, 3, 32), CropFlipJitter.of_epoch(3, 0, 0, 20, 32)
    wanted = Preprocessing(48, resample, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
    found = wanted(draws.apply(images), 32, ((0.0,) * 3, (1.0,) * 3))
    for place, image in enumerate(images):
        seen = reference.resize(by_torchvision(image, draws, place), [48, 48], reference.InterpolationMode(resample))
        expected = reference.normalize(seen.float() / 255, [0.5, 0.4, 0.3], [0.2, 0.3, 0.4])
        torch.testing.assert_close(found[place], expected, rtol=0, atol=1e-6)


def test_without_a_side_of_its_own_a_network_sees_crops_at_the_size_of_the_data():
    crops = CropFlipJitter.of_epoch(3, 0, 0, 5, 32).apply(some_images(5, 3, 32))
    assert crops.shape == (5, 3, 24, 24)
    assert Preprocessing()(crops, 32, ((0.5,) * 3, (0.5,) * 3)).shape == (5, 3, 32, 32)


def test_images_of_the_right_size_are_not_touched():
    images = some_images(2, 1, 8)
    assert resize(images, 8) is images


def test_grey_images_stand_in_every_channel_that_a_network_has_means_for():
    images = some_images(4, 1, 8)
    seen = Preprocessing(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))(images, 8, ((0.1,), (0.2,)))
    assert seen.shape == (4, 3, 8, 8)
    assert torch.equal(seen[:, 0], seen[:, 2])


def test_an_image_that_is_only_cropped_is_a_part_of_itself():
    image = torch.arange(64, dtype=torch.uint8).view(1, 1, 8, 8)
    place = (torch.tensor([number]) for number in (2, 1))
    still = (torch.tensor([factor]) for factor in (1.0, 1.0, 1.0, 0.0))
    draws = CropFlipJitter(*place, torch.tensor([False]), torch.tensor([5]), *still)
    assert draws.apply(image)[0, 0, :, 0].tolist() == [17, 25, 33, 41, 49, 57]


def test_draws_are_uniform_over_places_orders_and_strengths():
    draws = CropFlipJitter.of_epoch(0, 0, 0, 100_000, 32)
    for part, values in ((draws.top, 9), (draws.left, 9), (draws.order, 24), (draws.flip.long(), 2)):
        counts = part.bincount(minlength=values) / 100_000
        assert len(counts) == values
        assert (counts - 1 / values).abs().max() < 0.01
    for factor, (name, strength) in zip(draws.parts[4:], STRENGTH.items(), strict=True):
        middle = 0 if name == "hue" else 1
        assert (factor - middle).abs().max() <= strength + 1e-6
        assert factor.mean().item() == pytest.approx(middle, abs=0.01)
        assert factor.std().item() == pytest.approx(strength / 3**0.5, rel=0.02)


@pytest.mark.parametrize(("seed", "pair", "epoch"), [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_another_seed_pair_or_epoch_draws_anew_and_the_same_draws_again(seed: int, pair: int, epoch: int):
    def drawn(*which: int) -> Tensor:
        return torch.stack([part.double() for part in CropFlipJitter.of_epoch(*which, 1000, 32).parts])

    torch.rand(3)
    assert torch.equal(drawn(0, 0, 0), drawn(0, 0, 0))
    assert (drawn(0, 0, 0) == drawn(seed, pair, epoch)).all(1).logical_not().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_augments_as_a_cpu_does_within_one_level():
    images, draws = some_images(3000, 3, 32), CropFlipJitter.of_epoch(0, 0, 0, 3000, 32)
    apart = draws.apply(images.cuda()).cpu().int() - draws.apply(images).int()
    assert apart.abs().float().mean() < 1e-3
