import pytest

from lmc_core.optim.schedule import learning_rate


def rates(shape: str, warmup: int, total: int) -> list[float]:
    return [learning_rate(shape, 0.1, step, warmup, total) for step in range(total)]


@pytest.mark.parametrize("shape", ["constant", "cosine"])
@pytest.mark.parametrize("warmup", [0, 1, 4, 10])
def test_no_step_that_counts_has_a_rate_of_zero(shape, warmup):
    assert min(rates(shape, warmup, 10)) > 0


def test_a_warm_up_climbs_in_equal_steps_and_ends_at_the_base():
    assert rates("constant", 4, 6) == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1])


def test_a_cosine_goes_from_the_base_towards_zero_after_the_last_step():
    found = rates("cosine", 0, 4)
    assert found == pytest.approx([0.1, 0.0853553, 0.05, 0.0146447], abs=1e-6)
    assert learning_rate("cosine", 0.1, 4, 0, 4) == pytest.approx(0)


def test_the_cosine_begins_where_the_warm_up_ends():
    found = rates("cosine", 3, 9)
    assert found[2] == found[3] == pytest.approx(0.1)
    assert found[3:] == sorted(found[3:], reverse=True)
