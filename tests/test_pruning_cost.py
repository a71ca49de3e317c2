"""What a pruning run is foretold to take."""

import itertools

import pytest
import torch

from lmc_core.cost import estimates as cost
from lmc_core.errors import LMCError
from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.spec import CNN, MLP, Attention
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.optim.spec import Adam
from lmc_core.packing import members_of_run
from lmc_core.pruning.spec import Iterative, Magnitude, Platon, Random, Snip
from lmc_core.training import memory
from lmc_core.training.networks import stacked
from lmc_core.training.pruning_run import train_pruning
from tests.training.pruning_runs import METHODS, small_prune_spec
from tests.training.runs import DATA

METHOD_SPECS = [Magnitude(), Magnitude(schedule="gradual"), Random(), Platon(masking="hard"), Iterative(rewind=(0, 1)), Snip()]


@pytest.mark.parametrize("architecture", [MLP(width=33), CNN(filters=7), Attention(heads=2, head_dim=4)], ids=str)
@pytest.mark.parametrize("pruning", METHOD_SPECS, ids=str)
def test_the_memory_that_is_foretold_is_more_than_what_the_networks_take(architecture, pruning):
    spec = PruneSpec(architecture=architecture, pruning=pruning, optimizer=Adam(), repeats=3)
    with Cores(torch.device("cpu")) as cores:
        taken = memory.needed_to_prune(spec, stacked(spec), optimizer_of(spec.optimizer), cores)
    assert taken < cost.memory_bytes(spec) - cost.BASE_BYTES


@pytest.mark.parametrize(
    ("small", "large"),
    list(
        itertools.pairwise(
            [
                TwinsSpec(),
                PruneSpec(pruning=Magnitude(random_control=False)),
                PruneSpec(pruning=Magnitude()),
                PruneSpec(pruning=Magnitude(schedule="gradual")),
                PruneSpec(pruning=Platon()),
                PruneSpec(pruning=Platon(interval=1)),
                PruneSpec(pruning=Platon(interval=1, rewind=(0, 5))),
                PruneSpec(pruning=Platon(interval=1, rewind=(0, 5), redrawn_control=True)),
                PruneSpec(pruning=Platon(interval=1, rewind=(0, 5), redrawn_control=True), repeats=2),
                PruneSpec(pruning=Platon(interval=1, rewind=(0, 5), redrawn_control=True), repeats=2, architecture=MLP(width=1024)),
            ]
        )
    ),
)
def test_more_work_is_estimated_to_take_longer(small, large):
    assert cost.estimate(small).seconds < cost.estimate(large).seconds
    assert cost.estimate(small).memory_bytes <= cost.estimate(large).memory_bytes


def test_the_parameters_are_those_of_one_network():
    assert cost.estimate(PruneSpec()).parameters == cost.estimate(TwinsSpec()).parameters


def test_a_method_has_timings_of_its_own_apart_from_those_of_twins():
    kinds = {cost.kind_of(spec, "train") for spec in (TwinsSpec(), PruneSpec(), PruneSpec(pruning=Platon()))}
    assert len(kinds) == 3


def test_what_earlier_runs_took_corrects_the_estimate():
    spec = PruneSpec()
    plain, slow = (cost.estimate(spec, lambda _kind, r=ratio: [(1.0, r)] * 3).seconds - cost.start_seconds(spec) for ratio in (1.0, 3.0))
    assert slow == pytest.approx(3 * plain)


def test_a_run_that_passes_a_limit_is_refused_with_what_to_lower():
    spec = PruneSpec(dataset="cifar10", architecture=MLP(depth=4, width=8192), epochs=1000, repeats=3)
    estimate = cost.estimate(spec)
    assert "lower ‹architecture.width›, ‹repeats›, ‹pruning.densities› or ‹batch_size›." in cost.refusal(spec, estimate, 1e12, 1)
    assert "lower the densities, the rewinding points, the epochs" in cost.refusal(spec, estimate, 60, 1e6)


@pytest.mark.parametrize(("method", "networks"), [("magnitude", 10), ("random", 6), ("platon", 12), ("iterative", 10), ("snip", 10)])
def test_networks_are_counted_over_all_parts_of_a_run(method, networks):
    assert members_of_run(small_prune_spec(method)) == networks


@pytest.mark.parametrize("method", METHODS)
def test_a_run_that_cannot_fit_is_refused_before_it_takes_memory(method, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    with pytest.raises(LMCError, match=r"MiB are free; lower architecture.width or batch_size or pruning.densities"):
        next(train_pruning(small_prune_spec(method), DATA))
