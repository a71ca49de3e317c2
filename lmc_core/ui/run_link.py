"""The run that a page's link names: whose page it belongs on, and what experiment it is."""

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment, Spec
from lmc_core.overrides import overrides_of
from lmc_core.ui.addresses import page_of
from lmc_core.ui.engine import engine

RUN = "run"
"""The query parameter that names a run."""


def parameters_of_run(spec: Experiment, run_id: str) -> dict[str, str]:
    """The link to a run as query parameters: its settings with it, so that where nobody knows the run it can be made."""
    return overrides_of(spec) | {RUN: run_id}


def follow_run(page: type[Experiment]) -> None:
    """Go to the page of the run that the link names, where it is of another kind than this page's."""
    run_id = st.query_params.get(RUN)
    if not run_id:
        return
    try:
        spec = engine().snapshot(run_id).spec
    except LMCError:  # no run id: the page that reads the link says so
        return
    if spec is not None and not isinstance(spec, page):
        st.switch_page(page_of(spec), query_params=parameters_of_run(spec, run_id))


def spec_of_run(run_id: str, model: type[Spec]) -> Spec | None:
    """The experiment of a run; None where nobody knows the run.

    Raises:
        LMCError: this is no run id, or the run is of another kind.
    """
    spec = engine().snapshot(run_id).spec
    if spec is None or isinstance(spec, model):
        return spec
    raise LMCError(f"{run_id} is a run of another kind; open it from the page of all runs.")
