"""What the page of the paper is made of: a preset at a size, its cells as they are asked for, how they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

from lmc_core.data.spec import Split
from lmc_core.figures.cell_lines import Quantity
from lmc_core.figures.sweep import Form
from lmc_core.sweeps.plan import PaperPreset, Size, with_rounding_twins
from lmc_core.sweeps.published import published_of
from lmc_core.sweeps.sweep import Cell
from lmc_core.ui.cell_points import Axes
from lmc_core.ui.cells_drawing import Picture
from lmc_core.ui.engine import engine
from lmc_core.ui.paper_tables import published_share

FORMS: dict[str, Form] = {"lines": "lines", "bars": "points", "table": "points"}


@dataclass(frozen=True)
class Shown:
    """A preset at a size, with its cells."""

    preset: PaperPreset
    size: Size
    setting: str
    cells: tuple[Cell, ...]

    @property
    def quantity(self) -> Quantity:
        """What its chart shows."""
        return "error" if self.preset.measure == "parameters" else self.preset.measure

    @property
    def is_printed(self) -> bool:
        """Whether the paper prints a number for any of the cells."""
        return any(published_of(self.preset.name, cell) for cell in self.cells)

    @property
    def axes(self) -> Axes:
        """How its cells are laid out: those of the preset's factors that the cells of this size have."""
        has = {path for cell in self.cells for path in cell.factors}
        x, lines, panels = (
            tuple(path for path in paths if path in has) for paths in (self.preset.x, self.preset.series, self.preset.panels)
        )
        return Axes(x, lines, panels)

    @property
    def picture(self) -> Picture:
        """How its cells are drawn."""
        both: tuple[Split, ...] = ("test", "train") if self.preset.measure == "normalized" else ("test",)
        published = partial(published_share, self.preset.name)
        rounding = any(cell.spec.measurement.rounding_twin for cell in self.cells)
        form, command = FORMS[self.preset.chart], self.preset.command(self.size, rounding)
        return Picture(self.preset.name, self.cells, self.axes, self.quantity, both, form, published=published, command=command)


def shown(preset: PaperPreset, size: Size, rounding_twin: bool) -> Shown:
    """A preset at a size; with rounding twins each cell is another run, which also measures the floor."""
    plan = preset.plan(size)
    cells = with_rounding_twins(plan.cells) if rounding_twin and preset.trains else plan.cells
    return Shown(preset, size, plan.setting, cells)


def size_words(preset: PaperPreset, size: Size) -> str:
    """The size's name, with a mark where all of its cells are done."""
    return f"{size.capitalize()} ✓" if preset.trains and is_done(preset.plan(size).cells) else size.capitalize()


def is_done(cells: Sequence[Cell]) -> bool:
    """Whether all cells have results here."""
    return bool(cells) and all(state.state == "done" for state in engine().states([cell.spec.run_id for cell in cells]).values())


def choices(taken: Sequence[str], source: str = "the paper") -> str:
    """What a source leaves out and what was taken, as HTML."""
    items = "".join(f"<li>{escape(choice)}</li>" for choice in taken)
    return f'<div class="lmc-choices"><div class="kicker">Our choice where {source} gives none</div><ul>{items}</ul></div>'
