"""The levels of a pruning run as a table: a row a level, sortable."""

from collections.abc import Sequence

from lmc_core.experiment import PruneSpec
from lmc_core.figures.level_kinds import LOOKS
from lmc_core.figures.numbers import DIVERGED
from lmc_core.runs.outcome import outcome_of_level
from lmc_core.runs.pruning_results import BarriersOfLevel, Level
from lmc_core.runs.results import Spread
from lmc_core.ui.wording import network_name

SHARES = ("Kept", "Test accuracy", "± acc.", "Train accuracy", "Test barrier", "± barrier", "Train barrier", "Normalised")
"""Columns in percent."""


def ordered(levels: Sequence[Level]) -> list[Level]:
    """The levels by kind, rewinding point and density, whenever they were measured."""
    kinds = list(LOOKS)
    return sorted(levels, key=lambda level: (kinds.index(level.kind), level.rewind or 0, -level.density))


def level_columns(spec: PruneSpec, levels: Sequence[Level]) -> dict[str, list[object]]:
    """The columns of the table; shares are in percent, missing numbers None."""
    levels = ordered(levels)
    outcomes = [outcome_of_level(level, spec.dataset) for level in levels]
    table: dict[str, list[object]] = {
        "Networks": [network_name(spec, level.kind, level.rewind) for level in levels],
        "Kept": [100 * level.density for level in levels],
        "Nonzero": [nonzero_words(level) for level in levels],
        "Verdict": [outcome.headline if outcome else "" for outcome in outcomes],
        "Test accuracy": [_share(level.test_accuracy) for level in levels],
        "± acc.": [_std(level.test_accuracy) for level in levels],
        "Train accuracy": [_share(level.train_accuracy) for level in levels],
    }
    if spec.pruning.twins:
        table |= {
            "Test barrier": [_share(_error(level.test)) for level in levels],
            "± barrier": [_std(_error(level.test)) for level in levels],
            "Train barrier": [_share(_error(level.train)) for level in levels],
            "Normalised": [_share(level.test.normalized if level.test else None) for level in levels],
        }
    table |= {DIVERGED: [level.diverged_pairs for level in levels]} if any(level.diverged_pairs for level in levels) else {}
    return table | ({"Cut off": [", ".join(level.cut_off) for level in levels]} if any(level.cut_off for level in levels) else {})


def nonzero_words(level: Level) -> str:
    """Counts of the repeats, one number where they agree."""
    different = sorted(set(level.nonzero))
    counts = f"{different[0]:,}" if len(different) == 1 else f"{different[0]:,} to {different[-1]:,}"
    return f"{counts} of {level.prunable:,}"


def _error(barriers: BarriersOfLevel | None) -> Spread | None:
    return barriers.error if barriers else None


def _share(spread: Spread | None) -> float | None:
    return None if spread is None or spread.mean is None else 100 * spread.mean


def _std(spread: Spread | None) -> float | None:
    return None if spread is None or spread.std is None or spread.n < 2 else 100 * spread.std
