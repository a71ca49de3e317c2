"""A member that diverges is frozen and shown as such, and harms nobody."""

import math

import pytest
import torch

from lmc_core.training import execution
from lmc_core.training.divergence import diverged
from tests.training.runs import result_of, small_spec, train

EXPLODING = {"architecture": {"name": "linear", "depth": 3, "width": 12}, "optimizer": {"name": "sgd", "lr": 50}}


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_divergence(loss):
    assert diverged(loss)


@pytest.mark.parametrize("loss", [0.0, 2.3, 10_001.0, 1e30])
def test_a_loss_that_is_finite_is_not_however_high_it_is(loss):
    assert not diverged(loss)


def test_every_diverged_twin_is_told_once_and_its_pair_is_marked():
    events, trained = train(small_spec(**EXPLODING, repeats=2, measurement={"every": 1}))
    told = [(event.pair, event.twin) for event in events if event.event == "diverged"]
    assert sorted(told) == [(0, "a"), (0, "b"), (1, "a"), (1, "b")]
    result = result_of(events)
    steps = {(event.pair, event.twin): event.step for event in events if event.event == "diverged"}
    for pair in result.pairs:
        assert pair.diverged
        assert pair.diverged_at == (steps[pair.pair, "a"], steps[pair.pair, "b"])
        assert set(pair.curves.test.error) == set(pair.curves.train.loss) == {None}
        assert pair.barriers.test.error is None
    assert result.summary.diverged_pairs == 2
    assert result.summary.connected is None
    last = [event for event in events if event.event == "epoch"][-1]
    assert all(member.train_loss is member.test_error is None for member in last.members)
    assert all(weight.isfinite().all() for weight in trained.weights["pair0.a"].values())


def test_a_diverged_member_is_frozen_before_the_step_that_would_break_it():
    events, trained = train(small_spec(**EXPLODING))
    step = next(event.step for event in events if event.event == "diverged" and event.twin == "a")
    _, longer = train(small_spec(**EXPLODING, epochs=8))
    assert 0 < step < 20
    assert all(torch.equal(weight, longer.weights["pair0.a"][name]) for name, weight in trained.weights["pair0.a"].items())


def test_the_others_train_on_as_if_alone(monkeypatch):
    spec = small_spec("cnn", repeats=2)
    _, undisturbed = train(spec)

    calls = []

    def breaking(loss: float) -> bool:
        calls.append(loss)
        return len(calls) == 7

    monkeypatch.setattr(execution, "diverged", breaking)
    events, trained = train(spec, threads=1)
    told = [event for event in events if event.event == "diverged"]
    assert len(told) == 1
    broken = f"pair{told[0].pair}.{told[0].twin}"
    for name, weights in undisturbed.weights.items():
        same = all(torch.equal(weight, trained.weights[name][key]) for key, weight in weights.items())
        assert same is (name != broken)
    result = result_of(events)
    assert [pair.diverged for pair in result.pairs] == [pair == told[0].pair for pair in range(2)]
    assert result.summary.test.error.n == 1


def test_twins_that_diverge_before_they_part_are_both_told():
    events, _ = train(small_spec(**EXPLODING, spawn={"at": 3}))
    told = [(event.twin, event.step) for event in events if event.event == "diverged"]
    assert [twin for twin, _ in told] == ["a", "b"]
    assert told[0][1] == told[1][1]
    assert result_of(events).pairs[0].diverged_at == (told[0][1], told[0][1])
