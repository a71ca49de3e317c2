"""What holds of sparse networks at each step, in every order of execution, for every optimiser."""

import itertools

import pytest
import torch

from lmc_core.models.cores import Cores
from lmc_core.pruning.mask import keep_largest
from lmc_core.pruning.prunable import prunable_of
from lmc_core.pruning.sizes import kept
from lmc_core.training.networks import stacked
from tests.pruning.transcription import Transcription
from tests.training.pruning_runs import ORDERS, every_step, small_prune_spec, watched_phase
from tests.training.runs import OPTIMIZERS

CPU = torch.device("cpu")
LONG = {"epochs": 60}
"""300 steps of 60 epochs."""


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_masked_weight_is_0_after_each_step_and_every_other_learns(order, optimizer):
    spec = small_prune_spec("random", optimizer=optimizer, pruning={"biases": True, "classifier": True})
    broken = []

    def note(step, row, before, gradients, after):
        mask = training.cohort.state["mask"][row : row + len(after)]
        broken.extend((step, row) for weights in (before, after, gradients) if not (weights[mask == 0] == 0).all())

    with Cores(CPU, 2) as cores:
        training = watched_phase(spec, order, note, cores)
        start = training.cohort.parameters.clone()
        every_step(training, spec)
    assert broken == []
    mask, weights = training.cohort.state["mask"], training.cohort.parameters
    prunable = prunable_of(spec.architecture, spec.data, spec.pruning, stacked(spec).layout)
    for row, member in enumerate(training.cohort.members):
        assert int(prunable.nonzero(weights[row])) == int(prunable.gather(mask[row]).sum()) == mask_count(prunable, member.density)
        moved = prunable.gather(weights[row]) != prunable.gather(start[row])
        assert moved.sum() > 0.9 * prunable.gather(mask[row]).sum()


def mask_count(prunable, density: float) -> int:
    return sum(kept(size, density) for size in prunable.sizes)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("scope", ["global", "layer"])
def test_a_gradual_mask_has_at_each_step_exactly_what_its_ramp_leaves_and_never_gives_back(order, scope):
    pruning = {"name": "magnitude", "schedule": "gradual", "scope": scope, "interval": 3, "initial_epochs": 1, "final_epochs": 1}
    spec = small_prune_spec(pruning, "deep leaky mlp", "adamw", pruning={"densities": [0.5, 0.1]})
    prunable, seen = prunable_of(spec.architecture, spec.data, spec.pruning, stacked(spec).layout), {}

    def note(step, row, before, gradients, after):
        for place, weights in enumerate(after):
            seen[step, row + place] = prunable.gather(weights).clone()

    with Cores(CPU, 2) as cores:
        training = watched_phase(spec, order, note, cores)
        every_step(training, spec)
    rule, members = training.rule, training.cohort.members
    for row, member in enumerate(members):
        share = 1.0
        for step in range(spec.total_steps):
            weights = seen[step, row]
            if rule.masks(member, step):
                share = rule.scheduled(member, step)
            count = kept(prunable.weights, share) if scope == "global" else mask_count(prunable, share)
            assert int((weights != 0).sum()) == count
            if step:
                assert not ((weights != 0) & (seen[step - 1, row] == 0)).any()
        assert share == member.density


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("interval", "beta2"), list(itertools.product((1, 3, 10), (0.65, 0.85, 0.95))))
def test_platon_in_a_cohort_is_its_plain_transcription_to_the_bit(order, interval, beta2):
    pruning = {"name": "platon", "interval": interval, "beta2": beta2, "initial_epochs": 4, "final_epochs": 5, "densities": [0.5, 0.1]}
    spec = small_prune_spec(pruning, "deep leaky mlp", "clipped sgd", **LONG)
    prunable, plain, wrong = prunable_of(spec.architecture, spec.data, spec.pruning, stacked(spec).layout), {}, []

    def note(step, row, before, gradients, after):
        for place, member in enumerate(training.cohort.members[row : row + len(after)]):
            if member.density == 1:
                wrong.extend([step] if not torch.equal(before[place], after[place]) else [])
                continue
            weights, steepness, found = (prunable.gather(rows[place]).clone() for rows in (before, gradients, after))
            if row + place not in plain:
                options = {"initial_steps": 20, "final_steps": 25, "beta2": beta2, "mask_interval": interval}
                plain[row + place] = Transcription({"all": weights}, 300, member.density, **options)
            expected = plain[row + place].step(step, {"all": weights}, {"all": steepness})["all"]
            wrong.extend([step] if not torch.equal(expected.view(torch.int32), found.view(torch.int32)) else [])

    with Cores(CPU, 2) as cores:
        training = watched_phase(spec, order, note, cores)
        every_step(training, spec)
    assert len(plain) == 2
    assert wrong == []


def counts(spec, order: str) -> list[int]:
    """Prunable weights of the sparsest network that are not 0 after each step."""
    prunable, found = prunable_of(spec.architecture, spec.data, spec.pruning, stacked(spec).layout), {}

    def note(step, row, before, gradients, after):
        last = len(training.cohort.members) - 1
        if row <= last < row + len(after):
            found[step] = int(prunable.nonzero(after[last - row]))

    with Cores(CPU, 2) as cores:
        training = watched_phase(spec, order, note, cores)
        every_step(training, spec)
    return [found[step] for step in range(spec.total_steps)]


@pytest.mark.parametrize("order", ORDERS)
def test_soft_platons_zeros_are_back_a_step_later_and_hard_ones_never(order):
    pruning = {"name": "platon", "interval": 10, "final_epochs": 4}
    soft = counts(small_prune_spec(pruning | {"masking": "soft"}, epochs=20), order)
    hard = counts(small_prune_spec(pruning | {"masking": "hard"}, epochs=20), order)
    total = 64 * 20
    assert soft[60] == hard[60] < 0.5 * total
    assert soft[61] == total
    assert all(later <= earlier for earlier, later in itertools.pairwise(hard))
    below = total - (int(total * (1 - 0.2)) - 1)
    assert soft[-1] == hard[-1] == below


def test_a_clipped_gradient_is_that_of_the_weights_that_are_kept():
    spec = small_prune_spec("random", optimizer={"name": "sgd", "lr": 0.05, "clip_norm": 1e-3}, pruning={"twins": False})
    norms = []

    def note(step, row, before, gradients, after):
        norms.extend(gradients.norm(dim=1).tolist())

    with Cores(CPU, 1) as cores:
        every_step(watched_phase(spec, "one by one", note, cores), spec)
    assert norms == pytest.approx([1e-3] * len(norms), rel=1e-2)


def test_keeping_the_largest_is_what_magnitude_does():
    spec = small_prune_spec("gradual magnitude", pruning={"densities": [0.3]})
    prunable, last = prunable_of(spec.architecture, spec.data, spec.pruning, stacked(spec).layout), {}

    def note(step, row, before, gradients, after):
        if row == len(training.cohort.members) - 1 and training.rule.masks(training.cohort.members[-1], step):
            last[step] = prunable.gather(before[0]).clone(), prunable.gather(after[0]).clone()

    with Cores(CPU, 1) as cores:
        training = watched_phase(spec, "one by one", note, cores)
        every_step(training, spec)
    assert len(last) > 3
    for before, after in last.values():
        assert torch.equal(after, before * keep_largest(before.abs(), int((after != 0).sum())))
