"""What a list of cells is and will cost, and the button that starts or stops all of them."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lmc_core.data.presence import is_present
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.numbers import about, count, size
from lmc_core.jobs.cells import CellState
from lmc_core.sweeps.sweep import Cell
from lmc_core.ui.asking import ask_for_all
from lmc_core.ui.engine import engine
from lmc_core.ui.markup import experiment
from lmc_core.ui.plain_text import plain
from lmc_core.ui.visitor import visitor
from lmc_core.ui.wording import in_words

_REFUSAL = "lmc.refusal of cells"


def cells_card(title: str, more: str, cells: Sequence[Cell], fault: str | None = None) -> None:
    """The cells in words with their cost, and the button, or the sentence that says why they cannot start.

    Args:
        title: what the cells are.
        more: what they share.
        cells: none where the controls describe none.
        fault: why they describe none.
    """
    specs = [cell.spec for cell in cells]
    states = engine().states([spec.run_id for spec in specs])
    with st.container(border=True, key="experiment"):
        words, action = st.columns([7, 2], vertical_alignment="center", gap="medium")
        with words:
            st.html(experiment(title, more, costs(specs)))
        with action:
            fault = _button(specs, states, fault)
        if fault is not None:
            st.error(plain(fault), icon=":material/error:")


def costs(specs: Sequence[TwinsSpec]) -> dict[str, str]:
    """What the cells will take on this machine, as words for each quantity; what is done takes nothing."""
    if not specs:
        return {}
    cost = engine().estimate_all(specs)
    done = cost.cells - cost.to_train
    state = f", {done} of them done" if 0 < done < cost.cells else ", all done" if done > 1 else ", done" if done else ""
    words = {f"{'cell' if cost.cells == 1 else 'cells'}{state}": count(cost.cells)}
    if cost.to_train:
        words |= {
            "networks to train": count(cost.networks),
            "parameters in all of them": count(cost.parameters),
            "on this machine": about(cost.seconds),
            "of memory": size(cost.memory_bytes),
        }
        absent = {spec.dataset for spec in specs if not is_present(spec.dataset, engine().settings.data_dir)}
        words |= {f"{CATALOG[name].title} is downloaded first": "↓" for name in sorted(absent)}
    return words


def _button(specs: Sequence[TwinsSpec], states: Mapping[str, CellState], fault: str | None) -> str | None:
    """The button that starts or stops the cells; returns why it cannot be pressed."""
    if going := [run_id for run_id, state in states.items() if not state.ended]:
        stopping = all(states[run_id].stopping for run_id in going)
        label, icon = ("Stopping …" if stopping else "Stop all"), ":material/stop_circle:"
        st.button(label, icon=icon, key="stop", disabled=stopping, width="stretch", on_click=_stop, args=(going,))
        return fault
    left = sum(state.state != "done" for state in states.values())
    refused = st.session_state.pop(_REFUSAL, None)  # told once
    fault = fault or refused or (engine().refusal_all(specs) if left else None)
    label, icon = _face(left, len(states))
    still = fault is not None or not left
    if st.button(label, type="primary", icon=icon, key="start", disabled=still, width="stretch") and not still:
        _start(specs)  # what the controls are set to now; a callback would have what they were set to before
        st.rerun()
    return fault


def _face(left: int, cells: int) -> tuple[str, str]:
    if not left:
        return ("All cells are done", ":material/check:") if cells else ("Train", ":material/play_arrow:")
    rest = "all" if left == cells else f"the other {left}"
    return f"Train {rest}" + (f" {cells} cells" if left == cells and cells > 1 else ""), ":material/play_arrow:"


def _start(specs: Sequence[TwinsSpec]) -> None:
    try:
        ask_for_all(specs)
    except LMCError as fault:
        st.session_state[_REFUSAL] = in_words(fault)


def _stop(run_ids: Sequence[str]) -> None:
    try:
        stopped = engine().cancel_all(run_ids, visitor())
    except LMCError as fault:
        st.error(plain(fault), icon=":material/error:")
        return
    words = "The cells are being stopped; what they have done is kept." if stopped else "Others are watching these cells, so they go on."
    st.toast(words, icon=":material/stop_circle:" if stopped else ":material/group:")
