"""What a pruning run found: how far tickets keep the dense network's accuracy, how far they stay connected, whether the two go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lmc_core.data.spec import DatasetName
from lmc_core.experiment import PruneSpec
from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import counted, percent_spread
from lmc_core.plan import LevelKind
from lmc_core.runs.outcome import RULE as OUTCOME_RULE
from lmc_core.runs.outcome import Word, outcome_of_level
from lmc_core.runs.pruning_results import Level
from lmc_core.ui.wording import network_name, rewind_words

KEEPS_WITHIN = 0.01
"""A network keeps the dense one's accuracy if its mean test accuracy is at most so far below."""
KEEPS_WORDS = f"{100 * KEEPS_WITHIN:g} percentage point"
MOST_TOLD = 3
"""Of more rewinding points than this not each gets a sentence; nor does each of more levels that have no verdict."""
RULE = (
    f"Accurate: mean test accuracy at most {KEEPS_WORDS} below the dense network's. {OUTCOME_RULE} "
    "Together: both accurate and connected, or neither; networks that learnt nothing or were unstable count as none of these."
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


def failed(level: Level, dataset: DatasetName) -> Word | None:
    """The word for networks that learnt nothing or were unstable; None for all others."""
    outcome = outcome_of_level(level, dataset)
    return outcome.word if outcome and outcome.connected is None else None


def keeps_accuracy(level: Level, levels: Sequence[Level], dataset: DatasetName) -> bool | None:
    """Whether a level's mean test accuracy is the dense network's, but for one point.

    Networks that learnt nothing or were unstable keep none; None where there is no dense network that has learnt something.
    """
    dense = dense_of(levels, level.rewind or 0)
    if dense is None or dense.test_accuracy.mean is None or failed(dense, dataset):
        return None
    if failed(level, dataset) or level.test_accuracy.mean is None:
        return False
    return level.test_accuracy.mean >= dense.test_accuracy.mean - KEEPS_WITHIN


def is_connected(level: Level, dataset: DatasetName) -> bool | None:
    """Whether a level's twins are connected, which those that learnt nothing or were unstable are not; None without twins."""
    outcome = outcome_of_level(level, dataset)
    return outcome is not None and outcome.connected is True if level.test else None


def reaches(levels: Sequence[Level], dataset: DatasetName) -> list[Reach]:
    """How far the tickets go, for each rewinding point from which some were measured."""
    tickets = [level for level in levels if level.kind == "ticket"]
    found = []
    for rewind in sorted({level.rewind or 0 for level in tickets}):
        ordered = sorted((level for level in tickets if level.rewind == rewind), key=lambda level: -level.density)
        accurate = [(level.density, keeps) for level in ordered if (keeps := keeps_accuracy(level, levels, dataset)) is not None]
        connected = [(level.density, holds) for level in ordered if (holds := is_connected(level, dataset)) is not None]
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


def together(levels: Sequence[Level], dataset: DatasetName) -> tuple[int, int]:
    """At how many tickets accuracy and connectivity are both there or both not, and of how many both are known."""
    tickets = [level for level in levels if level.kind == "ticket" and not failed(level, dataset)]
    known = [(keeps_accuracy(level, levels, dataset), is_connected(level, dataset)) for level in tickets]
    both = [keeps == connected for keeps, connected in known if keeps is not None and connected is not None]
    return sum(both), len(both)


def pruning_verdict(spec: PruneSpec, levels: Sequence[Level]) -> Verdict:
    """The verdict on a finished run."""
    dataset = spec.dataset
    found = reaches(levels, dataset)
    if not found:
        return Verdict("No ticket was trained", "There is nothing to compare.")
    sentences = [_reach(spec, reach, levels) for reach in _told(found)]
    counts = []
    agree, tickets = together(levels, dataset)
    if tickets:
        counts.append(f"Accuracy and connectivity go together in {agree} of {counted(tickets, 'ticket')}.")
    masks = [level for level in levels if level.kind == "random" and level.test is not None]
    if masks:
        connected = sum(bool(is_connected(level, dataset)) for level in masks)
        accurate = sum(bool(keeps_accuracy(level, levels, dataset)) for level in masks)
        counts.append(f"Of {counted(len(masks), 'random mask')}, {_masks(connected, accurate)}.")
    counts += failures(spec, levels)
    return Verdict(headline(spec, levels), "\n".join(filter(None, (*sentences, " ".join(counts)))))


def _masks(connected: int, accurate: int) -> str:
    return f"{connected} {'is' if connected == 1 else 'are'} connected and {accurate} {'keeps' if accurate == 1 else 'keep'} the accuracy"


def failures(spec: PruneSpec, levels: Sequence[Level]) -> list[str]:
    """A sentence for the levels that learnt nothing, and one for those that were unstable, with the first of them and why."""
    sentences = []
    words: tuple[Word, ...] = ("learnt nothing", "unstable")
    for word in words:
        found = [level for level in levels if failed(level, spec.dataset) == word]
        named = "; ".join(_why(spec, level) for level in found[:MOST_TOLD])
        more = f" The same holds for {counted(len(found) - MOST_TOLD, 'more level')}." if len(found) > MOST_TOLD else ""
        sentences += [f"{word.capitalize()}: {named}{more}"] if found else []
    return sentences


def _why(spec: PruneSpec, level: Level) -> str:
    outcome = outcome_of_level(level, spec.dataset)
    name = f"{network_name(spec, level.kind, level.rewind)} at {density_words(level.density)}"
    return f"{name}: {outcome.reason if outcome else ''}"


def headline(spec: PruneSpec, levels: Sequence[Level]) -> str:
    """How far tickets go, in a few words, from the rewinding point from which they go furthest."""
    found = reaches(levels, spec.dataset)
    words = {failed(level, spec.dataset) for level in levels if level.kind == "ticket"}
    if words and None not in words:
        return (
            "No ticket could be judged"
            if len(words) > 1
            else f"Tickets {'learnt nothing' if 'learnt nothing' in words else 'were unstable'}"
        )
    quantity: Literal["accurate", "connected"] = "connected" if spec.pruning.twins else "accurate"
    best = furthest(found, quantity)
    if best is None:
        return ""
    holds: Holds = getattr(best, quantity)
    if not any(hold for _, hold in holds):
        return "No ticket is connected" if spec.pruning.twins else "No ticket keeps the accuracy"
    found_there = f"{quantity.capitalize()} {where(holds)}"
    if len(spec.rewind_steps) > 1:
        return f"{found_there}, from {rewind_words(spec, best.rewind)}"
    if quantity == "connected" and best.accurate and where(best.accurate) != where(best.connected):
        return f"{found_there}, accurate {where(best.accurate)}"
    return found_there


def _told(found: Sequence[Reach]) -> list[Reach]:
    """All of a few rewinding points; of many the first and the one from which tickets go furthest."""
    best = furthest(found, "connected")
    return list(found) if len(found) <= MOST_TOLD or best is None else list(dict.fromkeys((found[0], best)))


def _reach(spec: PruneSpec, reach: Reach, levels: Sequence[Level]) -> str:
    dense = dense_of(levels, reach.rewind)
    own = f"the dense network's {percent_spread(dense.test_accuracy)}" if dense else "the dense network's accuracy"
    start = f"From {rewind_words(spec, reach.rewind)}"
    tickets = f"tickets stay within {KEEPS_WORDS} of {own} {where(reach.accurate)}"
    if not reach.connected:
        return f"{start} {tickets}."
    parted = level_of(levels, "dense", 1.0, reach.rewind)
    twins = ""
    if parted and parted.test:
        fault = failed(parted, spec.dataset)
        state = "are connected" if is_connected(parted, spec.dataset) else "are not connected"
        twins = f"dense twins {state} (barrier {percent_spread(parted.test.error)}); "
        if fault:
            twins = f"dense twins {'learnt nothing' if fault == 'learnt nothing' else 'were unstable'}; "
    return f"{start} {twins}{tickets} and are connected {where(reach.connected)}."
