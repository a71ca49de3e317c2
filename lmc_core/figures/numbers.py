"""Numbers as a reader wants to meet them."""

import math

from lmc_core.runs.results import Spread, percentage

NOTHING = "–"
"""What stands where there is no number."""

DIVERGED = "∗"
"""The paper's mark for unstable training (table 1)."""


def percent(value: float | None, digits: int = 2) -> str:
    """A share as a percentage, as in 1.94%, rounded as everywhere (see `percentage`)."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return percentage(value, digits).replace("-", "−")


def percent_spread(spread: Spread) -> str:
    """Mean and standard deviation over pairs as percentages; one pair has no spread."""
    return percent(spread.mean) if spread.n < 2 or spread.std is None else f"{percent(spread.mean)} ± {percent(spread.std)}"


def points_spread(spread: Spread) -> str:
    """A difference of shares in percentage points, with its deviation over pairs, as in 1.94 ± 0.10 percentage points."""
    return f"{percent_spread(spread).replace('%', '')} percentage points"


def plain(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:.{digits}g}".replace("-", "−")


def plain_spread(spread: Spread) -> str:
    """Mean and standard deviation over pairs; one pair has no spread."""
    return plain(spread.mean) if spread.n < 2 or spread.std is None else f"{plain(spread.mean)} ± {plain(spread.std, 2)}"


def count(value: int) -> str:
    """A whole number with a comma at each thousand."""
    return f"{value:,}"


def counted(number: int, noun: str) -> str:
    """A number with its noun, as in 1 pair and 3 pairs."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """Seconds in the two largest units that say enough, as in 8 s, 2 min 10 s or 1 h 5 min."""
    if seconds < 1:
        return "under 1 s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    return f"{rest} s"


def about(seconds: float) -> str:
    """An estimated time, as in about 8 s or under 1 s."""
    return duration(seconds) if seconds < 1 else f"about {duration(seconds)}"


def size(count_of_bytes: float) -> str:
    """Bytes in the unit that keeps the number short, as in 21 MB or 1.4 GB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count_of_bytes >= scale:
            value = count_of_bytes / scale
            return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
    return f"{count_of_bytes:.0f} B"
