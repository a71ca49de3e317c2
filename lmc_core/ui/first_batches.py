"""Figure 4 on a page: the images that each seed draws first, made by a process of its own when somebody asks."""

import threading

import streamlit as st

from lmc_core.data.presence import is_present
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError
from lmc_core.figures.batches import Batch, batches
from lmc_core.sweeps.first_batches import drawn, kept, spec_of
from lmc_core.sweeps.plan import Size
from lmc_core.ui.engine import engine
from lmc_core.ui.live_chart import Row, board, live_charts
from lmc_core.ui.plain_text import plain

_drawing = threading.Lock()
"""One drawing at a time, whoever asks; those who wait find it done."""


def first_batches(size: Size) -> None:
    """Show the images; they are drawn at once where the data set is there, else at a click."""
    settings, dataset = engine().settings, spec_of(size).dataset
    found: list[Batch] | None = kept(settings.cache_dir, size)
    if found is None and not is_present(dataset, settings.data_dir):
        st.markdown(f"{CATALOG[dataset].title} is not on this machine yet; drawing the images downloads it first.")
        if not st.button("Draw the batches", type="primary", icon=":material/casino:", key="draw"):
            return
    if found is None:
        with st.spinner("Drawing the first batches …"), _drawing:
            try:
                found = drawn(settings, size)
            except LMCError as fault:
                st.error(plain(fault), icon=":material/error:")
                return
    live_charts(board(Row((batches(found),), (1,))), "first batches")
