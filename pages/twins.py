"""The home page: choose an experiment, watch two networks train, read off whether the line between them is flat."""

from dataclasses import replace

import streamlit as st

from lmc_core.experiment import TwinsSpec
from lmc_core.ui.complaints import complain
from lmc_core.ui.draft import MEASURE_KEY, current_draft, keep_draft
from lmc_core.ui.experiment import TWINS, experiment_card
from lmc_core.ui.first_picture import INTRODUCTION, TITLE
from lmc_core.ui.gallery import example
from lmc_core.ui.link import MEASURES
from lmc_core.ui.run_head import run_heading
from lmc_core.ui.run_link import follow_run
from lmc_core.ui.run_view import run_view
from lmc_core.ui.sidebar import sidebar

follow_run(TwinsSpec)
draft = current_draft()
spec, fault = sidebar(draft.spec, TWINS)

st.title(TITLE)
st.markdown(INTRODUCTION)
if spec == draft.spec:
    complain(draft.complaints)

shown = draft.run or example(spec)
experiment_card(spec, shown, fault)
draft = replace(draft, spec=spec)
if shown is not None:
    with st.container(key="shown run", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        run_heading(shown, spec, is_example=draft.run is None)
        measure = st.segmented_control(
            "What the line is measured in",
            MEASURES,
            key=MEASURE_KEY,
            format_func=str.capitalize,
            required=True,
            label_visibility="collapsed",
            width="content",
        )
    draft = replace(draft, measure=measure or draft.measure)
keep_draft(draft)
if shown is not None:
    run_view(shown, draft.measure, spec.run_id)
