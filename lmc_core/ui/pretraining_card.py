"""A study whose checkpoints are still to be made: what both stages will take, and the button that starts them."""

from collections.abc import Sequence

import streamlit as st

from lmc_core.checkpoints.naming import models_folder
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.numbers import counted, percent
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.runs.results import RunResult
from lmc_core.sweeps.sweep import Cell
from lmc_core.ui.asking import ask_for, ask_for_all
from lmc_core.ui.cells_card import costs
from lmc_core.ui.engine import engine
from lmc_core.ui.markup import experiment, status, working
from lmc_core.ui.open_run import go_to_run
from lmc_core.ui.plain_text import plain
from lmc_core.ui.visitor import visitor
from lmc_core.ui.watching import watch
from lmc_core.ui.wording import data_in_words, in_words

_REFUSAL = "lmc.refusal of pretraining"
_THEN = "lmc.twins after pretraining"
"""The pretraining after which this visitor wants the twins trained, too."""


def pretraining_card(title: str, more: str, pretraining: TwinsSpec, cells: Sequence[Cell], fault: str | None) -> None:
    """Both stages in words with their cost, and the button that starts the first; the page goes on with the second by itself.

    Args:
        title: what is trained.
        more: what the twins share.
        pretraining: the run that makes the checkpoints.
        cells: the runs of twins after it.
        fault: why it cannot be started.
    """
    with st.container(border=True, key="experiment"):
        words, action = st.columns([7, 2], vertical_alignment="center", gap="medium")
        with words:
            st.html(experiment(title, more, costs([pretraining, *(cell.spec for cell in cells)])))
        with action:
            fault = _button(pretraining, cells, fault)
        if fault is not None:
            st.error(plain(fault), icon=":material/error:")


def pretraining_view(pretraining: TwinsSpec) -> None:
    """Show how far the pretraining is, until its checkpoints are there."""

    def show(snapshot: Snapshot) -> None:
        if snapshot.state in ("queued", "running"):
            st.html(working("Stage 1 of 2: pretraining", *_how_far(snapshot, pretraining)))
        elif snapshot.state == "failed":
            st.error(plain(snapshot.error or "The pretraining failed."), icon=":material/error:")
        elif _is_done_here(snapshot):
            gone = "The pretraining is done, but its checkpoints are gone. They are written again from the run before the twins begin."
            st.html(status("Nothing trained yet", gone))
        else:
            words = (
                f"One network is first pretrained on {data_in_words(pretraining)} and saved at each stage. Twins begin with each of them."
            )
            st.html(status("Nothing trained yet", words))

    watch(pretraining.run_id, show)
    if not engine().snapshot(pretraining.run_id).ended:
        _way_to(pretraining, "Watch it")


def pretrained_by(pretraining: TwinsSpec) -> None:
    """Say which run made the checkpoints, with a way to it."""
    snapshot = engine().snapshot(pretraining.run_id)
    if snapshot.run is None or not isinstance(snapshot.run.result, RunResult):
        return
    accuracy = snapshot.run.result.summary.test.accuracy.mean
    reached = f", test accuracy {percent(accuracy, 1)}" if accuracy is not None else ""
    there = (
        f"Its checkpoints are in the models' folder under `{pretraining.run_id}`."
        if (models_folder(engine().settings.data_dir) / pretraining.run_id).is_dir()
        else "Its checkpoints are not on this machine; its twins are known by the hash of its weights."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Pretrained on {data_in_words(pretraining)} for {counted(pretraining.epochs, 'epoch')}{reached}. {there}")
        _way_to(pretraining, "Open the pretraining")


def _way_to(pretraining: TwinsSpec, words: str) -> None:
    if st.button(words, key="open pretraining", type="tertiary", icon=":material/open_in_new:"):
        go_to_run(pretraining, pretraining.run_id)


def go_on(pretraining: TwinsSpec, cells: Sequence[Cell]) -> str | None:
    """Have the twins trained if this visitor asked for both stages and the first is done; the sentence with which that is refused."""
    if st.session_state.get(_THEN) != pretraining.run_id:
        return None
    st.session_state.pop(_THEN)
    try:
        ask_for_all([cell.spec for cell in cells])
    except LMCError as fault:
        return in_words(fault)
    return None


def _button(pretraining: TwinsSpec, cells: Sequence[Cell], fault: str | None) -> str | None:
    snapshot = engine().snapshot(pretraining.run_id)
    if snapshot.state in ("queued", "running"):
        st.button("Stop", icon=":material/stop_circle:", key="stop", width="stretch", on_click=_stop, args=(pretraining.run_id,))
        return fault
    refused = st.session_state.pop(_REFUSAL, None)  # told once
    fault = fault or refused
    fault = fault or engine().refusal_all([pretraining, *(cell.spec for cell in cells)])
    first = "Write the checkpoints again" if _is_done_here(snapshot) else "Pretrain"
    label = f"{first}, then {counted(len(cells), 'cell')}"
    pressed = st.button(label, type="primary", icon=":material/play_arrow:", key="start", disabled=fault is not None, width="stretch")
    if pressed and fault is None:
        _start(pretraining)
        st.rerun()
    return fault


def _is_done_here(snapshot: Snapshot) -> bool:
    """Whether the checkpoints can be written from the run; one that ships has no weights."""
    return snapshot.run is not None and not snapshot.run.shipped


def _how_far(snapshot: Snapshot, pretraining: TwinsSpec) -> tuple[str, float | None]:
    if snapshot.state == "queued":
        return "It waits for its turn.", None
    epoch = snapshot.progress.epoch
    return f"{epoch} of {counted(pretraining.epochs, 'epoch')}; the twins come after it.", epoch / pretraining.epochs


def _start(pretraining: TwinsSpec) -> None:
    try:
        ask_for(pretraining)
        st.session_state[_THEN] = pretraining.run_id
    except LMCError as fault:
        st.session_state[_REFUSAL] = in_words(fault)


def _stop(run_id: str) -> None:
    st.session_state.pop(_THEN, None)
    engine().cancel(run_id, visitor())
