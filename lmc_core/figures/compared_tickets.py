"""The tickets of several pruning runs in one chart: accuracy above, barrier below, over the density."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lmc_core.errors import LMCError
from lmc_core.figures.chart import Chart, Key
from lmc_core.figures.density import density_axis
from lmc_core.figures.level_lines import BOTH, at_rewind, level_line
from lmc_core.figures.outcome_strip import with_strip
from lmc_core.figures.palette import DASHES, RUN_COLOURS, SYMBOLS
from lmc_core.figures.sparsity import ends
from lmc_core.figures.tickets import PANELS, keyed_marks, keyed_traces, panels_layout

if TYPE_CHECKING:
    import pandas as pd

NAME, TITLE = "compared-tickets", "Tickets of these runs: accuracy and barrier against sparsity"
COLOURS = (0, 3, 4, 6, 7, 5, 1, 2)
"""Run colours in the order in which runs take them: those nearest to what says connected or not last."""


@dataclass(frozen=True)
class PrunedRun:
    """A pruning run in a comparison: the words that tell it from the others, its levels, and whence its tickets start."""

    label: str
    levels: "pd.DataFrame"
    rewind: int


def compared_tickets(runs: list[PrunedRun], height: int = 520) -> Chart:
    """A line for each run; a point is filled green where the twins are connected and hollow orange where not.

    Raises:
        LMCError: more runs than one chart can tell apart.
    """
    if len(runs) > RUN_COLOURS:
        raise LMCError(f"One chart can tell {RUN_COLOURS} runs apart; {len(runs)} are chosen, so unselect some.")
    keys = [Key(f"run{place}", run.label, f"$run{COLOURS[place]}", DASHES[place], SYMBOLS[place]) for place, run in enumerate(runs)]
    tables = [at_rewind(run.levels, "ticket", run.rewind) for run in runs]
    traces = [
        trace
        for part, (yaxis, _) in PANELS.items()
        for key, table in zip(keys, tables, strict=True)
        for trace in keyed_traces(level_line(table, "ticket", part), yaxis, key)
    ]
    import pandas as pd  # slow to import: only where runs are compared

    lines = [level_line(table, "ticket", "accuracy") for table in tables]
    words = " ".join(f"{run.label}, accuracy {ends(line)}." for run, line in zip(runs, lines, strict=True) if line.x)
    xaxis = density_axis(density for table in tables for density in table["density"])
    layout = panels_layout(xaxis, traces, pd.concat(tables))
    chart = Chart(NAME, TITLE, f"{TITLE}. {words}", traces, layout, keys, note=BOTH, revision=NAME, height=height)
    barriers = [level_line(table, "ticket", "barrier") for table in tables]
    return with_strip(chart, [mark for key, line in zip(keys, barriers, strict=True) for mark in keyed_marks(line, key)], "yaxis2")
