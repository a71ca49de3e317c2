"""What a pruning run found: how far tickets keep the dense network's accuracy, how far they stay connected, whether the two go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import counted, percent, percent_spread
from lmc_core.pruning_results import Level, LevelKind
from lmc_core.pruning_spec import PruneSpec
from lmc_core.ui.wording import rewind_words

KEEPS_WITHIN = 0.01
"""A network keeps the dense one's accuracy if its mean test accuracy is at most so far below."""
MOST_TOLD = 3
"""Of more rewinding points than this not each gets a sentence."""
RULE = (
    f"Accurate: mean test accuracy at most {percent(KEEPS_WITHIN, 0)} below the dense network's. "
    "Connected: mean test error barrier below 2%. Together: both or neither."
)
Holds = tuple[tuple[float, bool], ...]
"""Densities, densest first, each with whether something holds there; those at which it is not known are left out."""


@dataclass(frozen=True)
class Reach:
    """At which densities tickets from one rewinding point keep the dense network's accuracy, and at which they are connected.

    Attributes:
        rewind: the step that they started from.
        accurate: empty while the dense network was not measured.
        connected: empty without twins.
    """

    rewind: int
    accurate: Holds
    connected: Holds


@dataclass(frozen=True)
class Verdict:
    """The answer in a few words, and the sentences that give its reasons, a line for each rewinding point and one for all."""

    headline: str
    sentence: str


def level_of(levels: Sequence[Level], kind: LevelKind, density: float, rewind: int | None) -> Level | None:
    """The level of this kind, density and rewinding point, once it was measured."""
    return next((level for level in levels if (level.kind, level.density, level.rewind) == (kind, density, rewind)), None)


def dense_of(levels: Sequence[Level], rewind: int) -> Level | None:
    """The dense networks that parted at a rewinding point; where none did, the others."""
    dense = [level for level in levels if level.kind == "dense"]
    return next((level for level in dense if level.rewind == rewind), dense[0] if dense else None)


def keeps_accuracy(level: Level, levels: Sequence[Level]) -> bool | None:
    """Whether a level's mean test accuracy is the dense network's, but for one point; None where one of the two is not known."""
    dense = dense_of(levels, level.rewind or 0)
    if dense is None or dense.test_accuracy.mean is None or level.test_accuracy.mean is None:
        return None
    return level.test_accuracy.mean >= dense.test_accuracy.mean - KEEPS_WITHIN


def reaches(levels: Sequence[Level]) -> list[Reach]:
    """How far the tickets go, for each rewinding point from which some were measured."""
    tickets = [level for level in levels if level.kind == "ticket"]
    found = []
    for rewind in sorted({level.rewind or 0 for level in tickets}):
        ordered = sorted((level for level in tickets if level.rewind == rewind), key=lambda level: -level.density)
        accurate = [(level.density, keeps) for level in ordered if (keeps := keeps_accuracy(level, levels)) is not None]
        connected = [(level.density, level.connected) for level in ordered if level.connected is not None]
        found.append(Reach(rewind, tuple(accurate), tuple(connected)))
    return found


def sparsest(holds: Holds) -> float | None:
    """The lowest density at which it holds."""
    return min((density for density, hold in holds if hold), default=None)


def furthest(found: Sequence[Reach], quantity: Literal["accurate", "connected"]) -> Reach | None:
    """The rewinding point from which something holds at most densities, the sparser ones counting where that is the same."""
    return max(found, key=lambda reach: _extent(getattr(reach, quantity)), default=None)


def _extent(holds: Holds) -> tuple[int, float]:
    return sum(hold for _, hold in holds), -(sparsest(holds) or 1.0)


def where(holds: Holds) -> str:
    """At which densities something holds, as in: at every density; down to 20%; from 40% down; at 3 of 7 densities."""
    yes = [hold for _, hold in holds]
    if not any(yes):
        return "at no density" if holds else "nowhere so far"
    if all(yes):
        return "at every density"
    first, last = yes.index(True), len(yes) - 1 - yes[::-1].index(True)
    if all(yes[first : last + 1]):
        if first == 0:
            return f"down to {density_words(holds[last][0])}"
        if last == len(yes) - 1:
            return f"from {density_words(holds[first][0])} down"
    return f"at {sum(yes)} of {len(yes)} densities"


def together(levels: Sequence[Level]) -> tuple[int, int]:
    """At how many tickets accuracy and connectivity are both there or both not, and of how many both are known."""
    known = [
        (keeps, level.connected) for level in levels if level.kind == "ticket" and (keeps := keeps_accuracy(level, levels)) is not None
    ]
    both = [keeps == connected for keeps, connected in known if connected is not None]
    return sum(both), len(both)


def pruning_verdict(spec: PruneSpec, levels: Sequence[Level]) -> Verdict:
    """The verdict on a finished run."""
    found = reaches(levels)
    if not found:
        return Verdict("No ticket was trained", "There is nothing to compare.")
    sentences = [_reach(spec, reach, levels) for reach in _told(found)]
    counts = []
    agree, tickets = together(levels)
    if tickets:
        counts.append(f"Accuracy and connectivity go together at {agree} of {counted(tickets, 'ticket')}.")
    masks = [level for level in levels if level.kind == "random" and level.connected is not None]
    if masks:
        connected, accurate = sum(level.connected is True for level in masks), sum(bool(keeps_accuracy(level, levels)) for level in masks)
        counts.append(f"Of {counted(len(masks), 'random mask')} {connected} stay connected and {accurate} keep the accuracy.")
    unstable = sum(level.diverged_pairs > 0 for level in levels)
    if unstable:
        counts.append(f"At {counted(unstable, 'level')} training diverged (∗).")
    return Verdict(headline(spec, found), "\n".join(filter(None, (*sentences, " ".join(counts)))))


def headline(spec: PruneSpec, found: Sequence[Reach]) -> str:
    """How far tickets go, in a few words, from the rewinding point from which they go furthest."""
    quantity: Literal["accurate", "connected"] = "connected" if spec.pruning.twins else "accurate"
    best = furthest(found, quantity)
    if best is None:
        return ""
    holds: Holds = getattr(best, quantity)
    if not any(hold for _, hold in holds):
        return "No ticket is connected" if spec.pruning.twins else "No ticket keeps the accuracy"
    start = f", from {rewind_words(spec, best.rewind)}" if len(spec.rewind_steps) > 1 else ""
    return f"{quantity.capitalize()} {where(holds)}{start}"


def _told(found: Sequence[Reach]) -> list[Reach]:
    """All of a few rewinding points; of many the first and the one from which tickets go furthest."""
    best = furthest(found, "connected")
    return list(found) if len(found) <= MOST_TOLD or best is None else list(dict.fromkeys((found[0], best)))


def _reach(spec: PruneSpec, reach: Reach, levels: Sequence[Level]) -> str:
    dense = dense_of(levels, reach.rewind)
    own = f"the dense network's {percent_spread(dense.test_accuracy)}" if dense else "the dense network's accuracy"
    start = f"From {rewind_words(spec, reach.rewind)}"
    tickets = f"tickets keep {own} {where(reach.accurate)}"
    if not reach.connected:
        return f"{start} {tickets}."
    parted = level_of(levels, "dense", 1.0, reach.rewind)
    twins = ""
    if parted and parted.test:
        state = "are connected" if parted.connected else "are not connected"
        twins = f"dense twins {state} (barrier {percent_spread(parted.test.error)}); "
    return f"{start} {twins}{tickets} and are connected {where(reach.connected)}."
