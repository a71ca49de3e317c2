"""What a preset of the paper is, and the plan of cells that it becomes at a size."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from lmc_core.errors import LMCError
from lmc_core.overrides import with_overrides
from lmc_core.sweeps.sweep import Cell, text_at

Size = Literal["sketch", "classroom", "paper"]
SIZES: tuple[Size, ...] = get_args(Size)
"""From minutes on a laptop to what the paper did."""

Measure = Literal["error", "normalized", "accuracy", "parameters"]
"""What of a cell is compared: Eq. 1, Eq. 2, the mean accuracy of the ends, or the size of a network."""

Chart = Literal["table", "lines", "bars", "counts", "images"]
"""The form of a preset's chart: the paper's table, lines over a number, bars over names, bare counts, or images of batches."""

WIDTH = "width 512 (the paper does not print its width)"
MOMENTUM = "momentum 0.9 (the paper uses momentum without giving its value; 0.9 is from its author's later code)"
BATCH = "batch size 128 (the paper prints batch sizes in table 1 only)"
REPEATS = "three pairs a cell, in some sketches two, each from another initialisation (the paper does not say how many it took)"
INITIALISATION = "PyTorch's default initialisation, and each channel normalised to mean 0 and standard deviation 1"


@dataclass(frozen=True)
class Plan:
    """The cells of a preset at a size."""

    name: str
    size: Size
    setting: str
    """One sentence on what this size trains and what of the paper it leaves out."""
    cells: tuple[Cell, ...]
    trains: bool = True
    """Whether the cells are runs to train; counts of parameters and images of batches are not."""


@dataclass(frozen=True)
class PaperPreset:
    """A table or figure of the paper: what it shows, how it is drawn, and its cells at each size."""

    name: str
    title: str
    caption: str
    """What the paper found there."""
    choices: tuple[str, ...]
    """What the paper leaves out, and what was taken."""
    chart: Chart
    measure: Measure
    settings: Mapping[Size, str]
    cells: Callable[[Size], tuple[Cell, ...]]
    x: tuple[str, ...] = ()
    """Paths of the factors along the horizontal axis, or across a table; where there are none, the cells' names are."""
    series: tuple[str, ...] = ()
    """Paths of the factors that make a line, or a row of a table."""
    panels: tuple[str, ...] = ()
    """Paths of the factors that make a chart of its own."""
    trains: bool = True

    def plan(self, size: Size) -> Plan:
        """The cells at a size."""
        return Plan(self.name, size, self.settings[size], self.cells(size), self.trains)

    def command(self, size: Size, rounding_twins: bool = False) -> str:
        """The command line that makes its cells at a size again; empty where there is nothing to train."""
        words = f"python -m lmc_core preset run {self.name} --size {size}" + (" --rounding-twins" if rounding_twins else "")
        return words if self.trains else ""


def checked_size(text: str) -> Size:
    """The size of that name.

    Raises:
        LMCError: there is none.
    """
    for size in SIZES:
        if text == size:
            return size
    raise LMCError(f"There is no size {text!r}; the sizes are {', '.join(SIZES)}.")


def cell(base: Mapping[str, str], factors: Mapping[str, str], name: str = "", paper: Mapping[str, str] | None = None) -> Cell:
    """A cell of a preset: the base with the factors set on top.

    Args:
        base: texts at dotted paths.
        factors: texts at the paths that vary.
        name: what the preset calls the cell.
        paper: the paper's values at those paths; None where the cell stands for none of the paper's.
    """
    spec = with_overrides({**base, **factors})
    return Cell({path: text_at(spec, path) for path in factors}, spec, name, None if paper is None else dict(paper))


def with_rounding_twins(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells with a third network in each pair, which measures what rounding alone makes of a barrier: other runs."""
    return tuple(
        replace(cell, spec=cell.spec.model_copy(update={"measurement": cell.spec.measurement.model_copy(update={"rounding_twin": True})}))
        for cell in cells
    )
