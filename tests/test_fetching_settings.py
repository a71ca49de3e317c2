"""The bounds on what comes from the hub are read from the environment, and one that is none is told."""

import pytest

from lmc_core.errors import LMCError
from lmc_core.settings import Settings

BOUNDS = {"LMC_HUB_MAX_MB": "3", "LMC_HUB_TOTAL_MB": "7", "LMC_HUB_SECONDS": "11"}


def test_bytes_and_seconds_of_the_hub_are_settings() -> None:
    fetching = Settings.from_environment(BOUNDS).fetching
    assert (fetching.largest, fetching.in_all, fetching.seconds) == (3_000_000, 7_000_000, 11)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("text", ["many", "-1"])
def test_a_bound_that_is_none_is_told(name: str, text: str) -> None:
    with pytest.raises(LMCError, match=name):
        Settings.from_environment({name: text})
