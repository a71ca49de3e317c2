"""The experiment that a visitor is putting together, kept in step with the page's link."""

from dataclasses import replace

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.overrides import field_paths
from lmc_core.spec import TwinsSpec
from lmc_core.ui.controls import set_controls
from lmc_core.ui.engine import engine
from lmc_core.ui.link import Link, read_link

MEASURE_KEY = "measure"
"""The key of the widget that chooses between error and loss."""

_DRAFT, _SEEN, _MEANT, _CONTROLS = "lmc.draft", "lmc.link", "lmc.meant", "field dataset"


def current_draft() -> Link:
    """What the page stands at: the link where it is another one than the page wrote (opened, back, forward), else the controls."""
    parameters = st.query_params.to_dict()
    draft: Link | None = st.session_state.get(_DRAFT)
    seen: dict[str, str] | None = st.session_state.get(_SEEN)
    returning = _CONTROLS not in st.session_state
    if draft is None or (parameters != seen and not (returning and not parameters)):
        draft = _completed(read_link(parameters))
        _show(draft)
        st.session_state[_MEANT] = parameters if draft.complaints else draft.parameters()
    elif returning:
        _show(draft)
        st.session_state[_MEANT] = parameters
    st.session_state[_DRAFT] = draft
    st.session_state[_SEEN] = parameters
    return draft


def keep_draft(draft: Link) -> None:
    """Remember where the page stands, and write it into the link, which gives the browser's back button a step.

    A link that says the same in other words, such as by naming a default, stays as it is.
    """
    if draft.spec != st.session_state[_DRAFT].spec:
        draft = replace(draft, complaints=())
    st.session_state[_DRAFT] = draft
    parameters = draft.parameters()
    if parameters != st.session_state[_MEANT]:
        st.query_params.from_dict(parameters)
        st.session_state[_SEEN] = st.session_state[_MEANT] = parameters


def start_from(spec: TwinsSpec) -> None:
    """Set the whole experiment, from a widget's callback or before the controls are drawn."""
    st.session_state[_DRAFT] = replace(st.session_state[_DRAFT], spec=spec, complaints=())
    set_controls(spec)


def show_run(run_id: str) -> None:
    """Let the page show a run, from a widget's callback."""
    st.session_state[_DRAFT] = replace(st.session_state[_DRAFT], run=run_id)


def open_run(spec: TwinsSpec, run_id: str) -> None:
    """Let the page stand at a run and its experiment when it is next opened."""
    st.session_state[_DRAFT] = Link(spec, run_id)
    st.session_state.pop(_SEEN, None)


def _show(draft: Link) -> None:
    set_controls(draft.spec)
    st.session_state[MEASURE_KEY] = draft.measure


def _completed(link: Link) -> Link:
    """A link that names a run alone stands at the run's own experiment; one that names no run that can be shows none."""
    if link.run is None:
        return link
    try:
        spec = engine().snapshot(link.run).spec
    except LMCError as fault:
        return replace(link, run=None, complaints=(*link.complaints, str(fault)))
    alone = not set(st.query_params) & set(field_paths())
    return replace(link, spec=spec) if alone and spec is not None else link
