"""The script that each visitor's session runs: which pages there are, and the one that is open."""

from pathlib import Path

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.ui.addresses import ABOUT, EMERGENCE, HOME, PAPER, PRUNING, RUNS, SWEEPS, TITLES, TRANSFORMERS, tab_title
from lmc_core.ui.page_time import PAGE_TIME
from lmc_core.ui.plain_text import plain
from lmc_core.ui.visitor import visitor

with PAGE_TIME.of(visitor()):
    # Before the navigation, whose icons would else be fetched from a server of Google's for the browser's tab.
    st.set_page_config(page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
    page = st.navigation(
        [
            st.Page(HOME, title=TITLES[""], icon=":material/join:", default=True),
            st.Page(PRUNING, title=TITLES["pruning"], icon=":material/content_cut:"),
            st.Page(SWEEPS, title=TITLES["sweeps"], icon=":material/grid_on:"),
            st.Page(TRANSFORMERS, title=TITLES["transformers"], icon=":material/view_module:"),
            st.Page(EMERGENCE, title=TITLES["emergence"], icon=":material/timeline:"),
            st.Page(PAPER, title=TITLES["paper"], icon=":material/article:"),
            st.Page(RUNS, title=TITLES["runs"], icon=":material/stacked_line_chart:"),
            st.Page(ABOUT, title=TITLES["about"], icon=":material/school:"),
        ],
        position="top",
    )
    st.set_page_config(page_title=tab_title(page.url_path))
    try:
        page.run()
    except LMCError as fault:
        st.error(plain(fault), icon=":material/error:")
