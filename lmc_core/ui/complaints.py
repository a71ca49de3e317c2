"""What of a link was not understood, on every page in the same words."""

from collections.abc import Sequence

import streamlit as st

MOST = 6
"""Sentences that are listed; more of them help nobody."""


def complain(complaints: Sequence[str]) -> None:
    """Say what of the link was left out; nothing where all of it was understood.

    Args:
        complaints: a sentence for each part of the link that was not used.
    """
    if not complaints:
        return
    more = [f"and {len(complaints) - MOST} more."] if len(complaints) > MOST else []
    listed = complaints[0] if len(complaints) == 1 else "\n".join(["", *(f"- {complaint}" for complaint in [*complaints[:MOST], *more])])
    st.warning(f"Not all of the link could be used, the rest holds: {listed}", icon=":material/link_off:")
