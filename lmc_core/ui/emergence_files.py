"""Files of a study of emergence to download."""

import streamlit as st

from lmc_core.jobs.cells import results_of
from lmc_core.studies.block_table import block_tables
from lmc_core.studies.emergence import Emergence, heading_of
from lmc_core.sweeps.latex import Form
from lmc_core.sweeps.table import as_csv
from lmc_core.ui.cells_drawing import Picture, drawing_of
from lmc_core.ui.cells_view import States
from lmc_core.ui.downloads import downloads


def emergence_files(study: Emergence, picture: Picture, states: States) -> None:
    """Buttons that save the cells, with each line of blocks where these were measured."""
    form = Form((), ())
    downloads(picture.name, heading_of(study), form, picture.cells, states, lambda: list(drawing_of(picture, states).charts.values()))
    if study.way == "blocks":
        st.download_button(
            "Lines of blocks (csv)",
            lambda: as_csv(block_tables(picture.cells, results_of(states))),
            f"{picture.name}-lines.csv",
            on_click="ignore",
            icon=":material/download:",
            key="download lines",
        )
