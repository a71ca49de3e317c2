"""Who looks at a page: what turns, limits and cancelling count by."""

import hashlib
import uuid

import streamlit as st

_KEY = "lmc.visitor"
_COOKIE = "_streamlit_xsrf"


def visitor() -> str:
    """A name for this visitor that is the same in all tabs and after a reload.

    In a room it is the address of the visitor's machine, so that more tabs give nobody more turns. On this machine itself, where all
    share an address, it is the browser.
    """
    address, cookie = st.context.ip_address, st.context.cookies.get(_COOKIE)
    if address:
        return f"at {address}"
    if cookie:
        return "browser " + hashlib.sha256(cookie.encode()).hexdigest()[:16]
    return str(st.session_state.setdefault(_KEY, f"session {uuid.uuid4().hex[:16]}"))
