"""A run that a page follows until it ends."""

import zlib
from collections.abc import Callable

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.ui.engine import engine
from lmc_core.ui.plain_text import plain
from lmc_core.ui.visitor import visitor

POLL_SECONDS = (0.4, 0.6)
"""How often a page asks how a run goes while it goes; never otherwise. Each page has its own pace, lest a class asks all at once."""


def watch(run_id: str, show: Callable[[Snapshot], None]) -> None:
    """Show a run as it is, and again at the visitor's pace until it ends.

    Raises:
        LMCError: the run id is none.
    """
    live = not engine().snapshot(run_id, visitor()).ended
    st.fragment(_look, run_every=pace(visitor()) if live else None)(run_id, show, live)


def _look(run_id: str, show: Callable[[Snapshot], None], live: bool) -> None:
    try:
        snapshot = engine().snapshot(run_id, visitor())
    except LMCError as fault:
        st.error(plain(fault), icon=":material/error:")
        return
    if live and snapshot.ended:
        st.rerun()
    for notice in dict.fromkeys((*snapshot.notices, *snapshot.progress.notices)):
        st.info(plain(notice), icon=":material/info:")
    show(snapshot)


def pace(name: str) -> float:
    """Seconds between a visitor's questions, within `POLL_SECONDS`."""
    shortest, longest = POLL_SECONDS
    return shortest + (longest - shortest) * zlib.crc32(name.encode()) / 2**32
