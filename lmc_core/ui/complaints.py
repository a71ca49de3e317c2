"""What of a link was not understood, on every page in the same words."""

from collections.abc import Sequence

import streamlit as st

from lmc_core.ui.plain_text import plain

MOST = 6
"""Sentences that are listed; more of them help nobody."""


def complain(complaints: Sequence[str]) -> None:
    """Say what of the link was left out; nothing where all of it was understood.

    Args:
        complaints: a sentence for each part of the link that was not used.
    """
    if not complaints:
        return
    told = [plain(complaint) for complaint in complaints[:MOST]]
    told += [f"and {len(complaints) - MOST} more."] if len(complaints) > MOST else []
    listed = told[0] if len(told) == 1 else "\n".join(["", *(f"- {sentence}" for sentence in told)])
    st.warning(f"Part of this link was ignored: {listed}", icon=":material/link_off:")
