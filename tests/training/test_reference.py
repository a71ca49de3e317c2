"""The engine held against a plain torch.nn and torch.optim loop, over the first 20 steps."""

import pytest
import torch

from lmc_core import packing as crews
from lmc_core.models import cores
from lmc_core.optim.optimizer import Adam
from lmc_core.training.networks import initialise
from tests.training.reference import moved_apart, plain_training
from tests.training.runs import ARCHITECTURES, DATA, OPTIMIZERS, STEPS, small_spec, train


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_both_twins_are_where_a_plain_loop_takes_them(architecture, optimizer):
    spec = small_spec(architecture, optimizer)
    assert spec.total_steps == STEPS
    _, trained = train(spec)
    start = initialise(spec, 0)
    for twin in (0, 1):
        expected = plain_training(spec, DATA, twin).state_dict()
        assert moved_apart(trained.weights[f"pair0.{'ab'[twin]}"], expected, start) < 1e-5


@pytest.mark.parametrize("optimizer", ["nesterov with decay", "clipped adamw"])
@pytest.mark.parametrize("architecture", ["logistic regression", "deep linear net", "deep leaky mlp"])
def test_so_are_those_of_dense_networks_that_are_too_large_to_be_stacked(architecture, optimizer, monkeypatch):
    monkeypatch.setattr(crews, "STACKED_PRODUCTS", 0)
    spec = small_spec(architecture, optimizer)
    events, trained = train(spec)
    assert "one by one" in events[0].engine
    expected = plain_training(spec, DATA, 1).state_dict()
    assert moved_apart(trained.weights["pair0.b"], expected, initialise(spec, 0)) < 1e-5


SETTINGS = {
    "cosine with warm-up": {"schedule": {"name": "cosine", "warmup_epochs": 1.5}},
    "constant with warm-up": {"schedule": {"warmup_epochs": 2}},
    "augmentation": {"augmentation": "shift_flip"},
    "crops": {"augmentation": "crop_flip_jitter"},
    "full batch": {"batch_size": 90, "epochs": 20},
    "batches that divide the data": {"batch_size": 18},
    "one image a step": {"batch_size": 1, "epochs": 1, "optimizer": "sgd"},
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("architecture", ["mlp", "cnn"])
def test_schedules_augmentation_and_batch_sizes_are_those_of_a_plain_loop(architecture, setting):
    spec = small_spec(architecture, **SETTINGS[setting])
    _, trained = train(spec)
    expected = plain_training(spec, DATA, 1).state_dict()
    assert moved_apart(trained.weights["pair0.b"], expected, initialise(spec, 0)) < 1e-5


def test_every_pair_has_an_initialisation_and_noise_of_its_own():
    spec = small_spec(repeats=3)
    _, trained = train(spec)
    for pair in range(3):
        expected = plain_training(spec, DATA, 0, pair).state_dict()
        assert moved_apart(trained.weights[f"pair{pair}.a"], expected, initialise(spec, pair)) < 1e-5
        assert all(torch.equal(trained.weights[f"pair{pair}.init"][name], weight) for name, weight in initialise(spec, pair).items())


def test_bfloat16_is_near_the_plain_loop_and_not_at_it():
    spec = small_spec(precision="bfloat16")
    _, trained = train(spec)
    apart = moved_apart(trained.weights["pair0.a"], plain_training(spec, DATA).state_dict(), initialise(spec, 0))
    assert 1e-4 < apart < 0.1


def test_means_of_dead_units_that_fade_to_nothing_leave_every_weight_as_it_is(monkeypatch):
    spec = small_spec({"name": "mlp", "depth": 2, "width": 20}, {"name": "adam", "lr": 0.3}, epochs=400)
    faded, update = [], Adam.update

    def watching(self, parameters, gradients, state, rates):
        update(self, parameters, gradients, state, rates)
        faded.append(int(((state["mean"] != 0) & (state["mean"].abs() < torch.finfo(torch.float32).tiny)).sum()))

    monkeypatch.setattr(Adam, "update", watching)
    _, flushed = train(spec)
    assert max(faded) == 0
    monkeypatch.setattr(cores, "_begin", lambda: (torch.set_num_threads(1), torch.set_grad_enabled(False)))
    _, kept = train(spec)
    assert max(faded) > 0
    for name, weights in kept.weights.items():
        for key, weight in weights.items():
            assert torch.equal(weight, flushed.weights[name][key])
