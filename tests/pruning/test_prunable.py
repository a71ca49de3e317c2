"""What may be pruned is chosen by module type, and is what the closed form says without torch."""

from typing import get_args

import pytest
import torch
from torch import nn

from lmc_core.data.spec import DatasetName
from lmc_core.experiment import PruneSpec
from lmc_core.pruning.prunable import prunable_names, prunable_of
from lmc_core.pruning.sizes import prunable_sizes
from lmc_core.pruning.spec import Magnitude
from lmc_core.training.networks import build, stacked

NETS = {
    "linear": ({"name": "linear", "depth": 2, "width": 40}, ["layers.0.weight"], ["layers.1.weight"]),
    "mlp": ({"name": "mlp", "depth": 3, "width": 40}, ["layers.0.weight", "layers.1.weight"], ["layers.2.weight"]),
    "cnn": ({"name": "cnn", "filters": 20, "kernel": 4}, ["hidden.weight"], ["classifier.weight"]),
    "lc_cnn": ({"name": "lc_cnn", "filters": 20, "kernel": 4}, ["hidden.weight"], ["classifier.weight"]),
    "attention": (
        {"name": "attention", "patch": 4, "heads": 2, "head_dim": 20},
        ["embedding.weight", "query.weight", "key.weight", "value.weight", "output.weight"],
        ["classifier.weight"],
    ),
    "vit": (
        {"name": "vit", "side": 8, "patch": 4, "width": 12, "layers": 1, "heads": 2, "mlp": 20},
        [
            "vit.embeddings.patch_embeddings.projection.weight",
            *(f"vit.layers.0.attention.{name}_proj.weight" for name in "qkvo"),
            "vit.layers.0.mlp.fc1.weight",
            "vit.layers.0.mlp.fc2.weight",
        ],
        ["classifier.weight"],
    ),
}
TOKENS = {"class_token", "positions", "vit.embeddings.cls_token", "vit.embeddings.position_embeddings"}
OPTIONS = [{}, {"biases": True}, {"norms": True}, {"classifier": True}, {"biases": True, "norms": True, "classifier": True}]


def sizes_of(spec: PruneSpec) -> dict[str, int]:
    return prunable_sizes(spec.architecture, spec.data, spec.pruning)


def spec_of(net: str, dataset: str = "digits", **options) -> PruneSpec:
    return PruneSpec.model_validate({"dataset": dataset, "architecture": NETS[net][0], "pruning": {"name": "magnitude", **options}})


@pytest.mark.parametrize("net", NETS)
def test_matrices_and_kernels_are_pruned_and_the_classifier_only_if_asked(net):
    _, weights, classifier = NETS[net]
    assert list(sizes_of(spec_of(net))) == weights
    assert list(sizes_of(spec_of(net, classifier=True))) == weights + classifier


@pytest.mark.parametrize("net", ["attention", "vit"])
def test_tokens_and_positions_are_never_pruned(net):
    everything = list(sizes_of(spec_of(net, biases=True, norms=True, classifier=True)))
    assert sorted(everything) == sorted(set(build(spec_of(net)).state_dict()) - TOKENS)


def test_norms_are_pruned_only_if_asked():
    assert not [name for name in sizes_of(spec_of("attention", biases=True, classifier=True)) if "norm" in name]
    assert [name for name in sizes_of(spec_of("attention", norms=True)) if "norm" in name] == [
        "norm1.weight",
        "norm2.weight",
        "final_norm.weight",
    ]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dataset", get_args(DatasetName))
@pytest.mark.parametrize("net", NETS)
def test_the_closed_form_is_what_the_modules_say(net, dataset, options):
    spec = spec_of(net, dataset, **options)
    prunable = prunable_of(spec.architecture, spec.data, spec.pruning, stacked(spec).layout)
    assert dict(zip(prunable.names, prunable.sizes, strict=True)) == sizes_of(spec)


def test_names_do_not_matter():
    class Oddly(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.Linear(4, 4)
            self.bias = nn.Conv2d(1, 1, 2)
            self.weight = nn.LayerNorm(4)
            self.classifier = nn.Linear(4, 4)
            self.last = nn.Linear(4, 2)

    assert prunable_names(Oddly(), Magnitude()) == ("norm.weight", "bias.weight", "classifier.weight")


def test_a_row_gives_and_takes_exactly_the_prunable_weights():
    spec = spec_of("mlp", biases=True)
    layout = stacked(spec).layout
    prunable = prunable_of(spec.architecture, spec.data, spec.pruning, layout)
    values = torch.arange(prunable.weights).float()
    row = prunable.row(values)
    assert torch.equal(prunable.gather(row), values)
    views = layout.views(row.unsqueeze(0))
    assert torch.equal(views["layers.0.weight"].flatten(), values[: 64 * 40])
    assert views["layers.2.weight"].eq(1).all()
