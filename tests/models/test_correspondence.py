"""The paper's appendix D: a CNN is an LC-CNN with tied weights, and both are a masked linear layer."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import TwinsSpec
from lmc_core.training.networks import build, initialise

SHAPES = [("cifar10", 4), ("cifar10", 5), ("mnist", 7), ("digits", 4), ("digits", 3)]
"""With kernels that do not cover the image, too."""
FILTERS = 6


def spec_of(dataset: str, name: str, kernel: int) -> TwinsSpec:
    return TwinsSpec.model_validate(
        {"dataset": dataset, "architecture": {"name": name, "kernel": kernel, "filters": FILTERS, "slope": 0.1}}
    )


def images_of(dataset: str) -> Tensor:
    facts = CATALOG[dataset]
    return torch.randn(9, facts.channels, facts.side, facts.side, generator=torch.Generator().manual_seed(0))


def toeplitz(weight: Tensor, channels: int, side: int) -> Tensor:
    """The matrix [filters · positions, C · H · W] of a layer with a kernel at each position [P, F, C, k, k], entry by entry."""
    positions, filters, _, kernel, _ = weight.shape
    across = side // kernel
    matrix = torch.zeros(filters, positions, channels, side, side)
    for position in range(positions):
        top, left = position // across * kernel, position % across * kernel
        matrix[:, position, :, top : top + kernel, left : left + kernel] = weight[position]
    return matrix.reshape(filters * positions, -1)


@pytest.mark.parametrize(("dataset", "kernel"), SHAPES)
def test_a_cnn_is_a_locally_connected_net_with_the_same_kernel_everywhere(dataset, kernel):
    cnn, local = (build(spec_of(dataset, name, kernel)) for name in ("cnn", "lc_cnn"))
    weights = initialise(spec_of(dataset, "cnn", kernel), 0)
    cnn.load_state_dict(weights)
    positions = (CATALOG[dataset].side // kernel) ** 2
    tied = {
        "hidden.weight": weights["hidden.weight"].expand(positions, -1, -1, -1, -1),
        "hidden.bias": weights["hidden.bias"].expand(positions, -1),
    }
    local.load_state_dict(weights | tied)
    torch.testing.assert_close(local(images_of(dataset)), cnn(images_of(dataset)))


@pytest.mark.parametrize(("dataset", "kernel"), SHAPES)
@pytest.mark.parametrize("name", ["cnn", "lc_cnn"])
def test_both_are_an_mlp_whose_first_matrix_is_masked(name, dataset, kernel):
    facts, spec = CATALOG[dataset], spec_of(dataset, name, kernel)
    net, weights = build(spec), initialise(spec, 0)
    net.load_state_dict(weights)
    positions = (facts.side // kernel) ** 2
    kernels, bias = weights["hidden.weight"], weights["hidden.bias"]
    if name == "cnn":
        kernels, bias = kernels.expand(positions, -1, -1, -1, -1), bias.expand(positions, -1)
    matrix = toeplitz(kernels, facts.channels, facts.side)
    assert matrix.count_nonzero() == positions * FILTERS * facts.channels * kernel**2
    hidden = F.leaky_relu(F.linear(images_of(dataset).flatten(1), matrix, bias.T.flatten()), 0.1)
    logits = F.linear(hidden, weights["classifier.weight"], weights["classifier.bias"])
    torch.testing.assert_close(net(images_of(dataset)), logits)

    mlp = {"name": "mlp", "depth": 2, "width": FILTERS * positions, "slope": 0.1}
    embedding = build(TwinsSpec.model_validate({"dataset": dataset, "architecture": mlp}))
    both = zip(embedding.state_dict(), (matrix, bias.T.flatten(), weights["classifier.weight"], weights["classifier.bias"]), strict=True)
    embedding.load_state_dict(dict(both))
    torch.testing.assert_close(net(images_of(dataset)), embedding(images_of(dataset)))
