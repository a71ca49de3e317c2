import pytest
import torch

from lmc_core.connectivity import distance as module
from lmc_core.connectivity.distance import distance

A, B = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 4.0, 0.0])


def test_l2_is_the_norm_of_the_difference_and_cosine_one_minus_similarity():
    assert distance(A, B).l2 == pytest.approx(5)
    assert distance(A, B).cosine == pytest.approx(1)
    assert distance(A, -A).cosine == pytest.approx(2)
    assert distance(A, 7 * A).cosine == pytest.approx(0)


def test_a_network_is_at_distance_zero_from_itself():
    weights = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    assert distance(weights, weights.clone()).l2 == 0
    assert distance(weights, weights.clone()).cosine == 0


def test_distances_are_symmetric():
    assert distance(A, B + 1) == distance(B + 1, A)


def test_sums_over_blocks_are_those_over_the_whole(monkeypatch):
    x, y = torch.randn(2, 1000, generator=torch.Generator().manual_seed(0))
    whole = distance(x, y)
    monkeypatch.setattr(module, "BLOCK", 64)
    assert distance(x, y).l2 == pytest.approx(whole.l2)
    assert distance(x, y).cosine == pytest.approx(whole.cosine)
    assert whole.l2 == pytest.approx(float((x - y).double().norm()))


def test_what_is_not_finite_or_has_no_direction_has_no_distance():
    for bad in (float("nan"), float("inf")):
        found = distance(A, torch.tensor([bad, 0.0, 0.0]))
        assert found.l2 is None
        assert found.cosine is None
    assert distance(A, torch.zeros(3)).cosine is None
    assert distance(A, torch.zeros(3)).l2 == pytest.approx(3)
