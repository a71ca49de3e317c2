"""A run on a page: live while it trains, with verdict, numbers and downloads once it is done."""

import zlib

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import DIVERGED, about, counted
from lmc_core.jobs.snapshot import Snapshot, State
from lmc_core.spec import TwinsSpec
from lmc_core.ui.engine import engine
from lmc_core.ui.live_chart import live_charts
from lmc_core.ui.markup import heading, status, working
from lmc_core.ui.run_details import details
from lmc_core.ui.run_drawing import drawing_of
from lmc_core.ui.verdict import verdict
from lmc_core.ui.visitor import visitor
from lmc_core.ui.wording import subtitle_of, title_of

POLL_SECONDS = (0.4, 0.6)
"""How often a page asks how a run goes while it goes; never otherwise. Each page has its own pace, lest a class asks all at once."""

HEADINGS: dict[State, str] = {"done": "The result", "failed": "As far as it came", "cancelled": "As far as it came"}


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


def run_heading(run_id: str, draft: TwinsSpec, is_example: bool) -> None:
    """Say which run is shown, in words where it is not the experiment that the controls describe."""
    snapshot = engine().snapshot(run_id)
    if snapshot.spec is None:
        return
    title, more = title_of(snapshot.spec), subtitle_of(snapshot.spec)
    if is_example:
        st.html(heading("A finished run, shipped with the program", title, more))
    elif snapshot.spec == draft:
        st.html(heading(f"Run {run_id}", HEADINGS.get(snapshot.state, "Live")))
    else:
        st.html(heading("Other settings than the controls show", title, more))


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
    _head(snapshot)
    if snapshot.ended and snapshot.run is None and snapshot.progress.history.empty:
        return
    drawing = drawing_of(snapshot, measure)
    st.html(drawing.tiles)
    live_charts(drawing.board, "charts of a run")
    if snapshot.run is not None:
        details(snapshot.run)


def _head(snapshot: Snapshot) -> None:
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="run head"):
        with st.container():
            st.html(_status(snapshot))
        if snapshot.state in ("queued", "running") and st.button(
            "Stopping …" if snapshot.stopping else "Cancel", icon=":material/stop_circle:", disabled=snapshot.stopping, key="cancel"
        ):
            _cancel(snapshot.run_id)


def _status(snapshot: Snapshot) -> str:
    match snapshot.state:
        case "queued":
            return working("In the queue", _waiting(snapshot), None)
        case "running":
            return working(_stage(snapshot), _time_left(snapshot), snapshot.progress.fraction if snapshot.progress.started else None)
        case "failed":
            return status("Stopped by a fault", snapshot.error or "The run failed without saying why; the server's log has more.")
        case "cancelled":
            return status("Cancelled", "It was stopped before its end. Train the twins again to go on from where it stopped.")
        case "done" if snapshot.run is not None:
            found = verdict(snapshot.run.result)
            return status(found.headline, found.sentence, found.connected, drawing=True)
        case _:
            return status("Nothing here", f"Nobody has asked this server for run {snapshot.run_id}. Train the twins to make it.")


def _waiting(snapshot: Snapshot) -> str:
    before = (snapshot.queue_position or 1) - 1
    words = "It is the next to start" if before == 0 else f"{counted(before, 'turn')} before it"
    return words + (f", done in {about(snapshot.seconds_left)}." if snapshot.seconds_left is not None else ".")


def _stage(snapshot: Snapshot) -> str:
    if not snapshot.progress.started:
        return "Getting data and networks ready"
    epochs = snapshot.spec.epochs if snapshot.spec else 0
    return f"Training: epoch {min(snapshot.progress.epoch + 1, epochs)} of {epochs}"


def _time_left(snapshot: Snapshot) -> str:
    left = f"{about(snapshot.seconds_left).capitalize()} left." if snapshot.seconds_left is not None else "Time left is not known yet."
    unstable = len({fault.pair for fault in snapshot.progress.diverged})
    left += f" {counted(unstable, 'pair')} diverged ({DIVERGED})." if unstable else ""
    return left + (f" {snapshot.watchers} are watching." if snapshot.watchers > 1 else "")


def _cancel(run_id: str) -> None:
    try:
        stopping = engine().cancel(run_id, visitor())
    except LMCError as fault:
        st.error(str(fault), icon=":material/error:")
        return
    st.toast(
        "The run is being stopped; what it has done is kept." if stopping else "Others are watching this run, so it goes on.",
        icon=":material/stop_circle:" if stopping else ":material/group:",
    )
