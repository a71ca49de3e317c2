"""What the paper says of its figures in words, as orders between cells and sides of the threshold that can be counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.runs.results import RunResult, Spread
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.verdict import is_unstable

Quantity = Literal["error", "normalized"]
Held = Literal["met", "missed", "undecided"]
Comparison = tuple[Cell, Cell]
"""The cell whose barrier should be lower, then the other."""

RULE = (
    "Of two cells, one has the higher barrier where they differ by more than the larger of their standard deviations; otherwise it is "
    f"unclear. A cell is connected where its mean test barrier is below {CONNECTED_BELOW:.0%}. Unstable cells are unclear."
)
"""How a claim is counted."""


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper, and what of it can be counted in a preset's cells."""

    text: str
    quantity: Quantity = "error"
    higher: Callable[[Sequence[Cell]], Iterable[Comparison]] = lambda _cells: ()
    """Pairs of cells, of which the second should have the higher barrier."""
    connected: Callable[[Cell], bool | None] = lambda _cell: None
    """Whether a cell should be connected; None where the sentence says nothing of it."""
    alike: Callable[[Sequence[Cell]], Iterable[Comparison]] = lambda _cells: ()
    """Pairs of cells that should lie on the same side of the threshold."""


@dataclass(frozen=True)
class Count:
    """How often a claim was met by finished cells."""

    text: str
    met: int
    missed: int
    undecided: int

    @property
    def sentence(self) -> str:
        """The claim with its counts."""
        return f"{self.text}: true in {self.met}, false in {self.missed}, unclear in {self.undecided}."


def counts_of(name: str, cells: Sequence[Cell], results: Mapping[str, RunResult]) -> list[Count]:
    """Each claim on a preset with how often its finished cells meet it; empty where the paper makes none.

    Args:
        name: the preset's.
        cells: its cells at some size.
        results: what their runs found, by run id.
    """
    return [_count(claim, [cell for cell in cells if cell.spec.run_id in results], results) for claim in CLAIMS.get(name, ())]


def _count(claim: Claim, cells: Sequence[Cell], results: Mapping[str, RunResult]) -> Count:
    def barrier(cell: Cell) -> Spread | None:
        result = results[cell.spec.run_id]
        if is_unstable(cell, result):
            return None
        return result.summary.test.normalized if claim.quantity == "normalized" else result.summary.test.error

    held = [_is_higher(barrier(lower), barrier(higher)) for lower, higher in claim.higher(cells)]
    held += [_is_alike(barrier(one), barrier(other)) for one, other in claim.alike(cells)]
    held += [_is_connected(barrier(cell), wanted) for cell in cells if (wanted := claim.connected(cell)) is not None]
    return Count(claim.text, held.count("met"), held.count("missed"), held.count("undecided"))


def _is_higher(lower: Spread | None, higher: Spread | None) -> Held:
    if lower is None or higher is None or lower.mean is None or higher.mean is None:
        return "undecided"
    if abs(higher.mean - lower.mean) <= max(lower.std or 0.0, higher.std or 0.0):
        return "undecided"
    return "met" if higher.mean > lower.mean else "missed"


def _is_connected(barrier: Spread | None, wanted: bool) -> Held:
    if barrier is None or barrier.mean is None:
        return "undecided"
    return "met" if (barrier.mean < CONNECTED_BELOW) == wanted else "missed"


def _is_alike(one: Spread | None, other: Spread | None) -> Held:
    if one is None or other is None or one.mean is None or other.mean is None:
        return "undecided"
    return "met" if (one.mean < CONNECTED_BELOW) == (other.mean < CONNECTED_BELOW) else "missed"


def _same_but(cells: Sequence[Cell], *paths: str) -> Iterable[Comparison]:
    """Pairs of cells, in their order, that differ in these factors alone."""
    for one, other in combinations(cells, 2):
        apart = {path for path in one.factors.keys() | other.factors.keys() if one.factors.get(path) != other.factors.get(path)}
        if apart and apart <= set(paths):
            yield one, other


def _ends_of_slopes(cells: Sequence[Cell]) -> Iterable[Comparison]:
    for relu, leaky in _same_but(cells, "architecture.slope"):
        if (relu.factors["architecture.slope"], leaky.factors["architecture.slope"]) == ("0", "0.99") and not _shallow(relu):
            yield leaky, relu


def _shallow(cell: Cell) -> bool:
    return cell.factors["architecture.depth"] == "2"


def _above_locally_connected(cells: Sequence[Cell]) -> Iterable[Comparison]:
    for one, other in _same_but(cells, "architecture.name"):
        if one.factors["architecture.name"] == "lc_cnn":
            yield one, other


def _figure2_connected(cell: Cell) -> bool | None:
    name, rate = cell.factors["architecture.name"], cell.factors["optimizer.lr"]
    return True if name in ("mlp", "lc_cnn") or (name, rate) == ("attention", "0.001") else None


def _variants(cells: Sequence[Cell], clipped: bool) -> Iterable[Comparison]:
    """Each setting of appendix C as it was, and changed."""
    for one, other in combinations(cells, 2):
        setting, _, variant = other.name.partition(": ")
        if one.name == f"{setting}: as it was" and (variant == "clipped gradients") == clipped:
            yield one, other


CLAIMS: Mapping[str, tuple[Claim, ...]] = {
    "figure1": (
        Claim("More layers have a higher barrier at the same slope", higher=lambda cells: _same_but(cells, "architecture.depth")),
        Claim("ReLU has a higher barrier than the nearly linear net, with more than one hidden layer", higher=_ends_of_slopes),
        Claim("One hidden layer stays connected at every slope", connected=lambda cell: True if _shallow(cell) else None),
    ),
    "figure2": (
        Claim("MLP and LC-CNN stay connected, and attention does at the low rate", connected=_figure2_connected),
        Claim("CNN and attention have a higher barrier than LC-CNN at the same rate", higher=_above_locally_connected),
    ),
    "figure3": (
        Claim(
            "Harder data have a higher normalised barrier in the same network at the same rate",
            "normalized",
            higher=lambda cells: _same_but(cells, "dataset", "train_samples"),
        ),
    ),
    "figure5": (
        Claim(
            "MLPs with more than one hidden layer are not connected under Adam",
            "normalized",
            connected=lambda cell: None if _shallow(cell) else False,
        ),
    ),
    "appendixC": (
        Claim(
            "Batch size, momentum, weight decay and cosine leave a setting on its side of the threshold",
            alike=lambda cells: _variants(cells, clipped=False),
        ),
        Claim(
            "Clipped gradients lower the barrier",
            higher=lambda cells: [(clipped, plain) for plain, clipped in _variants(cells, clipped=True)],
        ),
    ),
}
"""The sentences by preset. Where a sketch has training images in the place of data sets, fewer stand for harder."""
