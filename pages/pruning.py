"""Pruning and lottery tickets: which weights can go, whether the rest can train again, and whether its twins stay connected."""

from dataclasses import replace

import streamlit as st

from lmc_core.experiment import PruneSpec
from lmc_core.ui.complaints import complain
from lmc_core.ui.experiment import PRUNING, experiment_card
from lmc_core.ui.gallery import pruning_example
from lmc_core.ui.method_words import explain
from lmc_core.ui.pruning_draft import current_pruning, keep_pruning
from lmc_core.ui.pruning_view import pruning_view
from lmc_core.ui.run_head import run_heading
from lmc_core.ui.run_link import follow_run
from lmc_core.ui.sidebar import sidebar

follow_run(PruneSpec)
draft = current_pruning()
spec, fault = sidebar(draft.spec, PRUNING)

st.title("How many weights can go?")
st.markdown(
    "Most weights of a trained network can be set to 0. Put what is left back to where it began, a *lottery ticket*, and train it again: "
    "**does it still learn, and do its twins still end in the same valley?**"
)
if spec == draft.spec:
    complain(draft.complaints)

shown = draft.run or pruning_example(spec)
experiment_card(spec, shown, fault)
draft = replace(draft, spec=spec)
keep_pruning(draft)
if shown is not None:
    run_heading(shown, spec, is_example=draft.run is None)
    pruning_view(shown, spec.run_id)
with st.expander("How this method works, and what is compared", icon=":material/school:"):
    method, protocol = st.columns(2, gap="large")
    for column, text in zip((method, protocol), explain(spec), strict=True):
        column.markdown(text)
