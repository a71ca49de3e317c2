"""The spawn point: up to it twins see the same noise, from it on each its own (Frankle et al. 2020)."""

import pytest
import torch

from tests.training.runs import result_of, small_spec, train


def weights_after(spec) -> dict[str, dict[str, torch.Tensor]]:
    return train(spec)[1].weights


def equal(one, other) -> bool:
    return all(torch.equal(weight, other[name]) for name, weight in one.items())


@pytest.mark.parametrize("optimizer", ["momentum", "adamw"])
@pytest.mark.parametrize("spawn", [{"at": 2}, {"at": 8, "unit": "steps"}, {"at": 1, "unit": "steps"}])
def test_twin_a_is_what_it_is_without_a_spawn_point_and_twin_b_another(spawn, optimizer):
    parted = weights_after(small_spec(optimizer=optimizer, spawn=spawn, augmentation="shift_flip"))
    plain = weights_after(small_spec(optimizer=optimizer, augmentation="shift_flip"))
    assert equal(parted["pair0.a"], plain["pair0.a"])
    assert not equal(parted["pair0.b"], plain["pair0.b"])
    assert not equal(parted["pair0.b"], parted["pair0.a"])


@pytest.mark.parametrize("optimizer", ["momentum", "adamw"])
@pytest.mark.parametrize("spawn", [{"at": 2}, {"at": 8, "unit": "steps"}])
def test_parted_twins_with_equal_seeds_stay_identical(spawn, optimizer):
    seeds = {"order": (1, 1), "augmentation": (2, 2)}
    weights = weights_after(small_spec(optimizer=optimizer, spawn=spawn, seeds=seeds, augmentation="shift_flip"))
    assert equal(weights["pair0.a"], weights["pair0.b"])


def test_twins_that_never_part_are_identical_and_connected():
    spec = small_spec(spawn={"at": 20, "unit": "steps"}, repeats=2)
    events, trained = train(spec)
    assert equal(trained.weights["pair1.a"], trained.weights["pair1.b"])
    result = result_of(events)
    assert len(result.pairs) == 2
    assert result.pairs[1].barriers.test.error == 0
    assert all(len(event.members) == 4 for event in events if event.event == "epoch")


def test_before_they_part_both_twins_are_told_with_the_same_numbers():
    events, _ = train(small_spec(spawn={"at": 2}, measurement={"every": 1, "alphas": 3}))
    for event in (event for event in events if event.event == "epoch"):
        a, b = event.members
        assert ((a.train_loss, a.test_loss) == (b.train_loss, b.test_loss)) is (event.epoch <= 2)
    barriers = [event.pairs[0].distances.twins.l2 for event in events if event.event == "curve"]
    assert barriers[:3] == [0, 0, 0]
    assert min(barriers[3:]) > 0


def test_twin_b_takes_its_own_order_at_the_position_where_it_parts():
    """With equal orders but for one step, twins part at that step alone: b's batch is the one at its place in b's order."""
    from lmc_core.data.noise import epoch_order

    spec = small_spec(spawn={"at": 19, "unit": "steps"}, epochs=4)
    orders = [epoch_order(seed, 0, 3, 90)[80:] for seed in spec.seeds.order]
    assert not torch.equal(*orders)
    weights = weights_after(spec)
    assert not equal(weights["pair0.a"], weights["pair0.b"])
    last = small_spec(spawn={"at": 20, "unit": "steps"})
    assert equal(weights["pair0.a"], weights_after(last)["pair0.a"])
