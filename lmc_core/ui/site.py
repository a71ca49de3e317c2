"""The script that each visitor's session runs: which pages there are, and the one that is open."""

from pathlib import Path

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.ui.addresses import ABOUT, EMERGENCE, HOME, PAPER, PRUNING, RUNS, SWEEPS, TRANSFORMERS
from lmc_core.ui.plain_text import plain

st.set_page_config(page_title="Twins · linear mode connectivity", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
page = st.navigation(
    [
        st.Page(HOME, title="Twins", icon=":material/join:", default=True),
        st.Page(PRUNING, title="Pruning", icon=":material/content_cut:"),
        st.Page(SWEEPS, title="Sweeps", icon=":material/grid_on:"),
        st.Page(TRANSFORMERS, title="Transformers", icon=":material/view_module:"),
        st.Page(EMERGENCE, title="Emergence", icon=":material/timeline:"),
        st.Page(PAPER, title="The paper", icon=":material/article:"),
        st.Page(RUNS, title="All runs", icon=":material/stacked_line_chart:"),
        st.Page(ABOUT, title="What is LMC?", icon=":material/school:"),
    ],
    position="top",
)
try:
    page.run()
except LMCError as fault:
    st.error(plain(str(fault)), icon=":material/error:")
