import pandas as pd
import pytest

from lmc_core.figures.barrier import barrier
from lmc_core.figures.ticks import epochs_in_view, logarithmic_ticks


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.001, 5.0], {"0.001", "0.01", "0.1", "1"}),
        ([0.4, 2.0], {"0.5", "1", "1.5", "2"}),
    ],
)
def test_ticks_stand_at_round_numbers_between_the_values(values: list[float], shown: set[str]) -> None:
    assert shown <= set(logarithmic_ticks(values)["ticktext"])


@pytest.mark.parametrize("values", [[], [2.3, 2.4]])
def test_values_close_together_are_left_to_plotly(values: list[float]) -> None:
    assert logarithmic_ticks(values) == {}


@pytest.mark.parametrize(
    ("epochs", "last", "reach"),
    [(20, 1, 20), (30, 30, 30), (600, 2, 37.5), (600, 37.5, 37.5), (600, 40, 75), (600, 301, 600), (41, 3, 20.5)],
)
def test_a_chart_of_a_training_that_has_begun_reaches_to_a_part_of_it(epochs: int, last: float, reach: float) -> None:
    assert epochs_in_view(epochs, last) == reach


def test_the_charts_of_a_long_training_that_has_begun_reach_to_a_part_of_it_and_of_one_that_ends_to_its_end() -> None:
    columns = {"pair": 0, "split": "test", "error_barrier": 0.01, "loss_barrier": 0.1}
    for epochs, reach in ((600, 37.5), (2, 2)):
        chart = barrier(pd.DataFrame([columns | {"epoch": epoch} for epoch in (0, 1, 2)]), epochs)
        assert chart.layout["xaxis"]["range"][1] == pytest.approx(1.02 * reach)
