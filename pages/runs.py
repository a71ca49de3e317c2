"""All runs: find, compare, open, delete."""

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.ui.addresses import HOME
from lmc_core.ui.comparison import comparison
from lmc_core.ui.draft import open_run
from lmc_core.ui.engine import engine
from lmc_core.ui.markup import style
from lmc_core.ui.owner import delete_button
from lmc_core.ui.run_table import SHIPPED, STATES, Search, found, table
from lmc_core.ui.wording import value_name

style()
st.title("All runs")
listing = engine().runs()
columns = st.columns([3, 2, 2, 2], gap="small")
search = Search(
    columns[0].text_input("Search", key="search", placeholder="adam cifar connected …", bind="query-params", icon=":material/search:"),
    tuple(columns[1].multiselect("State", [*STATES.values(), SHIPPED], key="state", bind="query-params")),
    tuple(columns[2].multiselect("Data", sorted({run.spec.dataset for run in listing}), key="data", format_func=value_name)),
    tuple(columns[3].multiselect("Network", sorted({run.spec.architecture.name for run in listing}), key="net", format_func=value_name)),
)
runs = found(listing, search)
if not runs:
    st.info("No run fits." if listing else "There are no runs yet; train the twins first.", icon=":material/search_off:")
    st.stop()

picked = st.dataframe(
    table(runs),
    key="runs",
    hide_index=True,
    on_select="rerun",
    selection_mode="multi-row",
    column_config={
        "Test barrier": st.column_config.NumberColumn(format="%.2f%%", help="Mean error barrier on the test set; connected below 2%."),
        "Accuracy": st.column_config.NumberColumn(format="%.2f%%", help="Mean test accuracy of the twins."),
        "When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        "Network": st.column_config.TextColumn(width="medium"),
        "Run": st.column_config.TextColumn(width="small"),
    },
)
chosen = [runs[place] for place in picked.selection.rows if place < len(runs)]
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button("Open", icon=":material/open_in_full:", disabled=len(chosen) != 1, key="open"):
        open_run(chosen[0].spec, chosen[0].run_id)
        st.switch_page(HOME)
    delete_button([run.run_id for run in chosen if not run.shipped])
    st.caption(
        f"{len(runs)} of {len(listing)} runs. Select one to open it, two or more to compare them."
        if len(chosen) < 2
        else f"{len(chosen)} selected."
    )
for run in chosen:
    if run.error:
        st.error(f"{run.run_id}: {run.error}", icon=":material/error:")
if len(chosen) > 1:
    try:
        comparison([run.run_id for run in chosen])
    except LMCError as fault:
        st.info(str(fault), icon=":material/info:")
