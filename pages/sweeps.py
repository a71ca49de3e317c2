"""Sweeps: one experiment with one or two settings varied, all cells at a click, one chart."""

from dataclasses import replace

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.figures.cell_lines import TITLES
from lmc_core.figures.numbers import counted
from lmc_core.sweeps.latex import Form
from lmc_core.sweeps.report import Heading
from lmc_core.sweeps.starting import started
from lmc_core.sweeps.sweep import Cell, Sweep
from lmc_core.ui.cell_points import Axes
from lmc_core.ui.cells_card import cells_card
from lmc_core.ui.cells_drawing import Picture, drawing_of
from lmc_core.ui.cells_view import States, cells_view
from lmc_core.ui.complaints import complain
from lmc_core.ui.downloads import downloads
from lmc_core.ui.engine import engine
from lmc_core.ui.experiment import TWINS
from lmc_core.ui.factor_controls import factor_controls
from lmc_core.ui.owner import is_owner
from lmc_core.ui.sidebar import sidebar
from lmc_core.ui.sweep_draft import QUANTITY_KEY, SPLIT_KEY, current_sweep, keep_sweep, sweep_from
from lmc_core.ui.sweep_link import QUANTITIES, SPLITS
from lmc_core.ui.wording import in_words, subtitle_of, title_of

draft = current_sweep()
spec, fault = sidebar(draft.spec, TWINS, sweep_from)

st.title("Sweeps")
st.markdown("Vary one or two settings of the experiment in the sidebar; every combination is a run of its own.")
complain(draft.complaints)
with st.container(key="factors"):
    factors = factor_controls(spec)

draft = replace(draft, spec=spec, factors=factors)
sweep: Sweep | None = None
cells: tuple[Cell, ...] = ()
try:
    sweep = draft.sweep()
    cells = tuple(started(cell, engine().settings.data_dir, anywhere=is_owner()) for cell in sweep.cells)
except LMCError as error:
    fault = fault or in_words(error)
axes = Axes(tuple(factor.path for factor in sweep.factors[:1]), tuple(factor.path for factor in sweep.factors[1:])) if sweep else Axes(())
title = (
    f"{' × '.join(part for part in (axes.x_title, axes.line_title) if part)}: {counted(len(cells), 'cell')}" if sweep else "No sweep yet"
)
cells_card(title, f"Base: {title_of(spec)} · {subtitle_of(spec)}", cells, fault)

with st.container(horizontal=True, vertical_alignment="center"):
    quantity = st.segmented_control(
        "What the chart shows", QUANTITIES, key=QUANTITY_KEY, format_func=TITLES.__getitem__, required=True, label_visibility="collapsed"
    )
    split = st.segmented_control(
        "On which images", SPLITS, key=SPLIT_KEY, format_func=str.capitalize, required=True, label_visibility="collapsed"
    )
draft = replace(draft, quantity=quantity or draft.quantity, split=split or draft.split)
keep_sweep(draft)
if sweep and cells:
    picture = Picture("sweep", cells, axes, draft.quantity, (draft.split,), command=sweep.command)
    heading, form = Heading.of_sweep(sweep), Form.of_sweep(sweep)

    def files(states: States) -> None:
        """What can be downloaded."""
        varied = "-".join(path.removesuffix(".name").rpartition(".")[2] for path in cells[0].factors)
        downloads(f"sweep-{varied}", heading, form, cells, states, lambda: list(drawing_of(picture, states).charts.values()))

    cells_view(picture, files)
