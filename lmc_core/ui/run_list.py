"""The list of all runs on a page: searched, selected, kept up to date, with the selection in the page's link."""

from collections.abc import Sequence

import streamlit as st

from lmc_core.figures.numbers import NOTHING
from lmc_core.jobs.snapshot import RunListing
from lmc_core.ui.engine import engine
from lmc_core.ui.run_table import SHIPPED, STATES, Search, table
from lmc_core.ui.wording import value_name

SELECTED = "selected"
"""The query parameter that holds the selected runs."""
LOOK_SECONDS = 2.0
"""How often the page looks whether a run has ended, while one waits or trains; never otherwise."""


def search_fields(runs: Sequence[RunListing]) -> Search:
    """Draw the fields of the search, which are part of the link, and return what is looked for."""
    words, state, data, network = st.columns([3, 2, 2, 2], gap="small")
    names = sorted({run.spec.architecture.name for run in runs})
    sets = sorted({run.spec.dataset for run in runs})
    icon, hint = ":material/search:", "adam digits barrier …"
    return Search(
        words.text_input("Search", key="search", placeholder=hint, bind="query-params", icon=icon),
        tuple(state.multiselect("State", [*STATES.values(), SHIPPED], key="state", bind="query-params", placeholder="Any")),
        tuple(data.multiselect("Data", sets, key="data", format_func=value_name, bind="query-params", placeholder="Any")),
        tuple(network.multiselect("Network", names, key="network", format_func=value_name, bind="query-params", placeholder="Any")),
    )


def run_list(runs: Sequence[RunListing]) -> list[RunListing]:
    """Draw the table and return the selected runs, in the order of the table."""
    ids = [run.run_id for run in runs]
    wanted = set(st.query_params.get(SELECTED, "").split(","))
    rows = [place for place, run_id in enumerate(ids) if run_id in wanted]
    picked = st.dataframe(
        table(runs),
        key=f"runs {hash(tuple(ids))}",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}},
        placeholder=NOTHING,
        alt="All runs, one per row, with their kind, settings, verdict, barrier and accuracy",
        column_config={
            "Test barrier": st.column_config.NumberColumn(
                format="%.2f%%", help="Mean error barrier on the test set, of a pruning run between its dense twins; connected below 2%."
            ),
            "Accuracy": st.column_config.NumberColumn(
                format="%.2f%%", help="Mean test accuracy of the twins, of a pruning run of its dense networks."
            ),
            "When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
    )
    selected = [runs[place] for place in picked.selection.rows]
    _write(",".join(run.run_id for run in selected))
    return selected


def keep_up_to_date(runs: Sequence[RunListing]) -> None:
    """Look from time to time whether anything changed, while something still can."""
    if any(run.state in ("queued", "running") for run in runs):
        st.fragment(_look, run_every=LOOK_SECONDS)(_states(runs))


def _look(seen: frozenset[tuple[str, str]]) -> None:
    if _states(engine().runs()) != seen:
        st.rerun()


def _states(runs: Sequence[RunListing]) -> frozenset[tuple[str, str]]:
    return frozenset((run.run_id, run.state) for run in runs)


def _write(selected: str) -> None:
    if selected:
        if st.query_params.get(SELECTED) != selected:
            st.query_params[SELECTED] = selected
    elif SELECTED in st.query_params:
        del st.query_params[SELECTED]
