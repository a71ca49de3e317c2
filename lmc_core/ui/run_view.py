"""A run of twins on a page: live while it trains, with verdict, numbers and downloads once it is done."""

from functools import partial

import streamlit as st

from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import DIVERGED, counted
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.runs.results import RunResult
from lmc_core.ui.live_chart import live_charts
from lmc_core.ui.markup import status
from lmc_core.ui.run_details import details
from lmc_core.ui.run_drawing import drawing_of
from lmc_core.ui.run_head import Words, run_head
from lmc_core.ui.run_tiles import told_by_twins
from lmc_core.ui.verdict import verdict
from lmc_core.ui.watching import watch


def run_view(run_id: str, measure: Measure, drafted: str) -> None:
    """Show a run, and keep it up to date until it ends.

    Args:
        run_id: the run.
        measure: what its line and its barrier are measured in.
        drafted: the run that the controls describe.

    Raises:
        LMCError: the run id is none.
    """
    watch(run_id, partial(_run, measure=measure, drafted=drafted))


def _run(snapshot: Snapshot, measure: Measure, drafted: str) -> None:
    run_head(snapshot, TWINS_WORDS, drafted)
    if snapshot.ended and snapshot.run is None and snapshot.progress.history.empty:
        return
    drawing = drawing_of(snapshot, measure)
    live_charts(drawing.board, "charts of a run")
    st.html(drawing.tiles)
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
    found = verdict(snapshot.run.result, snapshot.run.spec.dataset)
    return status(found.headline, found.sentence, found.connected, drawing=found.connected is not None)


TWINS_WORDS = Words("Train the twins", _stage, _aside, _outcome)
