"""A spike of the loss ends no training; spikes are counted with their steps and heights, whoever computes and however often it stops."""

import contextlib
import math

import pytest
import torch

from lmc_core.errors import Stopped
from lmc_core.runs.results import CALM, HIGH, Spike, Spikes
from lmc_core.training import pace
from lmc_core.training.checkpoint import Checkpoint, Standing
from lmc_core.training.cohort import ALIVE
from lmc_core.training.execution import InShares, OneByOne, Together
from lmc_core.training.spikes import KEPT, SpikeRows
from tests.training.runs import result_of, small_spec, train

CPU = torch.device("cpu")
SPIKING = {"architecture": {"name": "mlp", "depth": 2, "width": 20}, "optimizer": {"name": "adam", "lr": 10}, "epochs": 12}
"""Rises above 10,000 nats and comes back to less than 5."""
SEQUENCES = {
    "calm": ([2.3, 1.0, 0.5], 0, []),
    "high but under the bound": ([2.3, HIGH, 2.0], 0, []),
    "one, told at its highest batch": ([2.3, 30.0, 11_000.0, 400.0, 1.0, 0.5], 1, [(2, 11_000.0)]),
    "a wave inside a spike is no second one": ([30.0, 6.0, 40.0, 1.0], 1, [(2, 40.0)]),
    "two": ([30.0, CALM - 1, 50.0, 1.0], 2, [(0, 30.0), (2, 50.0)]),
    "one that is not over": ([1.0, 30.0, 60.0], 1, [(2, 60.0)]),
    "what is not finite is no height": ([1.0, 30.0, math.inf, math.nan], 1, [(1, 30.0)]),
}


def counted(losses: list[float], cuts: tuple[int, ...] = ()) -> Spikes | None:
    rows = SpikeRows.begin(1, CPU)
    for first, last in zip((0, *cuts), (*cuts, len(losses)), strict=True):
        rows.note(0, losses[first:last], first)
    return rows.told(0)


def spikes_told(count: int, found: list[tuple[int, float]]) -> Spikes:
    return Spikes(count=count, highest=[Spike(step=step, loss=loss) for step, loss in found])


@pytest.mark.parametrize("name", SEQUENCES)
def test_spikes_are_counted_with_step_and_height_wherever_the_steps_are_cut(name):
    losses, count, found = SEQUENCES[name]
    for cut in range(len(losses) + 1):
        assert counted(losses, (cut,)) == spikes_told(count, found)


def test_all_spikes_are_counted_and_the_highest_are_kept_in_order():
    losses = [loss for number in range(3 * KEPT) for loss in (100.0 + number, 1.0)]
    told = counted(losses)
    assert told.count == 3 * KEPT
    assert told.highest == [Spike(step=2 * number, loss=100.0 + number) for number in range(2 * KEPT, 3 * KEPT)]


def test_members_are_counted_apart():
    rows = SpikeRows.begin(3, CPU)
    rows.note_all(torch.tensor([[1.0, 30.0, 1.0], [1.0, 1.0, 90.0]]), 4)
    assert [rows.told(row) for row in range(3)] == [spikes_told(0, []), spikes_told(1, [(4, 30.0)]), spikes_told(1, [(5, 90.0)])]


def test_a_spike_above_ten_thousand_nats_is_no_end_and_is_told():
    events, _ = train(small_spec(**SPIKING))
    assert not [event for event in events if event.event == "diverged"]
    pair = result_of(events).pairs[0]
    assert max(spike.loss for spike in pair.spikes[0].highest) > 10_000
    assert pair.curves.train.loss[0] < CALM
    assert pair.barriers.test.error is not None


def test_twin_b_has_the_spikes_of_the_training_that_it_shares():
    together = result_of(train(small_spec(**SPIKING, spawn={"at": 12}))[0]).pairs[0].spikes
    assert together[0] == together[1]
    assert together[0].count > 0


def test_every_order_of_execution_counts_the_same_spikes(monkeypatch):
    spec = small_spec(**SPIKING, repeats=2)
    orders = {
        "one by one": OneByOne,
        "together": lambda task, cohort, cores: Together(task, cohort, cores.device),
        "in shares": InShares,
    }
    found = {}
    for name, order in orders.items():
        monkeypatch.setattr("lmc_core.training.crew.execution_of", order)
        found[name] = [
            [(spikes.count, [spike.step for spike in spikes.highest]) for spikes in pair.spikes] for pair in result_of(train(spec)[0]).pairs
        ]
    assert found["together"] == found["in shares"]
    assert [of_pair[0][1][:1] for of_pair in found["one by one"]] == [of_pair[0][1][:1] for of_pair in found["together"]]


def test_a_stopped_training_counts_each_spike_once(tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    spec = small_spec(**SPIKING)
    expected = result_of(train(spec)[0]).pairs[0].spikes
    stops = iter(range(100))
    for _ in range(20):
        with contextlib.suppress(Stopped):
            train(spec, checkpoint=tmp_path, should_stop=lambda: next(stops) % 4 == 3)
    assert result_of(train(spec, checkpoint=tmp_path)[0]).pairs[0].spikes == expected


def state_of_earlier_program(folder, diverged_at: int) -> None:
    """Rewrites a checkpoint as it was before spikes were counted, with twin A's step of divergence."""
    kept = Checkpoint(Standing, folder, 0)
    standing, tensors = kept.read()
    old = {name: tensor for name, tensor in tensors.items() if not name.startswith("spikes.")}
    old["diverged_at"][0] = diverged_at
    kept.write(standing.model_copy(update={"divergence": 1}), old)


@pytest.mark.parametrize("diverged_at", [ALIVE, 3])
def test_a_training_that_the_earlier_rule_stopped_begins_anew_and_any_other_goes_on(diverged_at, tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    spec = small_spec()
    expected, final = train(spec)
    questions = iter(range(20))
    with contextlib.suppress(Stopped):
        train(spec, checkpoint=tmp_path, should_stop=lambda: next(questions) == 6)
    state_of_earlier_program(tmp_path, diverged_at)
    events, trained = train(spec, checkpoint=tmp_path)
    assert (events[0].step > 0) == (diverged_at == ALIVE)
    assert all(torch.equal(weight, trained.weights["pair0.a"][name]) for name, weight in final.weights["pair0.a"].items())
    found, whole = result_of(events).pairs[0], result_of(expected).pairs[0]
    assert not found.diverged
    assert found.curves == whole.curves
    assert found.spikes == (None if diverged_at == ALIVE else whole.spikes)
