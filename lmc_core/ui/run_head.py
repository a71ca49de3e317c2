"""What stands above a run of any kind: where it stands in a sentence, how long it still takes, and a way to stop it."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment
from lmc_core.figures.numbers import about, counted
from lmc_core.jobs.snapshot import Snapshot, State
from lmc_core.ui.engine import engine
from lmc_core.ui.markup import heading, status, working
from lmc_core.ui.owner import owner_token
from lmc_core.ui.plain_text import plain
from lmc_core.ui.visitor import visitor
from lmc_core.ui.wording import in_words, subtitle_of, title_of

HEADINGS: dict[State, str] = {"done": "The result", "failed": "As far as it came", "cancelled": "As far as it came"}

SHIPPED = "These results come with the app"


@dataclass(frozen=True)
class Words:
    """What a kind of runs has to say of itself."""

    again: str
    """What the button that starts one says."""
    stage: Callable[[Snapshot], str]
    """What it does at the moment."""
    aside: Callable[[Snapshot], str]
    """What else there is to say while it trains; empty if nothing."""
    outcome: Callable[[Snapshot], str]
    """The verdict on a finished one, as HTML."""


def run_heading(run_id: str, draft: Experiment, is_example: bool) -> None:
    """Say which run is shown, in words where it is not the experiment that the controls describe."""
    snapshot = engine().snapshot(run_id)
    if snapshot.spec is None:
        return
    if snapshot.spec == draft:
        shipped = snapshot.run is not None and snapshot.run.shipped
        st.html(heading(f"Run {run_id} · {SHIPPED if shipped else _so_far(snapshot)}"))
    else:
        kicker = "Example, not your settings" if is_example else "This run has other settings than the controls"
        st.html(heading(kicker, title_of(snapshot.spec), subtitle_of(snapshot.spec)))


def _so_far(snapshot: Snapshot) -> str:
    never = snapshot.state == "cancelled" and not snapshot.progress.started
    return "Cancelled" if never else HEADINGS.get(snapshot.state, "Live")


def run_head(snapshot: Snapshot, words: Words, drafted: str = "") -> None:
    """Where the run stands, with a button that cancels it while it can be; arguments as of `run_status`."""
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="run head"):
        with st.container():
            st.html(run_status(snapshot, words, drafted))
        if snapshot.state in ("queued", "running") and st.button(
            "Stopping …" if snapshot.stopping else "Cancel", icon=":material/stop_circle:", disabled=snapshot.stopping, key="cancel"
        ):
            _cancel(snapshot.run_id)


def run_status(snapshot: Snapshot, words: Words, drafted: str = "") -> str:
    """Where the run stands, as HTML.

    Args:
        snapshot: the run.
        words: of its kind.
        drafted: the run that the controls describe; empty where nothing is said about it.
    """
    match snapshot.state:
        case "queued" if snapshot.paused:
            return working("Paused for a shorter run", _going_on(snapshot), snapshot.progress.fraction)
        case "queued":
            return working("In the queue", _waiting(snapshot), None)
        case "running" if not snapshot.progress.started:
            return working("Getting data and networks ready", _time_left(snapshot, ""), None)
        case "running":
            return working(words.stage(snapshot), _time_left(snapshot, words.aside(snapshot)), snapshot.progress.fraction)
        case "failed":
            return status("Stopped by a fault", in_words(snapshot.error or "The run failed without saying why; the server's log has more."))
        case "cancelled":
            return status("Cancelled", _cancelled(snapshot, words))
        case "done" if snapshot.run is not None:
            return words.outcome(snapshot)
        case _:
            return status("No such run yet", f"This server has no run {snapshot.run_id}. {_make(snapshot.run_id, words, drafted)}")


def _cancelled(snapshot: Snapshot, words: Words) -> str:
    if not snapshot.progress.started:
        return f"It was cancelled before it started, so there is nothing to show. {words.again} to queue it again."
    return f"It was stopped before its end. {words.again} again to go on from where it stopped."


def _make(run_id: str, words: Words, drafted: str) -> str:
    if not drafted or drafted == run_id:
        return f"{words.again} to make it."
    return f"The settings on this page are those of another run, {drafted}, so a click on the button trains that one."


def _waiting(snapshot: Snapshot) -> str:
    before = (snapshot.queue_position or 1) - 1
    words = "It is the next to start" if before == 0 else f"{counted(before, 'turn')} before it"
    return words + (f", done in {about(snapshot.seconds_left)}." if snapshot.seconds_left is not None else ".")


def _going_on(snapshot: Snapshot) -> str:
    end = f", and is done in {about(snapshot.seconds_left)}" if snapshot.seconds_left is not None else ""
    return f"It goes on by itself from where it stopped{end}."


def _time_left(snapshot: Snapshot, aside: str) -> str:
    left = f"{about(snapshot.seconds_left).capitalize()} left." if snapshot.seconds_left is not None else "Time left is not known yet."
    left += f" {aside}" if aside else ""
    return left + (f" {snapshot.watchers} visitors asked for it or watch it." if snapshot.watchers > 1 else "")


def _cancel(run_id: str) -> None:
    try:
        stopping = engine().cancel(run_id, visitor(), owner_token())
    except LMCError as fault:
        st.error(plain(fault), icon=":material/error:")
        return
    st.toast(
        "The run is being stopped; what it has done is kept." if stopping else "Another visitor wants this run too, so it goes on.",
        icon=":material/stop_circle:" if stopping else ":material/group:",
    )
