"""The sweep that a visitor is putting together, kept in step with the page's link."""

from dataclasses import replace

import streamlit as st

from lmc_core.experiment import TwinsSpec
from lmc_core.ui.controls import set_controls
from lmc_core.ui.factor_controls import set_factor_controls
from lmc_core.ui.standing import Standing
from lmc_core.ui.sweep_link import SweepLink, read_sweep_link

QUANTITY_KEY, SPLIT_KEY = "sweep quantity", "sweep split"
"""The keys of the widgets that choose what the chart shows."""


def current_sweep() -> SweepLink:
    """What the page stands at: its link, or the controls."""
    return _STANDING.current()


def keep_sweep(draft: SweepLink) -> None:
    """Remember where the page stands, and write it into the link."""
    kept = _STANDING.draft
    same = (draft.spec, draft.factors) == (kept.spec, kept.factors)
    _STANDING.keep(draft if same else replace(draft, complaints=()))


def sweep_from(spec: TwinsSpec) -> None:
    """Set the base experiment, from a widget's callback or before the controls are drawn."""
    _STANDING.put(replace(_STANDING.draft, spec=spec, complaints=()))
    set_controls(spec)


def _show(draft: SweepLink) -> None:
    set_controls(draft.spec)
    set_factor_controls(draft.factors)
    st.session_state[QUANTITY_KEY], st.session_state[SPLIT_KEY] = draft.quantity, draft.split


_STANDING = Standing("sweeps", read_sweep_link, _show)
