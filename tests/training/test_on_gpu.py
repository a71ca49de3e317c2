"""What holds on a CPU holds on a GPU: every network and every optimiser, captured or not, pruned, stopped, refused."""

import contextlib

import pytest
import torch

from lmc_core.errors import LMCError, Stopped
from lmc_core.training import execution, memory, pace
from tests.training.pruning_runs import METHODS, prune, small_prune_spec
from tests.training.reference import WITHOUT_EFFECT
from tests.training.runs import ARCHITECTURES, OPTIMIZERS, result_of, small_spec, train
from tests.training.test_spikes import SPIKING

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")

GPU = {"device": "cuda"}


def weights_of(trained) -> dict[str, torch.Tensor]:
    """All weights of all networks, on the CPU, without those that have no effect on what a network says."""
    return {
        f"{network}/{name}": weight.cpu()
        for network, weights in trained.weights.items()
        for name, weight in weights.items()
        if not name.endswith(WITHOUT_EFFECT)
    }


def uncaptured(monkeypatch) -> None:
    kind = execution.Together
    monkeypatch.setattr(execution, "Together", lambda task, cohort, device: kind(task, cohort, device, capture=False))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_networks_go_where_they_go_on_a_cpu(architecture, optimizer):
    more = {"repeats": 2, "augmentation": "shift_flip", "schedule": {"name": "cosine", "warmup_epochs": 1}}
    on_cpu, on_gpu = (train(small_spec(architecture, optimizer, **more, **place)) for place in ({}, GPU))
    here, there = weights_of(on_cpu[1]), weights_of(on_gpu[1])
    assert here.keys() == there.keys()
    for name, weight in here.items():
        start = here[name.split(".")[0] + ".init/" + name.split("/")[1]]
        assert (there[name] - weight).norm() <= 1e-3 * (weight - start).norm() + 1e-4
    for one, other in zip(result_of(on_cpu[0]).pairs, result_of(on_gpu[0]).pairs, strict=True):
        assert one.curves.test.loss == pytest.approx(other.curves.test.loss, rel=1e-2, abs=1e-3)
    assert result_of(on_gpu[0]).environment.device == torch.cuda.get_device_name()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_captured_step_is_the_step(architecture, monkeypatch):
    spec = small_spec(architecture, "adamw", augmentation="shift_flip", **GPU)
    captured = weights_of(train(spec)[1])
    uncaptured(monkeypatch)
    plain = weights_of(train(spec)[1])
    for name, weight in plain.items():
        torch.testing.assert_close(captured[name], weight, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_gpu_gives_the_same_bits_twice(precision):
    spec = small_spec("mlp", precision=precision, repeats=2, **GPU)
    one, other = (weights_of(train(spec)[1]) for _ in range(2))
    assert all(torch.equal(weight, other[name]) for name, weight in one.items())


@pytest.mark.parametrize("method", METHODS)
def test_pruning_keeps_what_it_keeps_on_a_cpu(method):
    on_cpu, on_gpu = (prune(small_prune_spec(method, **place)) for place in ({}, GPU))
    counts, found = ([level.nonzero for level in result_of(events).levels] for events, _ in (on_cpu, on_gpu))
    assert counts == found
    masks = {name for name in on_gpu[1].weights if name.endswith("mask")}
    assert masks
    for name in masks:
        network = on_gpu[1].weights[name.replace("mask", "a")]
        for tensor, mask in on_gpu[1].weights[name].items():
            assert bool((network[tensor][mask == 0] == 0).all())


def test_spikes_are_counted_and_a_member_that_diverges_is_frozen():
    pair = result_of(train(small_spec(**SPIKING, **GPU))[0]).pairs[0]
    assert max(spike.loss for spike in pair.spikes[0].highest) > 10_000
    exploding = {"architecture": {"name": "linear", "depth": 3, "width": 12}, "optimizer": {"name": "sgd", "lr": 50}}
    events, trained = train(small_spec(**exploding, **GPU))
    assert [event.twin for event in events if event.event == "diverged"] == ["a", "b"]
    assert result_of(events).pairs[0].diverged
    assert all(weight.isfinite().all() for weight in trained.weights["pair0.init"].values())


def test_a_stopped_training_goes_on_with_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    spec = small_spec("cnn", "clipped adamw", spawn={"at": 7, "unit": "steps"}, keep=(0, 2), **GPU)
    expected = weights_of(train(spec)[1])
    questions = iter(range(1000))
    with contextlib.suppress(Stopped):
        train(spec, checkpoint=tmp_path, should_stop=lambda: next(questions) == 9)
    events, trained = train(spec, checkpoint=tmp_path)
    assert 0 < events[0].step < spec.total_steps
    assert all(torch.equal(weight, expected[name]) for name, weight in weights_of(trained).items())


@pytest.mark.parametrize(
    "extra", [{"accumulation": 4}, {"precision": "bfloat16"}, {"measurement": {"alphas": 3, "every": 1, "blocks": True}}]
)
def test_a_vision_transformer_trains_in_every_way(extra):
    result = result_of(train(small_spec("vit", "adamw", augmentation="crop_flip_jitter", **extra, **GPU))[0])
    assert None not in result.pairs[0].curves.test.loss


def test_what_does_not_fit_is_refused_and_said(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1000, 10**9))
    with pytest.raises(LMCError, match=r"needs about .* of memory and 0.0 MiB are free"):
        train(small_spec("mlp", **GPU))


def test_what_the_allocator_refuses_is_one_sentence(monkeypatch):
    monkeypatch.setattr(memory, "check", lambda *_: None)
    torch.cuda.set_per_process_memory_fraction(1e-4)
    try:
        with pytest.raises(LMCError, match="The run ran out of memory"):
            train(small_spec({"name": "mlp", "depth": 4, "width": 4096}, **GPU))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
