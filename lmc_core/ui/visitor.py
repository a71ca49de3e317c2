"""Who looks at a page: what turns, limits and cancelling count by."""

import hashlib
import re
import secrets
import uuid
from typing import TYPE_CHECKING

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "lmc_visitor"
YEAR_SECONDS = 365 * 24 * 3600
_KEY = "lmc.visitor"
_OURS = re.compile(r"[\w-]{22}")


def visitor() -> str:
    """A name for this visitor that is the same in all tabs and after a reload.

    In a room it is the address of the visitor's machine, so that more tabs or browsers give nobody more turns. On this machine
    itself, where all share an address, it is the browser.
    """
    address, cookie = st.context.ip_address, st.context.cookies.get(COOKIE)
    if address:
        return f"at {address}"
    if cookie:
        return "browser " + hashlib.sha256(cookie.encode()).hexdigest()[:16]
    return str(st.session_state.setdefault(_KEY, f"session {uuid.uuid4().hex[:16]}"))


class VisitorCookie:
    """Gives each new browser a random name, as a cookie that no script can read and no other site gets."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer as the app does, with the cookie added where the browser has none."""
        if scope["type"] != "http" or _has_name(scope):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: "Message") -> None:
            if message["type"] == "http.response.start":
                value = f"{COOKIE}={secrets.token_urlsafe(16)}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax"
                MutableHeaders(scope=message).append("set-cookie", value)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _has_name(scope: "Scope") -> bool:
    """Whether the request carries the cookie, or is not for a page, so that parallel requests for files do not rename the browser."""
    if dict(scope["headers"]).get(b"sec-fetch-dest", b"document") != b"document":
        return True
    sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"), "")
    return _OURS.fullmatch(cookie_parser(sent).get(COOKIE, "")) is not None
