"""The kinds of networks of a pruning run as charts show them: a name, a colour, a dash and a symbol each."""

from dataclasses import dataclass
from typing import Final

from lmc_core.figures.chart import Key
from lmc_core.plan import LevelKind


@dataclass(frozen=True)
class Look:
    """How a kind of networks is drawn and called."""

    label: str
    colour: str
    dash: str
    symbol: str


LOOKS: Final[dict[LevelKind, Look]] = {
    "dense": Look("Dense", "$ink", "longdash", "star"),
    "pruned": Look("As pruned", "$muted", "dashdot", "x"),
    "ticket": Look("Ticket", "$a", "solid", "circle"),
    "random": Look("Random mask", "$run3", "dot", "square"),
    "redrawn": Look("Redrawn start", "$run4", "dash", "triangle-up"),
}
"""No colour of a kind is the green or the orange by which a point says whether twins are connected."""

MEANINGS: Final[dict[LevelKind, str]] = {
    "dense": "nothing pruned",
    "pruned": "as pruning left it, without retraining",
    "ticket": "the mask on the weights of the rewinding point, then trained",
    "random": "a random mask with the same density in each layer, trained in the same way",
    "redrawn": "the ticket's mask on another initialisation",
}


def key_of(kind: LevelKind) -> Key:
    """The entry of a kind in a legend."""
    look = LOOKS[kind]
    return Key(kind, look.label, look.colour, look.dash, look.symbol)
