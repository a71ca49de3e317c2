import statistics

import pandas as pd
import pytest

from lmc_core.figures.spread import MOST_POINTS, band, over_pairs
from tests.figures.tables import ALPHAS, curves


def test_mean_and_standard_deviation_over_pairs_are_those_of_the_statistics_module() -> None:
    line = over_pairs(curves([0.1] * 5, [0.3] * 5, [0.8] * 5), "alpha", "error")
    assert line.x == ALPHAS
    assert line.mean == pytest.approx([0.4] * 5)
    spread = statistics.stdev([0.1, 0.3, 0.8])
    assert line.high == pytest.approx([0.4 + spread] * 5)
    assert line.low == pytest.approx([0.4 - spread] * 5)
    assert line.n == 3


def test_a_pair_without_a_number_is_left_out_of_the_mean() -> None:
    line = over_pairs(curves([0.2] * 5, [0.2, 0.2, None, 0.2, 0.2], [0.4] * 5), "alpha", "error")
    assert line.mean == pytest.approx([4 / 15 * 1.0] * 2 + [0.3] + [4 / 15] * 2)
    assert line.n == 2


def test_where_no_pair_has_a_number_the_mean_is_missing() -> None:
    line = over_pairs(curves([0.2, None, 0.2, 0.2, 0.2]), "alpha", "error")
    assert line.mean[1] is None
    assert line.mean[0] == 0.2


def test_a_single_pair_has_no_band() -> None:
    assert band(over_pairs(curves([0.2] * 5), "alpha", "error"), "$ink", "test") == []
    assert len(band(over_pairs(curves([0.2] * 5, [0.3] * 5), "alpha", "error"), "$ink", "test")) == 2


def test_a_long_line_keeps_its_ends_and_loses_points_between() -> None:
    epochs = list(range(5000))
    frame = pd.DataFrame({"epoch": epochs * 2, "barrier": [epoch / 5000 for epoch in epochs] * 2})
    line = over_pairs(frame, "epoch", "barrier")
    assert len(line.x) == len(line.mean) == MOST_POINTS
    assert (line.x[0], line.x[-1]) == (0, 4999)
    assert line.mean == pytest.approx([epoch / 5000 for epoch in line.x], abs=1e-6)
