"""The link of the page of pruning: its experiment, the run that it shows, and what of it is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from lmc_core.experiment import PruneSpec
from lmc_core.overrides import overrides_of, short
from lmc_core.plan import LevelKind
from lmc_core.ui.link import closest_spec, readable
from lmc_core.ui.run_link import RUN

Over = Literal["density", "k"]
"""What the open question's chart has on its horizontal axis: the density, or the rewinding point k."""

OVER, NETWORK, DENSITY = "over", "network", "density"
OVERS: tuple[Over, ...] = get_args(Over)
KINDS: tuple[LevelKind, ...] = get_args(LevelKind)


@dataclass(frozen=True)
class Networks:
    """Networks of one kind and rewinding point."""

    kind: LevelKind
    rewind: int | None

    @property
    def text(self) -> str:
        """As a link names them, such as ticket-30."""
        return self.kind if self.rewind is None else f"{self.kind}-{self.rewind}"


@dataclass(frozen=True)
class PruneLink:
    """What a link says; what is looked at is None where the page may choose, and `complaints` say what was not understood."""

    spec: PruneSpec
    run: str | None = None
    over: Over = "density"
    networks: Networks | None = None
    density: float | None = None
    complaints: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """The link as query parameters; an experiment at its defaults leaves them short."""
        parameters = overrides_of(self.spec)
        parameters |= {RUN: self.run} if self.run else {}
        parameters |= {OVER: self.over} if self.over != OVERS[0] else {}
        parameters |= {NETWORK: self.networks.text} if self.networks else {}
        return parameters | ({DENSITY: str(self.density)} if self.density is not None else {})


def read_prune_link(parameters: Mapping[str, str]) -> PruneLink:
    """The link that query parameters make; a field that does not fit keeps its default and the rest holds."""
    texts, complaints = readable(parameters)
    run, over = texts.pop(RUN, None) or None, texts.pop(OVER, OVERS[0])
    network, density = texts.pop(NETWORK, None), texts.pop(DENSITY, None)
    complaints += [] if over in OVERS else [f"{OVER} is {short(over)}; allowed: {', '.join(OVERS)}."]
    networks, share = read_networks(network or ""), _density(density)
    complaints += [f"{NETWORK} is {short(network)}; it should be as in ticket-0."] if network and not networks else []
    complaints += [f"{DENSITY} is {short(density)}; it should be above 0 and at most 1."] if density and share is None else []
    found = closest_spec(texts, PruneSpec)
    return PruneLink(found.spec, run, "k" if over == "k" else "density", networks, share, (*complaints, *found.complaints))


def read_networks(text: str) -> Networks | None:
    """The networks that a text such as ticket-30 names; None where it names none."""
    name, _, step = text.partition("-")
    kind = next((kind for kind in KINDS if kind == name), None)
    if kind is None or (step and not (step.isdecimal() and len(step) < 10)):
        return None
    return Networks(kind, int(step) if step else None)


def _density(text: str | None) -> float | None:
    try:
        density = float(text or "")
    except ValueError:
        return None
    return density if 0 < density <= 1 else None
