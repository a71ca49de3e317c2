import pytest

from lmc_core.connectivity.barrier import barrier, barriers, chord_gap, normalized_barrier
from lmc_core.connectivity.results import Curve, Curves

CURVES = [
    # values, Eq. 1, gap above the chord
    ([0.1, 0.1, 0.1], 0.0, 0.0),
    ([0.1, 0.4, 0.1], 0.3, 0.3),
    ([0.0, 0.3, 0.2], 0.2, 0.2),
    ([0.3, 0.2, 0.1], 0.1, 0.0),
    ([0.0, 0.1, 0.2, 0.1, 0.0], 0.2, 0.2),
    ([0.2, 0.1, 0.2], 0.0, 0.0),
    ([0.0, 0.0, 0.0, 0.4, 0.4], 0.2, 0.1),
]


@pytest.mark.parametrize(("values", "height", "gap"), CURVES)
def test_eq_1_takes_the_highest_value_over_the_mean_of_the_ends_and_the_gap_the_chord(values, height, gap):
    assert barrier(values) == pytest.approx(height)
    assert chord_gap(values) == pytest.approx(gap)


@pytest.mark.parametrize(("values", "height", "gap"), CURVES)
def test_turning_the_line_round_changes_nothing(values, height, gap):
    assert barrier(values[::-1]) == barrier(values)
    assert chord_gap(values[::-1]) == pytest.approx(chord_gap(values))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_unknown_value_leaves_every_height_unknown(place):
    values = [0.1, 0.2, 0.3]
    values[place] = None
    assert barrier(values) is None
    assert chord_gap(values) is None


def test_eq_2_divides_by_the_mean_test_accuracy():
    assert normalized_barrier(0.1, [0.4, 0.9, 0.6]) == pytest.approx(0.2)
    assert normalized_barrier(0.0, [0.0, 0.0]) == 0
    assert normalized_barrier(0.1, [1.0, 1.0]) is None
    assert normalized_barrier(None, [0.1, 0.1]) is None
    assert normalized_barrier(0.1, [None, 0.1]) is None


def test_the_train_barrier_is_normalised_by_test_accuracy_too():
    curves = Curves(train=Curve(error=[0.0, 0.3, 0.0], loss=[1.0, 3.0, 2.0]), test=Curve(error=[0.2, 0.4, 0.2], loss=[1.0, 1.0, 1.0]))
    found = barriers(curves)
    assert found.train.error == pytest.approx(0.3)
    assert found.train.normalized == pytest.approx(0.3 / 0.8)
    assert found.train.loss == pytest.approx(1.5)
    assert found.train.loss_chord_gap == pytest.approx(1.5)
    assert found.test.normalized == pytest.approx(0.2 / 0.8)
