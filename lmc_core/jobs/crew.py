"""Which of the runs that wait go to one worker, to be trained as one program."""

import math
from collections.abc import Sequence
from functools import lru_cache

from lmc_core.crews import crew_key, largest_crew
from lmc_core.experiments import read_spec
from lmc_core.spec import TwinsSpec


def crew_of(specs: Sequence[str], *, accelerated: bool, workers: int) -> list[str]:
    """The first run and those that train with it, its share where several workers are free.

    Args:
        specs: JSON of the run whose turn it is, and of those that may join it.
        accelerated: whether the worker has a GPU.
        workers: how many workers are free, this one counted.
    """
    key, largest = _crew(specs[0], accelerated)
    if key is None:
        return [specs[0]]
    alike = [spec for spec in specs if _crew(spec, accelerated)[0] == key]
    number = min(largest, math.ceil(len(alike) / workers))
    chosen = alike[:number]
    return chosen[: max(1, min(_crew(spec, accelerated)[1] for spec in chosen))]


@lru_cache(maxsize=4_096)
def _crew(text: str, accelerated: bool) -> tuple[str | None, int]:
    spec = read_spec(text)
    return (crew_key(spec, accelerated), largest_crew(spec, accelerated)) if isinstance(spec, TwinsSpec) else (None, 1)
