import pytest

from lmc_core.experiment import TwinsSpec
from lmc_core.training.networks import build, stacked

PAPER = [
    ({"name": "cnn", "filters": 128, "kernel": 4}, 88_202),
    ({"name": "lc_cnn", "filters": 128, "kernel": 4}, 483_338),
    ({"name": "mlp", "depth": 2, "width": 8192}, 25_255_946),
    ({"name": "attention", "patch": 4, "heads": 8, "head_dim": 48}, 641_674),
]


@pytest.mark.parametrize(("architecture", "count"), PAPER, ids=lambda value: value["name"] if isinstance(value, dict) else "")
def test_networks_on_cifar10_have_the_parameter_counts_of_the_paper(architecture, count):
    spec = TwinsSpec.model_validate({"dataset": "cifar10", "architecture": architecture})
    assert sum(parameter.numel() for parameter in build(spec).parameters()) == count
    assert stacked(spec).layout.parameters == count


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_depth_counts_weight_layers(depth):
    for name in ("linear", "mlp"):
        spec = TwinsSpec.model_validate({"architecture": {"name": name, "depth": depth, "width": 7}})
        weights = [name for name, _ in build(spec).named_parameters() if name.endswith("weight")]
        assert len(weights) == depth


def test_no_network_has_normalisation_statistics():
    for name in ("linear", "mlp", "cnn", "lc_cnn", "attention", "vit"):
        spec = TwinsSpec.model_validate({"architecture": {"name": name}})
        module = build(spec)
        assert list(module.buffers()) == []
        assert list(module.state_dict()) == [parameter for parameter, _ in module.named_parameters()]
