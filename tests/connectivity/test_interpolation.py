import pytest
import torch

from lmc_core.connectivity.interpolation import equidistant, interpolate, mix


def test_alphas_are_equidistant_with_both_ends():
    assert equidistant(3) == [0.0, 0.5, 1.0]
    assert equidistant(11) == pytest.approx([position / 10 for position in range(11)])
    assert equidistant(11)[-1] == 1


def test_weights_are_convex_combinations_layer_by_layer():
    a, b = {"x": torch.zeros(3), "y": torch.ones(2, 2)}, {"x": torch.ones(3), "y": torch.full((2, 2), 5.0)}
    between = interpolate(a, b, 0.25)
    torch.testing.assert_close(between["x"], torch.full((3,), 0.25))
    torch.testing.assert_close(between["y"], torch.full((2, 2), 2.0))


def test_the_ends_are_the_networks_themselves_even_beside_infinities():
    a, b = torch.tensor([1.0, float("inf")]), torch.tensor([float("-inf"), 2.0])
    assert torch.equal(mix(a, b, 0), a)
    assert torch.equal(mix(a, b, 1), b)


@pytest.mark.parametrize("alpha", equidistant(11))
def test_where_both_agree_so_does_every_network_between(alpha):
    weights = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    assert torch.equal(mix(weights, weights.clone(), alpha), weights)


@pytest.mark.parametrize("alpha", equidistant(11))
def test_the_line_from_b_to_a_is_the_line_from_a_to_b_backwards(alpha):
    a, b = torch.randn(2, 1000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(mix(a, b, alpha), mix(b, a, 1 - alpha))
