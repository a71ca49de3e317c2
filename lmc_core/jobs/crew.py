"""Which of the runs that wait go to one worker, to be trained as one program."""

import math
from collections.abc import Sequence
from functools import lru_cache

from lmc_core.crews import crew_key
from lmc_core.experiments import AnySpec, read_spec
from lmc_core.footprint import fitting_together
from lmc_core.spec import TwinsSpec


def crew_of(specs: Sequence[str], *, accelerated: bool, workers: int, most_bytes: float = math.inf) -> list[str]:
    """The first run and those that train with it, its share where several workers are free.

    Args:
        specs: JSON of the run whose turn it is, and of those that may join it.
        accelerated: whether the worker has a GPU.
        workers: how many workers are free, this one counted.
        most_bytes: of memory that the crew may take.
    """
    key = _key(specs[0], accelerated)
    if key is None:
        return [specs[0]]
    alike = [spec for spec in specs if _key(spec, accelerated) == key]
    share = alike[: math.ceil(len(alike) / workers)]
    return share[: fitting_together([_spec(text) for text in share], most_bytes, accelerated)]


@lru_cache(maxsize=4_096)
def _key(text: str, accelerated: bool) -> str | None:
    spec = _spec(text)
    return crew_key(spec, accelerated) if isinstance(spec, TwinsSpec) else None


@lru_cache(maxsize=4_096)
def _spec(text: str) -> AnySpec:
    return read_spec(text)
