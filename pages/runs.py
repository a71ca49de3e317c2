"""All runs: find, compare, open, delete."""

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.figures.numbers import counted
from lmc_core.ui.comparison import comparison
from lmc_core.ui.engine import engine
from lmc_core.ui.open_run import go_to_run
from lmc_core.ui.owner import delete_button, owner_entry, stop_button
from lmc_core.ui.plain_text import plain
from lmc_core.ui.run_list import keep_up_to_date, run_list, search_fields
from lmc_core.ui.run_table import found

st.title("All runs")
listing = engine().runs()
runs = found(listing, search_fields(listing))
keep_up_to_date(listing)
if not runs:
    owner_entry()
    st.info(
        "No run matches your search." if listing else "There are no runs yet. Train some on the other pages.", icon=":material/search_off:"
    )
    st.stop()

selected = run_list(runs)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button("Open", icon=":material/open_in_full:", disabled=len(selected) != 1, key="open"):
        go_to_run(selected[0].spec, selected[0].run_id)
    stop_button([run.run_id for run in selected if run.state in ("queued", "running")])
    delete_button([run.run_id for run in selected if not run.shipped])
    owner_entry()
    if len(selected) < 2:
        st.caption(f"{len(runs)} of {counted(len(listing), 'run')}. Select one to open it, two or more to compare them.")
for run in selected:
    if run.error:
        st.error(plain(f"{run.run_id}: {run.error}"), icon=":material/error:")
if len(selected) > 1:
    try:
        comparison([run.run_id for run in selected])
    except LMCError as fault:
        st.info(plain(fault), icon=":material/info:")
