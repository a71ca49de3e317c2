"""The cubic ramp: its values at known places, its order, and when it masks."""

import pytest

from lmc_core.pruning.cubic import Ramp

RAMP = Ramp(total_steps=100, final_ratio=0.2, initial_ratio=1.0, initial_steps=10, final_steps=30, interval=5)


@pytest.mark.parametrize(
    ("step", "ratio"), [(0, 1.0), (10, 1.0), (11, 0.2 + 0.8 * (59 / 60) ** 3), (40, 0.2 + 0.8 / 8), (70, 0.2), (71, 0.2), (99, 0.2)]
)
def test_the_ratio_at_known_steps(step, ratio):
    assert RAMP.ratio(step) == pytest.approx(ratio)


def test_the_ratio_never_rises():
    ratios = [RAMP.ratio(step) for step in range(100)]
    assert ratios == sorted(ratios, reverse=True)


def test_weights_are_masked_every_so_many_steps_on_the_ramp_and_always_behind_it():
    assert [step for step in range(100) if RAMP.masks(step)] == [*range(15, 71, 5), *range(71, 100)]


def test_plateaus_that_fill_the_training_leave_no_ramp():
    ramp = Ramp(total_steps=10, final_ratio=0.5, initial_steps=4, final_steps=6)
    assert [ramp.ratio(step) for step in range(10)] == [1.0] * 5 + [0.5] * 5
    assert [step for step in range(10) if ramp.masks(step)] == [5, 6, 7, 8, 9]
