"""The way from a list of runs to the page of one."""

import streamlit as st

from lmc_core.experiment import AnySpec, PruneSpec
from lmc_core.ui.addresses import page_of
from lmc_core.ui.draft import open_run
from lmc_core.ui.pruning_draft import open_pruning


def go_to_run(spec: AnySpec, run_id: str) -> None:
    """Open the page that shows runs of this kind, standing at this run and its experiment."""
    if isinstance(spec, PruneSpec):
        open_pruning(spec, run_id)
    else:
        open_run(spec, run_id)
    st.switch_page(page_of(spec))
