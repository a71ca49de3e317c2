"""Tickets against a plain loop: one torch.nn module, its gradients and weights multiplied by the mask, torch's optimiser."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lmc_core.data.noise import epoch_order
from lmc_core.training.networks import build
from tests.training.pruning_runs import METHODS, level_of, prunable_names, prune, result_of, small_prune_spec
from tests.training.reference import as_numbers, moved_apart, optimizer_of, rate
from tests.training.runs import ARCHITECTURES, DATA, OPTIMIZERS

SIDES = {"schedule": {"name": "cosine", "warmup_epochs": 1}}


def plain(spec, weights, first: int, last: int, twin: int = 0, masks=None) -> dict[str, torch.Tensor]:
    """The weights after the steps from `first` to `last` with a fresh optimiser; masked weights get no gradient."""
    net = build(spec)
    net.load_state_dict(weights)
    parameters, masks = dict(net.named_parameters()), masks or {}
    for name, mask in masks.items():
        parameters[name].data.mul_(mask)
    optimizer = optimizer_of(spec, net)
    for step in range(first, last):
        start = step % spec.steps_per_epoch * spec.batch_size
        index = epoch_order(spec.seeds.order[twin], 0, step // spec.steps_per_epoch, spec.samples)[start : start + spec.batch_size]
        for group in optimizer.param_groups:
            group["lr"] = rate(spec, step)
        optimizer.zero_grad()
        F.cross_entropy(net(as_numbers(DATA.train_images[index], DATA)), DATA.train_labels[index]).backward()
        for name, mask in masks.items():
            parameters[name].grad.mul_(mask)
        if spec.optimizer.clip_norm:
            nn.utils.clip_grad_norm_(net.parameters(), spec.optimizer.clip_norm)
        optimizer.step()
    return {name: parameter.detach() for name, parameter in parameters.items()}


def assert_tickets_are_plain(spec) -> None:
    events, trained = prune(spec)
    init = trained.weights["pair0.init"]
    for rewind in spec.rewind_steps:
        start = plain(spec, init, 0, rewind)
        for kind in ("dense", "ticket", "random"):
            index, _ = level_of(result_of(events), kind, 0.2 if kind != "dense" else 1.0, rewind)
            masks = trained.weights.get(f"level{index}.pair0.mask", {})
            for twin in (0, 1):
                expected = plain(spec, start, rewind, spec.total_steps, twin, {name: masks[name] for name in prunable_names(spec) if masks})
                assert moved_apart(trained.weights[f"level{index}.pair0.{'ab'[twin]}"], expected, init) < 2e-4


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_tickets_of_every_architecture_are_those_of_a_plain_loop(architecture):
    options = {"rewind": [0, 7], "rewind_unit": "steps", "classifier": True, "biases": True}
    assert_tickets_are_plain(small_prune_spec("snip", architecture, "momentum", pruning=options, **SIDES))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_tickets_of_every_optimiser_are_those_of_a_plain_loop(optimizer):
    assert_tickets_are_plain(small_prune_spec("magnitude", "mlp", optimizer, pruning={"rewind": [0, 2]}, **SIDES))


def test_one_shot_magnitude_keeps_the_largest_weights_of_the_dense_network():
    spec = small_prune_spec("magnitude", "deep leaky mlp")
    events, trained = prune(spec)
    dense = trained.weights["pair0.dense"]
    for density in (0.5, 0.2):
        index, level = level_of(result_of(events), "pruned", density, None)
        pruned = trained.weights[f"level{index}.pair0.a"]
        every = torch.cat([dense[name].abs().flatten() for name in prunable_names(spec)])
        smallest = every.sort(descending=True).values[level.nonzero[0] - 1]
        for name, weight in dense.items():
            kept = weight.abs() >= smallest if name in prunable_names(spec) else torch.ones_like(weight, dtype=torch.bool)
            assert torch.equal(pruned[name], weight * kept)


@pytest.mark.parametrize("method", [name for name in METHODS if "platon" in name or "gradual" in name])
def test_a_network_pruned_in_training_lends_its_mask_to_the_tickets(method):
    events, trained = prune(small_prune_spec(method, pruning={"rewind": [0, 1]}))
    result = result_of(events)
    for density in (0.5, 0.2):
        pruned, _ = level_of(result, "pruned", density, None)
        for rewind in (0, 5):
            ticket, _ = level_of(result, "ticket", density, rewind)
            for name, mask in trained.weights[f"level{pruned}.pair0.mask"].items():
                assert torch.equal(mask, trained.weights[f"level{ticket}.pair0.mask"][name])
                weights = trained.weights[f"level{pruned}.pair0.a"][name]
                assert (weights[mask == 0] == 0).all()
