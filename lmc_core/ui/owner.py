"""What only the one who started the server may do."""

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.figures.numbers import counted
from lmc_core.ui.engine import engine
from lmc_core.ui.plain_text import plain
from lmc_core.ui.visitor import address

_TOKEN = "owner token"  # noqa: S105 - the key of a widget
_ENTERED = "owner token entered"
_OWNER = "lmc.owner"


def owner_token() -> str | None:
    """The owner's token, if this visitor has entered it on the page of all runs and it is still the server's."""
    token: str | None = st.session_state.get(_OWNER)
    return token if token is not None and engine().is_owner(token) else None


def is_owner() -> bool:
    """Whether this visitor is the one who started the server, who may begin with a checkpoint in any folder."""
    return owner_token() is not None


def owner_entry() -> None:
    """A way to say that one has started the server, for as long as the page stays open."""
    if is_owner():
        st.button("Leave as owner", icon=":material/logout:", key="owner leaves", on_click=_leave)
        return
    with st.popover("Owner", icon=":material/key:", key="owner"):
        st.markdown("The owner may stop and delete any run, and name checkpoints in any folder of this machine.")
        st.text_input(
            "Owner's token", type="password", key=_ENTERED, on_change=_enter, help="It was printed in the terminal when the app started."
        )
        st.button("Enter", type="primary", key="owner enters")


def _enter() -> None:
    token = str(st.session_state.get(_ENTERED, "")).strip()
    try:
        engine().demand_owner(token, address())
    except LMCError as fault:
        st.error(plain(str(fault)), icon=":material/error:")
    else:
        st.session_state[_OWNER] = token


def _leave() -> None:
    st.session_state.pop(_OWNER, None)


def stop_button(run_ids: list[str]) -> None:
    """A way to stop runs that others want, for whoever has entered the owner's token."""
    if run_ids and is_owner():
        st.button("Stop for everybody", icon=":material/stop_circle:", on_click=_stop, args=(run_ids,), key="stop runs")


def _stop(run_ids: list[str]) -> None:
    token = owner_token()
    try:
        stopped = sum(engine().cancel(run_id, "owner", token) for run_id in run_ids)
    except LMCError as fault:
        st.error(plain(str(fault)), icon=":material/error:")
    else:
        st.toast(f"{counted(stopped, 'run')} stopped; what was done so far is kept.", icon=":material/stop_circle:")


def delete_button(run_ids: list[str]) -> None:
    """A way to delete runs, for whoever has the token that was printed when the server started."""
    with st.popover("Delete", icon=":material/delete:", disabled=not run_ids, key="delete"):
        st.markdown(f"Delete {len(run_ids)} {'run' if len(run_ids) == 1 else 'runs'} with all files? This cannot be undone.")
        if not is_owner():
            st.text_input("Owner's token", type="password", key=_TOKEN, help="It was printed in the terminal when the app started.")
        st.button("Delete for good", type="primary", on_click=_delete, args=(run_ids,), key="delete now")


def _delete(run_ids: list[str]) -> None:
    token = owner_token() or str(st.session_state.get(_TOKEN, "")).strip()
    for run_id in run_ids:
        try:
            engine().delete(run_id, token, address())
        except LMCError as fault:
            st.error(plain(fault), icon=":material/error:")
            return
    st.toast(f"{len(run_ids)} deleted.", icon=":material/delete:")
