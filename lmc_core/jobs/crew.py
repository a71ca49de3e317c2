"""Which of the runs that wait go to one worker, to be trained as one program."""

import math
from collections.abc import Sequence
from functools import lru_cache

from lmc_core.cost.footprint import fitting_together
from lmc_core.experiment import AnySpec, TwinsSpec, read_spec
from lmc_core.jobs.turns import Candidate, same_share
from lmc_core.packing import crew_key


def crew_of(candidates: Sequence[Candidate], *, accelerated: bool, workers: int, most_bytes: float = math.inf) -> list[Candidate]:
    """The first run and those that train with it, its share where several workers are free.

    Args:
        candidates: the run whose turn it is, and those that may join it, in the order of their turns.
        accelerated: whether the worker has a GPU.
        workers: how many workers are free, this one counted.
        most_bytes: of memory that the crew may take.
    """
    key = _key(candidates[0].spec, accelerated)
    if key is None:
        return [candidates[0]]
    alike = same_share([candidate for candidate in candidates if _key(candidate.spec, accelerated) == key])
    share = alike[: math.ceil(len(alike) / workers)]
    return share[: fitting_together([_spec(candidate.spec) for candidate in share], most_bytes, accelerated)]


@lru_cache(maxsize=4_096)
def _key(text: str, accelerated: bool) -> str | None:
    spec = _spec(text)
    return crew_key(spec, accelerated) if isinstance(spec, TwinsSpec) else None


@lru_cache(maxsize=4_096)
def _spec(text: str) -> AnySpec:
    return read_spec(text)
