"""PLATON as the public class has it, against the plain transcription of its steps."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lmc_core.errors import LMCError
from lmc_core.pruning.platon import Platon
from tests.pruning.transcription import Transcription

STEPS = 300


def network() -> nn.Sequential:
    source = torch.Generator().manual_seed(3)
    net = nn.Sequential(nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 5))
    for parameter in net.parameters():
        parameter.data.uniform_(-0.3, 0.3, generator=source)
    return net


def batches(count: int):
    source = torch.Generator().manual_seed(4)
    for _ in range(count):
        yield torch.randn(16, 20, generator=source), torch.randint(0, 5, (16,), generator=source)


def train_with(net: nn.Module, prune, clip_norm: float = 0.0, momentum: float = 0.9) -> None:
    """`prune` is called with the number of each step after the optimiser's step, before gradients are cleared."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=momentum)
    for step, (inputs, labels) in enumerate(batches(STEPS)):
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        if clip_norm:
            nn.utils.clip_grad_norm_(net.parameters(), clip_norm)
        optimizer.step()
        prune(step)


SCHEDULES = {
    "a ramp from end to end": {"final_ratio": 0.1},
    "a ramp between two plateaus": {"final_ratio": 0.3, "initial_ratio": 0.9, "initial_steps": 40, "final_steps": 71},
}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("interval", "beta2"), list(itertools.product((1, 3, 10), (0.65, 0.85, 0.95))))
def test_platon_is_its_plain_transcription_to_the_bit(interval, beta2, schedule):
    options = {"total_steps": STEPS, "beta2": beta2, "mask_interval": interval, **SCHEDULES[schedule]}
    ours, theirs = network(), network()
    pruned = {name: p for name, p in ours.named_parameters() if name.endswith("weight")}
    platon = Platon(pruned, **options)
    plain = {name: p for name, p in theirs.named_parameters() if name.endswith("weight")}
    transcription = Transcription({name: p.data for name, p in plain.items()}, **options)
    states: list[tuple[dict, float]] = []

    def by_class(step: int) -> None:
        ratio = platon.step(step)
        states.append(({name: p.detach().clone() for name, p in pruned.items()}, ratio))

    def by_transcription(step: int) -> None:
        masked = transcription.step(step, {name: p.data for name, p in plain.items()}, {name: p.grad for name, p in plain.items()})
        for name, p in plain.items():
            p.data.copy_(masked[name])
        found, ratio = states[step]
        assert all(torch.equal(found[name].view(torch.int32), p.data.view(torch.int32)) for name, p in plain.items()), step
        assert ratio == sum(int((p != 0).sum()) for p in plain.values()) / sum(p.numel() for p in plain.values())
        assert platon.scheduled_ratio(step) == transcription.ratio(step)[0]

    train_with(ours, by_class, clip_norm=0.5)
    train_with(theirs, by_transcription, clip_norm=0.5)
    assert min(ratio for _, ratio in states) < 0.35


def test_what_the_ramps_mask_set_to_0_is_back_after_the_next_step_of_momentum():
    net = network()
    weights = {"hidden": net[0].weight}
    platon = Platon(weights, total_steps=STEPS, final_ratio=0.1)
    kept = []
    train_with(net, lambda step: kept.append(platon.step(step)))
    masked = 200
    assert kept[masked] == pytest.approx(platon.scheduled_ratio(masked), abs=2 / 600)
    assert kept[masked] < 0.2
    assert kept[masked + 1] == 1


def test_behind_the_ramp_every_step_is_masked():
    net = network()
    platon = Platon({"hidden": net[0].weight}, total_steps=STEPS, final_ratio=0.1, final_steps=20)
    kept = []
    train_with(net, lambda step: kept.append(platon.step(step)))
    assert kept[STEPS - 21] == 1
    assert set(kept[STEPS - 19 :]) == {(60 + 1) / 600}  # what is below the 540th smallest of 600 goes: 539 weights


def test_a_ratio_of_1_prunes_nothing():
    net, free = network(), network()
    platon = Platon(dict(net.named_parameters()), total_steps=STEPS, final_ratio=1.0)
    train_with(net, platon.step)
    train_with(free, lambda step: None)
    assert all(torch.equal(one, other) for one, other in zip(net.parameters(), free.parameters(), strict=True))


GOOD = {"total_steps": 10, "final_ratio": 0.5}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"final_ratio": 0.0}, "final_ratio is 0.0; it is a share of the weights, above 0 and at most 1."),
        ({"final_ratio": 1.5}, "final_ratio is 1.5; it is a share"),
        ({"initial_ratio": -1}, "initial_ratio is -1; it is a share"),
        ({"initial_ratio": float("nan")}, "initial_ratio is nan; it is a share"),
        ({"initial_ratio": 0.4}, "final_ratio is 0.5, above initial_ratio, which is 0.4"),
        ({"final_ratio": 0.001}, "final_ratio is 0.001, which leaves none of 150 weights"),
        ({"total_steps": 0}, "total_steps is 0; the least is 1."),
        ({"initial_steps": -1}, "initial_steps is -1; the least is 0."),
        ({"mask_interval": 0}, "mask_interval is 0; the least is 1."),
        ({"initial_steps": 6, "final_steps": 5}, "initial_steps + final_steps is 11, more than the 10 of total_steps."),
        ({"beta1": 1.0}, "beta1 is 1.0; it is at least 0 and below 1."),
        ({"beta2": -0.1}, "beta2 is -0.1; it is at least 0 and below 1."),
    ],
)
def test_a_wrong_argument_is_one_clear_sentence(wrong, sentence):
    with pytest.raises(LMCError) as refused:
        Platon({"weight": network()[2].weight}, **GOOD | wrong)
    assert sentence in str(refused.value)


def test_a_frozen_network_is_refused():
    net = network().requires_grad_(False)
    with pytest.raises(LMCError, match=r"0.weight is frozen"):
        Platon(dict(net.named_parameters()), **GOOD)


def test_nothing_to_prune_is_refused():
    with pytest.raises(LMCError, match="parameters is empty"):
        Platon({}, **GOOD)


def test_a_step_without_a_gradient_is_refused_and_changes_nothing():
    one, other = network(), network()
    refusing, calm = (Platon(dict(net.named_parameters()), total_steps=STEPS, final_ratio=0.1) for net in (one, other))

    def refused_once(step: int) -> None:
        if step == 150:
            one[2].bias.grad, gradient = None, one[2].bias.grad
            with pytest.raises(LMCError, match=r"2.bias has no gradient; call step after the backward pass"):
                refusing.step(step)
            one[2].bias.grad = gradient
        refusing.step(step)

    train_with(one, refused_once)
    train_with(other, calm.step)
    assert all(torch.equal(refused, undisturbed) for refused, undisturbed in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("step", [-1, 10])
def test_a_step_out_of_training_is_refused(step):
    with pytest.raises(LMCError, match=r"training has the steps 0 to 9"):
        Platon(dict(network().named_parameters()), **GOOD).step(step)
