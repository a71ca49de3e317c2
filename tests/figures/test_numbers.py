import math

import numpy as np
import pytest

from lmc_core.figures import numbers
from lmc_core.runs.results import Spread


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (numbers.percent(0.0194), "1.94%"),
        (numbers.percent(-0.001), "−0.10%"),
        (numbers.percent(0.02, 0), "2%"),
        (numbers.percent(0.10295), "10.30%"),
        (numbers.percent(np.float64(0.10295)), "10.30%"),
        (numbers.percent(0.18735 - (0.0833 + 0.0855) / 2), "10.30%"),
        (numbers.percent(-0.10295), "−10.30%"),
        (numbers.percent(-1e-6), "0.00%"),
        (numbers.percent(None), "–"),
        (numbers.percent(math.nan), "–"),
        (numbers.percent_spread(Spread(mean=0.0194, std=0.001, n=3)), "1.94% ± 0.10%"),
        (numbers.percent_spread(Spread(mean=0.0194, std=0.0, n=1)), "1.94%"),
        (numbers.percent_spread(Spread(mean=None, std=None, n=0)), "–"),
        (numbers.plain(0.012345), "0.01235"),
        (numbers.plain(-3.0), "−3"),
        (numbers.plain_spread(Spread(mean=1.5, std=0.25, n=2)), "1.5 ± 0.25"),
        (numbers.count(25_255_946), "25,255,946"),
        (numbers.counted(1, "pair"), "1 pair"),
        (numbers.counted(1_200, "pair"), "1,200 pairs"),
        (numbers.duration(0.3), "under 1 s"),
        (numbers.duration(8.4), "8 s"),
        (numbers.duration(59.7), "1 min"),
        (numbers.duration(130), "2 min 10 s"),
        (numbers.duration(1500), "25 min"),
        (numbers.duration(3900), "1 h 5 min"),
        (numbers.duration(7200), "2 h"),
        (numbers.about(8.4), "about 8 s"),
        (numbers.about(0.3), "under 1 s"),
        (numbers.size(21_300_000), "21 MB"),
        (numbers.size(1_420_000_000), "1.4 GB"),
        (numbers.size(900), "900 B"),
    ],
)
def test_a_number_reads_as_a_person_would_write_it(text: str, expected: str) -> None:
    assert text == expected
