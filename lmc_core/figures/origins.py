"""What is compared in one chart: runs that differ in where their networks begin, each with its look."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lmc_core.figures.chart import Key

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class OriginLook:
    """How the networks of an origin are drawn and called."""

    label: str
    colour: str
    dash: str
    symbol: str


ORIGIN_LOOKS: Final = {
    "pretrained": OriginLook("Pretrained", "$run5", "solid", "circle"),
    "random": OriginLook("Random initialisation", "$run3", "dash", "square"),
}
"""No colour of an origin is the green or the orange by which a point says whether twins are connected."""


@dataclass(frozen=True)
class OriginTwins:
    """A run of twins in a comparison: its origin, and its tables as far as they have come."""

    origin: str
    curves: "pd.DataFrame"
    measurements: "pd.DataFrame"
    history: "pd.DataFrame"
    judged: bool = True
    """Whether the line says if the twins are connected; without it there is no zone of connected twins."""

    @property
    def look(self) -> OriginLook:
        """How it is drawn."""
        return ORIGIN_LOOKS[self.origin]


def origin_keys(origins: list[str]) -> list[Key]:
    """The entries of origins in a legend."""
    looks = {origin: ORIGIN_LOOKS[origin] for origin in origins}
    return [Key(origin, look.label, look.colour, look.dash, look.symbol) for origin, look in looks.items()]
