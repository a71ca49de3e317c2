"""SNIP's score against autograd on the plain module."""

import pytest
import torch
from torch.nn import functional as F

from lmc_core.models.stacked import Samples, Scratch, slope_of
from lmc_core.pruning.snip import connection_sensitivity
from lmc_core.training.networks import build, initialise, stacked
from tests.training.reference import as_numbers
from tests.training.runs import ARCHITECTURES, DATA, small_spec


@pytest.mark.parametrize("batch_size", [7, 40])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_score_is_weight_times_gradient_of_the_mean_loss(architecture, batch_size):
    spec = small_spec(architecture)
    net, device, index = stacked(spec), torch.device("cpu"), torch.arange(5, 45)
    weights = initialise(spec, 0)
    samples = Samples(net, DATA, "train", device)
    row = net.layout.pack(weights)
    found = connection_sensitivity(net, samples, index, row, slope_of(spec.architecture), batch_size, Scratch(device))
    plain = build(spec)
    plain.load_state_dict(weights)
    F.cross_entropy(plain(as_numbers(DATA.train_images[index], DATA)), DATA.train_labels[index]).backward()
    for name, score in net.layout.unpack(found).items():
        parameter = plain.get_parameter(name)
        torch.testing.assert_close(score, (parameter * parameter.grad).abs().detach(), rtol=1e-3, atol=1e-7)
    assert torch.equal(row, net.layout.pack(weights))
