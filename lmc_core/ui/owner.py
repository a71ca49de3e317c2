"""What only the one who started the server may do."""

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.ui.engine import engine

_TOKEN = "owner token"  # noqa: S105 - the key of a widget


def delete_button(run_ids: list[str]) -> None:
    """A way to delete runs, for whoever has the token that was printed when the server started."""
    with st.popover("Delete", icon=":material/delete:", disabled=not run_ids, key="delete"):
        st.markdown(f"Delete {len(run_ids)} {'run' if len(run_ids) == 1 else 'runs'} with all files? This cannot be undone.")
        st.text_input("Owner's token", type="password", key=_TOKEN, help="It was printed in the terminal when the app started.")
        st.button("Delete for good", type="primary", on_click=_delete, args=(run_ids,), key="delete now")


def _delete(run_ids: list[str]) -> None:
    token = str(st.session_state.get(_TOKEN, "")).strip()
    for run_id in run_ids:
        try:
            engine().delete(run_id, token)
        except LMCError as fault:
            st.error(str(fault), icon=":material/error:")
            return
    st.toast(f"{len(run_ids)} deleted.", icon=":material/delete:")
