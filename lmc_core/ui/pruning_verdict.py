"""What a pruning run found: how far tickets keep the dense network's accuracy, how far they stay connected, whether the two go together."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    "Connected: mean test error barrier below 2%. Down to: all densities above are, too."
)


@dataclass(frozen=True)
class Reach:
    """How far tickets from one rewinding point go; None where not even the densest does.

    Attributes:
        rewind: the step that they started from.
        accurate: the sparsest density down to which all keep the dense network's accuracy.
        connected: the sparsest density down to which all are connected; None also without twins.
    """

    rewind: int
    accurate: float | None
    connected: float | None


@dataclass(frozen=True)
class Verdict:
    """The answer in a few words, and the sentences that give its reasons."""

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
        found.append(
            Reach(
                rewind,
                _down_to(ordered, [keeps_accuracy(level, levels) for level in ordered]),
                _down_to(ordered, [level.connected for level in ordered]),
            )
        )
    return found


def _down_to(ordered: Sequence[Level], holds: Sequence[bool | None]) -> float | None:
    reached = None
    for level, hold in zip(ordered, holds, strict=True):
        if not hold:
            break
        reached = level.density
    return reached


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
    agree, tickets = together(levels)
    if tickets:
        sentences.append(f"Accuracy and connectivity go together at {agree} of {counted(tickets, 'ticket')}.")
    masks = [level for level in levels if level.kind == "random" and level.connected is not None]
    if masks:
        connected, accurate = sum(level.connected is True for level in masks), sum(bool(keeps_accuracy(level, levels)) for level in masks)
        sentences.append(f"Of {counted(len(masks), 'random mask')} {connected} stay connected and {accurate} keep the accuracy.")
    unstable = sum(level.diverged_pairs > 0 for level in levels)
    if unstable:
        sentences.append(f"At {counted(unstable, 'level')} training diverged (∗).")
    return Verdict(_headline(spec, found), " ".join(sentences))


def _told(found: Sequence[Reach]) -> list[Reach]:
    """All of a few rewinding points; of many the first and the one from which tickets go furthest."""
    furthest = min(found, key=lambda reach: (reach.connected or reach.accurate or 1.0, reach.accurate or 1.0))
    return list(found) if len(found) <= MOST_TOLD else list(dict.fromkeys((found[0], furthest)))


def _headline(spec: PruneSpec, found: Sequence[Reach]) -> str:
    if not spec.pruning.twins:
        best = _best([(reach.accurate, reach.rewind) for reach in found])
        return f"Accurate {_as_far_as(spec, *best)}" if best else "No ticket keeps the accuracy"
    best = _best([(reach.connected, reach.rewind) for reach in found])
    return f"Connected {_as_far_as(spec, *best)}" if best else "No ticket is connected"


def _best(reached: Sequence[tuple[float | None, int]]) -> tuple[float, int] | None:
    known = [(density, rewind) for density, rewind in reached if density is not None]
    return min(known) if known else None


def _as_far_as(spec: PruneSpec, density: float, rewind: int) -> str:
    words = "at every density" if density == spec.pruning.densities[-1] else f"down to {density_words(density)} of the weights"
    return words + (f", from {rewind_words(spec, rewind)}" if len(spec.rewind_steps) > 1 else "")


def _reach(spec: PruneSpec, reach: Reach, levels: Sequence[Level]) -> str:
    dense = dense_of(levels, reach.rewind)
    own = f"the dense network's {percent_spread(dense.test_accuracy)}" if dense else "the dense network's accuracy"
    densest = density_words(spec.pruning.densities[0])
    accurate = f"keep {own} down to {density_words(reach.accurate)}" if reach.accurate else f"do not keep {own} even at {densest}"
    words = f"Tickets from {rewind_words(spec, reach.rewind)} {accurate}"
    if not spec.pruning.twins:
        return f"{words}."
    if reach.connected:
        return f"{words} and stay connected down to {density_words(reach.connected)}."
    return f"{words} and are not connected even at {densest}."
