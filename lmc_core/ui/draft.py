"""The experiment that a visitor is putting together on the first page, kept in step with the page's link."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import field_paths
from lmc_core.ui.controls import set_controls
from lmc_core.ui.gallery import is_finished
from lmc_core.ui.link import Link, read_link
from lmc_core.ui.run_link import spec_of_run
from lmc_core.ui.standing import Standing
from lmc_core.ui.wording import in_words

MEASURE_KEY = "measure"
"""The key of the widget that chooses between error and loss."""


def current_draft() -> Link:
    """What the page stands at: its link, or the controls."""
    return _STANDING.current()


def keep_draft(draft: Link) -> None:
    """Remember where the page stands, and write it into the link."""
    _STANDING.keep(draft if draft.spec == _STANDING.draft.spec else replace(draft, complaints=()))


def start_from(spec: TwinsSpec) -> None:
    """Set the whole experiment, from a widget's callback or before the controls are drawn; its own run is shown where it is there."""
    run = None if is_finished(spec) else _STANDING.draft.run
    _STANDING.put(replace(_STANDING.draft, spec=spec, run=run, complaints=()))
    set_controls(spec)


def show_run(run_id: str) -> None:
    """Let the page show a run, from a widget's callback."""
    _STANDING.put(replace(_STANDING.draft, run=run_id))


def open_run(spec: TwinsSpec, run_id: str) -> None:
    """Let the page stand at a run and its experiment when it is next opened."""
    _STANDING.leave_at(Link(spec, run_id))


def _show(draft: Link) -> None:
    set_controls(draft.spec)
    st.session_state[MEASURE_KEY] = draft.measure


def _read(parameters: Mapping[str, str]) -> Link:
    """A link that names a run alone stands at the run's own experiment; one that names no run that can be shows none."""
    link = read_link(parameters)
    if link.run is None:
        return link
    try:
        spec = spec_of_run(link.run, TwinsSpec)
    except LMCError as fault:
        return replace(link, run=None, complaints=(*link.complaints, in_words(fault)))
    alone = not set(parameters) & set(field_paths())
    return replace(link, spec=spec) if alone and spec is not None else link


_STANDING = Standing("twins", _read, _show)
