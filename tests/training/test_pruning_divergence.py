"""A network of a pruning run that diverges is frozen and told as such, and harms nobody."""

from dataclasses import replace

import pytest
import torch

from lmc_core.models.cores import Cores
from lmc_core.training.cohort import ALIVE
from tests.training.pruning_runs import ORDERS, every_step, prune, result_of, small_prune_spec, watched_phase

CPU = torch.device("cpu")
EXPLODING = {"architecture": {"name": "linear", "depth": 3, "width": 12}, "optimizer": {"name": "sgd", "lr": 50}}


@pytest.mark.parametrize("method", ["magnitude", "platon", "gradual magnitude", "iterative", "snip"])
def test_levels_of_diverged_networks_have_no_accuracy_and_no_barrier(method):
    events, trained = prune(small_prune_spec(method, repeats=2, **EXPLODING))
    dense = result_of(events).levels[0]
    assert dense.diverged_pairs == 2
    assert dense.train_accuracy.mean is dense.test.error.mean is dense.connected is None
    for pair in dense.pairs:
        assert pair.curves is pair.barriers is None
        assert pair.test_error == (None, None)
        assert all(step is not None for step in pair.diverged_at)
    last = [event for event in events if event.event == "networks" and event.phase == 0][-1]
    assert all(network.train_loss is None for network in last.networks if network.kind == "dense")
    assert all(weight.isfinite().all() for weights in trained.weights.values() for weight in weights.values())


def test_what_is_pruned_from_a_diverged_network_is_told_as_diverged():
    levels = result_of(prune(small_prune_spec("magnitude", **EXPLODING))[0]).levels
    dense, pruned = levels[0], [level for level in levels if level.kind == "pruned"]
    assert {level.pairs[0].diverged_at for level in pruned} == {dense.pairs[0].diverged_at[:1]}


def test_what_is_recorded_ends_where_a_network_diverges():
    events, _ = prune(small_prune_spec("platon", **EXPLODING))
    level = next(level for level in result_of(events).levels if level.kind == "pruned")
    steps = sum(len(event.loss) for event in events if event.event == "recorded" and (event.kind, event.density) == ("pruned", 0.5))
    assert level.density == 0.5
    assert steps == level.pairs[0].diverged_at[0]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("method", ["platon", "random", "gradual magnitude"])
def test_a_network_that_diverges_harms_nobody(method, order):
    spec = small_prune_spec(method, "mlp")
    found = []
    for wild in (False, True):
        with Cores(CPU, 2) as cores:
            training = watched_phase(spec, order, lambda *_: None, cores)
            if wild:
                members = list(training.cohort.members)
                members[0] = replace(members[0], lr=1e7)
                training.cohort = replace(training.cohort, members=tuple(members))
                training.take_up(training.cohort.tensors)
            every_step(training, spec)
        found.append(training.cohort)
    calm, disturbed = found
    assert calm.diverged_at.eq(ALIVE).all()
    assert disturbed.diverged_at[0] >= 0
    assert disturbed.diverged_at[1:].eq(ALIVE).all()
    assert disturbed.parameters[0].isfinite().all()
    if order == "together":  # other sums of the same numbers: see the tests of stacked orders
        torch.testing.assert_close(disturbed.parameters[1:], calm.parameters[1:])
    else:
        assert torch.equal(disturbed.parameters[1:], calm.parameters[1:])
