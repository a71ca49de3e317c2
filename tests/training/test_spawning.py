"""The spawn point: up to it twins see the same noise, from it on each its own (Frankle et al. 2020)."""

import pytest
import torch

from lmc_core.training.networks import initialise
from tests.training.reference import moved_apart, plain_training
from tests.training.runs import DATA, result_of, small_spec, train


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


@pytest.mark.parametrize("optimizer", ["momentum", "clipped adamw"])
@pytest.mark.parametrize("spawn", [{"at": 2}, {"at": 8, "unit": "steps"}, {"at": 19, "unit": "steps"}])
def test_twin_b_sees_the_noise_of_a_and_from_the_spawn_point_its_own_at_the_same_place(spawn, optimizer):
    spec = small_spec(optimizer=optimizer, spawn=spawn, augmentation="shift_flip")
    weights = weights_after(spec)
    expected = plain_training(spec, DATA, 1).state_dict()
    assert moved_apart(weights["pair0.b"], expected, initialise(spec, 0)) < 1e-5


def test_what_is_kept_is_twin_a_as_it_stood_after_the_epoch():
    kept = weights_after(small_spec(keep=(0, 2, 4), spawn={"at": 2}))
    assert equal(kept["pair0.a.epoch0"], kept["pair0.init"])
    assert equal(kept["pair0.a.epoch4"], kept["pair0.a"])
    assert equal(kept["pair0.a.epoch2"], weights_after(small_spec(epochs=2))["pair0.a"])


def test_keeping_changes_nothing_else():
    kept, plain = weights_after(small_spec(keep=(1, 3))), weights_after(small_spec())
    assert kept.keys() - plain.keys() == {"pair0.a.epoch1", "pair0.a.epoch3"}
    assert all(equal(weights, kept[name]) for name, weights in plain.items())
