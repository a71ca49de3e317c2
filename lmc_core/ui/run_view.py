"""A run of twins on a page: live while it trains, with verdict, numbers and downloads once it is done."""

import zlib

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import DIVERGED, counted
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.results import RunResult
from lmc_core.ui.engine import engine
from lmc_core.ui.live_chart import live_charts
from lmc_core.ui.markup import status
from lmc_core.ui.run_details import details
from lmc_core.ui.run_drawing import drawing_of
from lmc_core.ui.run_head import Words, run_head
from lmc_core.ui.run_tiles import told_by_twins
from lmc_core.ui.verdict import verdict
from lmc_core.ui.visitor import visitor

POLL_SECONDS = (0.4, 0.6)
"""How often a page asks how a run goes while it goes; never otherwise. Each page has its own pace, lest a class asks all at once."""


def run_view(run_id: str, measure: Measure) -> None:
    """Show a run, and keep it up to date until it ends.

    Raises:
        LMCError: the run id is none.
    """
    live = not engine().snapshot(run_id, visitor()).ended
    st.fragment(_run, run_every=pace(visitor()) if live else None)(run_id, measure, live)


def pace(name: str) -> float:
    """Seconds between a visitor's questions, within `POLL_SECONDS`."""
    shortest, longest = POLL_SECONDS
    return shortest + (longest - shortest) * zlib.crc32(name.encode()) / 2**32


def _run(run_id: str, measure: Measure, live: bool) -> None:
    try:
        snapshot = engine().snapshot(run_id, visitor())
    except LMCError as fault:
        st.error(str(fault), icon=":material/error:")
        return
    if live and snapshot.ended:
        st.rerun()
    for notice in dict.fromkeys((*snapshot.notices, *snapshot.progress.notices)):
        st.info(notice, icon=":material/info:")
    run_head(snapshot, TWINS_WORDS)
    if snapshot.ended and snapshot.run is None and snapshot.progress.history.empty:
        return
    drawing = drawing_of(snapshot, measure)
    st.html(drawing.tiles)
    live_charts(drawing.board, "charts of a run")
    if snapshot.run is not None:
        details(snapshot.run)


def _stage(snapshot: Snapshot) -> str:
    epochs = snapshot.spec.epochs if snapshot.spec else 0
    return f"Training: epoch {min(snapshot.progress.epoch + 1, epochs)} of {epochs}"


def _aside(snapshot: Snapshot) -> str:
    unstable = len({fault.pair for fault in told_by_twins(snapshot).diverged})
    return f"{counted(unstable, 'pair')} diverged ({DIVERGED})." if unstable else ""


def _outcome(snapshot: Snapshot) -> str:
    if snapshot.run is None or not isinstance(snapshot.run.result, RunResult):
        return ""
    found = verdict(snapshot.run.result)
    return status(found.headline, found.sentence, found.connected, drawing=True)


TWINS_WORDS = Words("Train the twins", _stage, _aside, _outcome)
