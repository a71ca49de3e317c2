import pytest

from lmc_core.jobs.outlook import ends_of


@pytest.mark.parametrize(
    ("busy", "waiting", "workers", "ends"),
    [
        ([], [], 1, []),
        ([], [5.0], 1, [5.0]),
        ([10.0], [5.0, 1.0], 1, [15.0, 16.0]),
        ([10.0], [5.0, 1.0], 2, [5.0, 6.0]),
        ([10.0, 2.0], [5.0, 1.0, 1.0], 2, [7.0, 8.0, 9.0]),
    ],
)
def test_a_waiting_run_ends_when_a_worker_has_become_free_in_turn_and_done_it(
    busy: list[float], waiting: list[float], workers: int, ends: list[float]
) -> None:
    assert ends_of(busy, waiting, workers) == ends
