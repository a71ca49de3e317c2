"""Whether our cells say what the paper's do, by rules that are written beside the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.cost.estimates import parameter_count
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.results import RunResult, Spread
from lmc_core.sweeps.published import Published, published_of
from lmc_core.sweeps.sweep import Cell

APART_PERCENT = 1.0
"""Published values nearer to each other than this, in percentage points, have no order: the paper prints no spreads."""

RULES = (
    f"Same side: the published and our mean test error barrier lie on the same side of {CONNECTED_BELOW:.0%}.",
    f"Same order: of two cells whose published values are at least {APART_PERCENT:g} percentage point apart, ours differ in the "
    "same direction by more than the larger of their standard deviations. Smaller differences are unclear.",
    "Asterisk: met where a pair diverged or a network's test accuracy is below twice that of guessing.",
    "Parameters: our exact count rounds to the printed millions.",
)
"""The rules as sentences, in the order in which they are tried."""


@dataclass(frozen=True)
class Verdict:
    """Whether one cell agrees with the paper's; None where it cannot be said."""

    agrees: bool | None
    text: str


@dataclass(frozen=True)
class Order:
    """Of the pairs of cells that the paper tells apart: how many have the same order here, the opposite one, or none that is sure."""

    same: int
    opposite: int
    undecided: int

    @property
    def pairs(self) -> int:
        """All pairs of finished cells that the paper tells apart."""
        return self.same + self.opposite + self.undecided

    @property
    def text(self) -> str:
        """The order in one sentence."""
        if not self.pairs:
            return "The paper tells no two of these cells apart."
        return (
            f"{self.pairs} pairs of cells differ in the paper: same order in {self.same}, opposite in {self.opposite}, "
            f"unclear in {self.undecided}."
        )


def verdict_of(name: str, cell: Cell, result: RunResult | None) -> Verdict | None:
    """Whether a preset's cell agrees with what the paper prints; None where it prints nothing or the cell has no result yet.

    Args:
        name: the preset's.
        cell: one of its cells.
        result: what its run found; not looked at for counts of parameters.
    """
    published = published_of(name, cell)
    if published is None:
        return None
    if published.millions is not None:
        return _count(published.millions, parameter_count(cell.spec))
    if result is None:
        return None
    unstable = is_unstable(cell, result)
    if published.unstable:
        return Verdict(unstable, "unstable in both" if unstable else "unstable in the paper, not here")
    if published.barrier_test_percent is not None:
        return _side(published.barrier_test_percent, result, unstable)
    if unstable:
        return Verdict(False, "unstable here, not in the paper")
    return Verdict(None, "compared by order only")


def _count(millions: float, parameters: int) -> Verdict:
    agrees = round(parameters / 1e6, 2) == millions
    return Verdict(agrees, "the printed count" if agrees else "another count")


def _side(published_percent: float, result: RunResult, unstable: bool) -> Verdict:
    ours = result.summary.test.error.mean
    if ours is None or unstable:
        return Verdict(False, "unstable here, not in the paper")
    above, published_above = ours >= CONNECTED_BELOW, published_percent >= 100 * CONNECTED_BELOW
    if above == published_above:
        return Verdict(True, "a barrier in both" if above else "connected in both")
    return Verdict(False, "a barrier here, connected in the paper" if above else "connected here, a barrier in the paper")


def is_unstable(cell: Cell, result: RunResult) -> bool:
    """Whether the paper would print an asterisk: a pair diverged, or the networks have learnt nothing."""
    return outcome_of(result, cell.spec.dataset).connected is None


def order_of(name: str, cells: Sequence[Cell], results: Mapping[str, RunResult]) -> Order:
    """How many pairs of a preset's finished cells have the paper's order.

    Args:
        name: the preset's.
        cells: its cells.
        results: what their runs found, by run id; cells without one are left out.
    """
    known = [
        (value, _ours(published, cell, results[cell.spec.run_id]))
        for cell in cells
        if cell.spec.run_id in results and (published := published_of(name, cell)) and (value := _value(published)) is not None
    ]
    counts = {"same": 0, "opposite": 0, "undecided": 0}
    for (value, ours), (other_value, other) in combinations(known, 2):
        if abs(value - other_value) < APART_PERCENT:
            continue
        counts[_compared(value - other_value, ours, other)] += 1
    return Order(**counts)


def _value(published: Published) -> float | None:
    return published.barrier_test_percent if published.barrier_test_percent is not None else published.test_accuracy_percent


def _ours(published: Published, cell: Cell, result: RunResult) -> Spread | None:
    if is_unstable(cell, result):
        return None
    return result.summary.test.error if published.barrier_test_percent is not None else result.summary.test.accuracy


def _compared(published_difference: float, ours: Spread | None, other: Spread | None) -> str:
    if ours is None or other is None or ours.mean is None or other.mean is None:
        return "undecided"
    difference = ours.mean - other.mean
    if abs(difference) <= max(ours.std or 0.0, other.std or 0.0):
        return "undecided"
    return "same" if (difference > 0) == (published_difference > 0) else "opposite"
