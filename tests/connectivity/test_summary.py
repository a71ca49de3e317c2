import pytest

from lmc_core.connectivity.barrier import barriers
from lmc_core.connectivity.results import Curve, Curves, Distance, Distances
from lmc_core.runs.results import PairResult
from lmc_core.runs.summary import spread, summary

NOWHERE = Distances(twins=Distance(l2=0, cosine=0), init_a=Distance(l2=0, cosine=0), init_b=Distance(l2=0, cosine=0))


def pair(number: int, middle: float | None, diverged_at: int | None = None) -> PairResult:
    curve = Curve(error=[0.1, middle, 0.1], loss=[0.5, middle, 0.5])
    curves = Curves(train=curve, test=curve)
    return PairResult(
        pair=number,
        curves=curves,
        barriers=barriers(curves),
        distances=NOWHERE,
        diverged=diverged_at is not None,
        diverged_at=(diverged_at, None),
    )


def test_spread_is_mean_and_sample_deviation():
    assert spread([1.0, 2.0, 3.0]).model_dump() == {"mean": 2.0, "std": 1.0, "n": 3}
    assert spread([4.0]).model_dump() == {"mean": 4.0, "std": 0.0, "n": 1}
    assert spread([None, 4.0]).n == 1
    assert spread([]).model_dump() == {"mean": None, "std": None, "n": 0}


def test_pairs_with_a_diverged_twin_are_counted_and_left_out():
    found = summary([pair(0, 0.2), pair(1, 0.4), pair(2, None, diverged_at=3)])
    assert found.diverged_pairs == 1
    assert found.test.error.n == 2
    assert found.test.error.mean == pytest.approx(0.2)
    assert found.test.accuracy.mean == pytest.approx(0.9)


@pytest.mark.parametrize(("middle", "connected"), [(0.1, True), (0.1199, True), (0.1201, False), (0.9, False)])
def test_twins_are_connected_below_a_mean_test_error_barrier_of_two_percent(middle, connected):
    assert summary([pair(0, middle)]).connected is connected


def test_where_every_pair_diverged_nothing_is_said_about_connectivity():
    found = summary([pair(0, None, diverged_at=0)])
    assert found.connected is None
    assert found.test.error.mean is None
