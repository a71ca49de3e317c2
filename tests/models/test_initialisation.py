import math

import pytest
import torch

from lmc_core.experiment import TwinsSpec
from lmc_core.training.networks import build, initialise

NAMES = ["linear", "mlp", "cnn", "lc_cnn", "attention", "vit"]


def spec_of(name: str, seed: int = 0, **rest) -> TwinsSpec:
    return TwinsSpec.model_validate({"dataset": "cifar10", "architecture": {"name": name}, "seeds": {"init": seed}, **rest})


def same(one, other) -> bool:
    return all(torch.equal(weight, other[name]) for name, weight in one.items())


@pytest.mark.parametrize("name", NAMES)
def test_weights_fit_the_plain_module(name):
    spec = spec_of(name)
    module, weights = build(spec), initialise(spec, 0)
    module.load_state_dict(weights, strict=True)
    assert all(parameter.dtype == torch.float32 for parameter in weights.values())


@pytest.mark.parametrize("name", NAMES)
def test_weights_depend_on_seed_and_pair_alone(name):
    spec = spec_of(name)
    first = initialise(spec, 0)
    torch.rand(3)
    assert same(first, initialise(spec_of(name, epochs=3, repeats=5), 0))
    assert not same(first, initialise(spec, 1))
    assert not same(first, initialise(spec_of(name, seed=1), 0))


@pytest.mark.parametrize(("name", "fan_in"), [("linear", {"layers.0": 3072}), ("cnn", {"hidden": 48, "classifier": 8192})])
def test_layers_are_uniform_within_the_root_of_their_inputs(name, fan_in):
    weights = initialise(spec_of(name), 0)
    for layer, inputs in fan_in.items():
        bound = 1 / math.sqrt(inputs)
        for part in ("weight", "bias"):
            assert weights[f"{layer}.{part}"].abs().max() <= bound
        assert weights[f"{layer}.weight"].std().item() == pytest.approx(bound / math.sqrt(3), rel=0.05)


def test_the_locally_connected_layer_has_the_fan_in_of_a_kernel():
    weight = initialise(spec_of("lc_cnn"), 0)["hidden.weight"]
    bound = 1 / math.sqrt(48)
    assert weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.01)


def test_norms_begin_as_the_identity_and_tokens_small():
    weights = initialise(spec_of("attention"), 0)
    for norm in ("norm1", "norm2", "final_norm"):
        assert weights[f"{norm}.weight"].eq(1).all()
        assert weights[f"{norm}.bias"].eq(0).all()
    assert weights["positions"].std().item() == pytest.approx(0.02, rel=0.02)


@pytest.mark.parametrize("name", ["linear", "mlp", "cnn", "vit"])
def test_the_distribution_is_the_plain_modules_own(name):
    torch.manual_seed(0)
    module, weights = build(spec_of(name)), initialise(spec_of(name), 0)
    for key, own in module.state_dict().items():
        if own.numel() > 1000:
            assert weights[key].std().item() == pytest.approx(own.std().item(), rel=0.05)
            assert weights[key].abs().quantile(0.95).item() == pytest.approx(own.abs().quantile(0.95).item(), rel=0.06)
        elif own.std() == 0:
            assert torch.equal(weights[key], own)
