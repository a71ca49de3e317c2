import itertools

import torch

from lmc_core.data.noise import epoch_order, generator


def numbers(seed: int, purpose, pair: int, epoch: int) -> tuple[float, ...]:
    return tuple(torch.rand(4, generator=generator(seed, purpose, pair, epoch)).tolist())


def test_every_seed_purpose_pair_and_epoch_has_draws_of_its_own():
    keys = list(itertools.product((0, 1, 11), ("init", "order", "augmentation"), (0, 1, 11), (0, 1, 11)))
    assert len({numbers(*key) for key in keys}) == len(keys)


def test_the_same_key_gives_the_same_draws_whatever_was_drawn_before():
    before = numbers(1, "order", 2, 3)
    torch.rand(5)
    numbers(9, "init", 0, 0)
    assert numbers(1, "order", 2, 3) == before


def test_drawing_leaves_torchs_global_generator_alone():
    state = torch.get_rng_state()
    epoch_order(1, 0, 0, 100)
    assert torch.equal(torch.get_rng_state(), state)


def test_an_epochs_order_holds_every_image_once():
    assert torch.equal(epoch_order(1, 0, 0, 1000).sort().values, torch.arange(1000))


def test_an_order_is_the_same_in_every_release():
    assert epoch_order(1, 0, 0, 10).tolist() == [3, 9, 1, 0, 8, 7, 5, 4, 6, 2]


def test_neighbouring_epochs_orders_are_unrelated():
    first, second = epoch_order(1, 0, 0, 10_000), epoch_order(1, 0, 1, 10_000)
    assert (first == second).sum() < 12
    assert torch.corrcoef(torch.stack([first, second]).double())[0, 1].abs() < 0.05
