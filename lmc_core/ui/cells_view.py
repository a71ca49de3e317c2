"""Many cells on a page: charts that fill in as cells finish, a table, files to download."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.errors import LMCError
from lmc_core.figures.numbers import DIVERGED, NOTHING, about, counted
from lmc_core.jobs.cells import CellState
from lmc_core.runs.outcome import WORDS, outcome_of
from lmc_core.runs.results import RunResult
from lmc_core.sweeps.sweep import Cell
from lmc_core.ui.cell_table import columns_of
from lmc_core.ui.cells_drawing import Picture, drawing_of
from lmc_core.ui.engine import engine
from lmc_core.ui.live_chart import live_charts
from lmc_core.ui.markup import status, working
from lmc_core.ui.plain_text import plain
from lmc_core.ui.tabs import tabs
from lmc_core.ui.visitor import visitor
from lmc_core.ui.watching import pace

States = Mapping[str, CellState]
Section = Callable[[States], None]
"""Draws a part of the page from where the cells stand."""

SLOWER = 2.0
"""Many cells are asked after so much more seldom than a single run."""


def cells_view(picture: Picture, files: Section, above: Section | None = None, first: Mapping[str, Section] | None = None) -> None:
    """Show cells, and keep them up to date until all have ended.

    Args:
        picture: the cells and how they are drawn.
        files: what can be downloaded.
        above: what stands above the charts.
        first: what stands below them in tabs before the table of all cells, by the tab's name.
    """
    live = any(not state.ended for state in engine().states(_ids(picture.cells)).values())
    st.fragment(_cells, run_every=SLOWER * pace(visitor()) if live else None)(picture, files, above, first or {}, live)


def _ids(cells: Sequence[Cell]) -> list[str]:
    return [cell.spec.run_id for cell in cells]


def _cells(picture: Picture, files: Section, above: Section | None, first: Mapping[str, Section], live: bool) -> None:
    try:
        states = engine().states(_ids(picture.cells))
    except LMCError as fault:
        st.error(plain(fault), icon=":material/error:")
        return
    if live and all(state.ended for state in states.values()):
        st.rerun()
    st.html(progress(states))
    for error in list(dict.fromkeys(state.error for state in states.values() if state.state == "failed" and state.error))[:3]:
        st.error(plain(error), icon=":material/error:")
    if above:
        above(states)
    live_charts(drawing_of(picture, states), "charts of cells", _selected(picture.cells))
    sections: dict[str, Section] = {**first, "All cells": partial(_table, picture.cells), "Download": files}
    tabs({name: partial(section, states) for name, section in sections.items()}, key="cell tabs")


def progress(states: States) -> str:
    """Where the cells stand, as a sentence with a bar while they train."""
    ended = [state for state in states.values() if state.state == "done"]
    going = [state for state in states.values() if not state.ended]
    headline = f"{len(ended)} of {counted(len(states), 'cell')} done"
    if going:
        left = max((state.seconds_left for state in going if state.seconds_left is not None), default=None)
        training = sum(state.state == "running" for state in going)
        words = f"{counted(training, 'cell')} in training, {len(going) - training} waiting."
        words += f" {about(left).capitalize()} left." if left is not None else ""
        done = sum(1.0 if state.state == "done" else state.epoch / state.epochs if state.epochs else 0.0 for state in states.values())
        return working(headline, words, done / len(states))
    if not ended:
        return status("Nothing trained yet", "The chart fills in as cells finish. Cells that others have trained are shown at once.")
    return status("All cells are done" if len(ended) == len(states) else headline, _outcome(ended, len(states)))


def _outcome(ended: Sequence[CellState], cells: int) -> str:
    runs = [state.twins for state in ended if state.twins]
    outcomes = [outcome_of(run.result, run.spec.dataset) for run in runs]
    words = [outcome.word for outcome in outcomes]
    parts = [f"{words.count(word)} {word}" for word in WORDS if word in words]
    shipped = sum(run.shipped for run in runs)
    source = (
        " These results come with the app."
        if shipped == len(ended)
        else f" {shipped} of these results come with the app."
        if shipped
        else ""
    )
    judged = [run.result for run, outcome in zip(runs, outcomes, strict=True) if outcome.connected is not None]
    mixed = sum(map(_on_both_sides, judged))
    apart = f"; pairs differ in {counted(mixed, 'cell')}" if mixed else ""
    rest = f" {counted(cells - len(ended), 'cell')} not trained." if cells > len(ended) else ""
    return f"{', '.join(parts)}{apart}.{source}{rest}"


def _on_both_sides(result: RunResult) -> bool:
    """Whether some pairs of a run are connected and others are not."""
    barriers = [pair.barriers.test.error for pair in result.pairs]
    return len({barrier < CONNECTED_BELOW for barrier in barriers if barrier is not None}) == 2


def _selected(cells: Sequence[Cell]) -> str | None:
    """The run of the row that was just selected."""
    picked = st.session_state.get(_table_key(cells))
    rows = picked.selection.rows if picked is not None else []
    return cells[rows[0]].spec.run_id if rows and rows[0] < len(cells) else None


def _table_key(cells: Sequence[Cell]) -> str:
    return f"cells {hash(tuple(_ids(cells)))}"


def _table(cells: Sequence[Cell], states: States) -> None:
    shares = ("Test barrier", "±", "Train barrier", "Normalised", "Accuracy", "Rounding floor")
    st.dataframe(
        columns_of(cells, states),
        key=_table_key(cells),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        placeholder=NOTHING,
        alt="All cells, one per row, with their settings and results",
        column_config={name: st.column_config.NumberColumn(format="%.2f%%") for name in shares},
    )
    st.caption(
        f"Select a row, or click a point or a small curve, to open its run. {DIVERGED} counts the pairs whose training was unstable."
    )
