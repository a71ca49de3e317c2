import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as reference

from lmc_core.data.shift_flip import CHUNK, ShiftFlip, largest_shift, shift_flip


def by_padding_and_cropping(image: Tensor, right: int, down: int, flip: bool) -> Tensor:
    side, pad = image.shape[-1], largest_shift(image.shape[-1])
    moved = reference.crop(reference.pad(image, [pad] * 4), pad - down, pad - right, side, side)
    return reference.horizontal_flip(moved) if flip else moved


def by_affine_map(image: Tensor, right: int, down: int, flip: bool) -> Tensor:
    moved = reference.affine(image, angle=0.0, translate=[right, down], scale=1.0, shear=[0.0, 0.0])
    return reference.horizontal_flip(moved) if flip else moved


def some_images(count: int, channels: int, side: int) -> Tensor:
    return torch.randint(1, 256, (count, channels, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("one_by_one", [by_padding_and_cropping, by_affine_map])
@pytest.mark.parametrize(("channels", "side"), [(1, 8), (1, 28), (3, 32), (3, 64)])
def test_a_batch_is_moved_as_torchvision_moves_its_images_one_by_one(one_by_one, channels: int, side: int):
    images, draws = some_images(200, channels, side), ShiftFlip.of_epoch(3, 0, 0, 200, side)
    moves = zip(images, draws.right.tolist(), draws.down.tolist(), draws.flip.tolist(), strict=True)
    assert torch.equal(shift_flip(images, draws), torch.stack([one_by_one(*move) for move in moves]))


def test_an_image_moved_right_and_down_leaves_black_behind():
    image = torch.arange(1, 10, dtype=torch.uint8).reshape(1, 1, 3, 3)
    moved = shift_flip(image, ShiftFlip(torch.tensor([1]), torch.tensor([1]), torch.tensor([False])))
    assert moved.flatten().tolist() == [0, 0, 0, 0, 1, 2, 0, 4, 5]


def test_an_image_moved_out_of_sight_is_black():
    moved = shift_flip(some_images(1, 3, 8), ShiftFlip(torch.tensor([-9]), torch.tensor([2]), torch.tensor([True])))
    assert moved.count_nonzero() == 0


def test_leading_dimensions_are_moved_each_by_its_own_draws():
    images = some_images(30, 3, 32)
    draws = ShiftFlip.of_epoch(0, 0, 0, 30, 32)
    shaped = ShiftFlip(draws.right.reshape(2, 15), draws.down.reshape(2, 15), draws.flip.reshape(2, 15))
    assert torch.equal(shift_flip(images.reshape(2, 15, 3, 32, 32), shaped).flatten(0, 1), shift_flip(images, draws))


def test_batches_of_an_epoch_are_the_epoch():
    count = 2 * CHUNK["cpu"] + 100
    images, draws = some_images(count, 1, 8), ShiftFlip.of_epoch(0, 0, 0, count, 8)
    batches = [shift_flip(images[part], draws[part]) for part in (slice(0, 700), slice(700, 1500), slice(1500, None))]
    assert torch.equal(torch.cat(batches), shift_flip(images, draws))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_gives_the_same_bytes():
    images, draws = some_images(3000, 3, 32), ShiftFlip.of_epoch(0, 0, 0, 3000, 32)
    assert torch.equal(shift_flip(images.cuda(), draws).cpu(), shift_flip(images, draws))


@pytest.mark.parametrize(("side", "reach"), [(8, 1), (28, 3), (32, 4), (64, 8)])
def test_shifts_are_uniform_up_to_an_eighth_of_the_side(side: int, reach: int):
    draws = ShiftFlip.of_epoch(0, 0, 0, 100_000, side)
    for shift in (draws.right, draws.down):
        counts = torch.bincount(shift + reach)
        assert len(counts) == 2 * reach + 1
        assert (counts / 100_000 - 1 / len(counts)).abs().max() < 0.005


def test_half_of_the_images_are_mirrored_whatever_their_shift():
    draws = ShiftFlip.of_epoch(0, 0, 0, 100_000, 32)
    for moved_right in (True, False):
        assert draws.flip[(draws.right > 0) == moved_right].float().mean().item() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("seed", "pair", "epoch"), [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_another_seed_pair_or_epoch_moves_otherwise(seed: int, pair: int, epoch: int):
    here, there = ShiftFlip.of_epoch(0, 0, 0, 1000, 32), ShiftFlip.of_epoch(seed, pair, epoch, 1000, 32)
    assert (here.right == there.right).float().mean() < 0.2
    assert (here.flip == there.flip).float().mean() < 0.6


def test_the_same_seed_pair_and_epoch_move_alike():
    here, there = ShiftFlip.of_epoch(5, 2, 7, 1000, 32), ShiftFlip.of_epoch(5, 2, 7, 1000, 32)
    assert torch.equal(here.right, there.right)
    assert torch.equal(here.down, there.down)
    assert torch.equal(here.flip, there.flip)
