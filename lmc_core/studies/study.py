"""What a study is: an experiment of several runs that are read side by side, at each of the three sizes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from lmc_core.errors import LMCError
from lmc_core.sweeps.plan import Size

Made = TypeVar("Made", covariant=True)
"""What a study trains: runs, or a description that makes them."""


@dataclass(frozen=True)
class Study(Generic[Made]):
    """A named experiment: what it asks, what each size trains, and what was taken where its source is silent."""

    name: str
    title: str
    caption: str
    """What is asked, and what is known of the answer."""
    settings: Mapping[Size, str]
    """One sentence for each size on what it trains and what of the source it leaves out."""
    make: Callable[[Size], Made]
    choices: tuple[str, ...] = ()
    """What the source leaves out, and what was taken."""


def study_of(name: str, studies: Mapping[str, Study[Made]]) -> Study[Made]:
    """The study of that name.

    Raises:
        LMCError: there is none.
    """
    if study := studies.get(name):
        return study
    raise LMCError(f"There is no study {name!r}; there are {', '.join(studies)}.")
