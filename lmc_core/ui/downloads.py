"""Files of many cells to download: the table in three forms, and one report that opens offline."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.figures.chart import Chart
from lmc_core.jobs.cells import CellState, results_of
from lmc_core.sweeps.latex import Form, as_latex
from lmc_core.sweeps.report import Heading, report
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.table import as_csv, as_parquet, cells_table
from lmc_core.ui.wording import field_title

if TYPE_CHECKING:
    import pandas as pd


def downloads(
    name: str, heading: Heading, form: Form, cells: Sequence[Cell], states: Mapping[str, CellState], charts: Callable[[], Sequence[Chart]]
) -> None:
    """Buttons that save the cells; a file is made when its button is pressed.

    Args:
        name: of the files.
        heading: of the report.
        form: of the LaTeX table.
        cells: all of them; those without a result stand in the files without numbers.
        states: where they stand.
        charts: draws what the report shows.
    """
    results = results_of(states)

    def table() -> "pd.DataFrame":
        return cells_table(cells, results, preset=heading.preset, states={run_id: state.state for run_id, state in states.items()})

    with st.container(horizontal=True):
        _download("Table (csv)", f"{name}.csv", lambda: as_csv(table()))
        _download("Table (Parquet)", f"{name}.parquet", lambda: as_parquet(table()))
        _download("Table (LaTeX)", f"{name}.tex", lambda: as_latex(cells, results, form, heading.title))
        _download("Report (html)", f"{name}.html", lambda: report(heading, cells, results, charts(), field_title))
    st.caption("The report is one file with charts that can be zoomed. It opens offline. Each chart has a button that saves it as SVG.")


def _download(label: str, file: str, content: Callable[[], str | bytes]) -> None:
    st.download_button(label, content, file, on_click="ignore", icon=":material/download:", key=f"download {file}")
