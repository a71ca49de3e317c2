"""The link of the page of sweeps: the base experiment, what varies, and what the chart shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, get_args

from lmc_core.data.spec import Split
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.cell_lines import Quantity
from lmc_core.overrides import overrides_of, short
from lmc_core.sweeps.plans import preset_of
from lmc_core.sweeps.slopes import RATES
from lmc_core.sweeps.sweep import FACTORS, Factor, Sweep, parse_factor
from lmc_core.ui.link import closest_spec, readable
from lmc_core.ui.wording import in_words

SHOWS, ON = "shows", "on"
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
SPLITS: tuple[Split, ...] = ("test", "train")

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True)
class SweepLink:
    """What the link says; factors stand as they were typed, ranges too, and `complaints` say what was not understood."""

    spec: TwinsSpec
    factors: tuple[str, ...]
    quantity: Quantity = "error"
    split: Split = "test"
    complaints: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """The link as query parameters."""
        parameters = overrides_of(self.spec) | dict(zip(FACTORS, self.factors, strict=False))
        parameters |= {SHOWS: self.quantity} if self.quantity != QUANTITIES[0] else {}
        return parameters | ({ON: self.split} if self.split != SPLITS[0] else {})

    def sweep(self) -> Sweep:
        """The sweep that the link describes.

        Raises:
            LMCError: the values do not fit together; one sentence says which.
        """
        return Sweep(self.spec, tuple(map(parse_factor, self.factors)))


def read_sweep_link(parameters: Mapping[str, str]) -> SweepLink:
    """The link that query parameters make; what does not fit keeps its default and the rest holds. An empty one is the example."""
    texts, complaints = readable(parameters)
    wanted, split = texts.pop(SHOWS, QUANTITIES[0]), texts.pop(ON, SPLITS[0])
    typed = [texts.pop(name) for name in FACTORS if name in texts]
    base = closest_spec(texts, TwinsSpec)
    complaints += base.complaints
    factors = []
    for text in typed:
        try:
            parse_factor(text)
        except LMCError as fault:
            complaints.append(in_words(fault))
        else:
            factors.append(text)
    shown = _known(SHOWS, wanted, QUANTITIES, complaints), _known(ON, split, SPLITS, complaints)
    first = example()
    if not factors:
        return SweepLink(base.spec if base.taken else first.spec, first.factors, *shown, tuple(complaints))
    return SweepLink(base.spec, tuple(factors), *shown, tuple(complaints))


def example() -> SweepLink:
    """The sweep that the page opens with: the paper's figure 1 at its medium rate as a sketch, whose results ship with the program."""
    cells = [cell for cell in preset_of("figure1").plan("sketch").cells if cell.factors["optimizer.lr"] == RATES[-1]]
    paths = ("architecture.slope", "architecture.depth")
    factors = (Factor(path, tuple(dict.fromkeys(cell.factors[path] for cell in cells))).text for path in paths)
    return SweepLink(cells[0].spec, tuple(factors))


def _known(name: str, wanted: str, allowed: tuple[Name, ...], complaints: list[str]) -> Name:
    for option in allowed:
        if option == wanted:
            return option
    complaints.append(f"{name} is {short(wanted)}; allowed: {', '.join(allowed)}.")
    return allowed[0]
