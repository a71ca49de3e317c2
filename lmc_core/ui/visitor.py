"""Who looks at a page: what turns, limits and cancelling count by."""

import hashlib
import re
import secrets
import uuid
from typing import TYPE_CHECKING

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser

from lmc_core.ui.peer import address_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "lmc_visitor"
YEAR_SECONDS = 365 * 24 * 3600
_KEY = "lmc.visitor"
_OURS = re.compile(r"[\w-]{22}", re.ASCII)


def visitor() -> str:
    """A name for this visitor that is the same in all tabs and after a reload: their browser, which nobody else can name.

    An address is nobody's own: a class shares one behind a router, and programs on this machine share another.
    """
    cookie = str(st.context.cookies.get(COOKIE))
    if _OURS.fullmatch(cookie):
        return _name_of(cookie)
    return str(st.session_state.setdefault(_KEY, f"session {uuid.uuid4().hex[:16]}"))


def address() -> str:
    """The address that this visitor comes from, by which visitors are bounded together, lest one be many."""
    host = st.context.ip_address
    return address_of(str(host) if host else None)


def browser_of(scope: "Scope") -> str | None:
    """The name of the browser that a request comes from; None if it has none yet."""
    cookie = _cookie(scope)
    return _name_of(cookie) if _OURS.fullmatch(cookie) else None


def is_for_a_page(scope: "Scope") -> bool:
    """Whether a request is for a page and not for one of its files."""
    return Headers(scope=scope).get("sec-fetch-dest", "document") == "document"


class VisitorCookie:
    """Gives each new browser a random name, as a cookie that no script can read and no other site gets."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer as the app does, with the cookie added where the browser has none."""
        if scope["type"] != "http" or not is_for_a_page(scope) or browser_of(scope):  # files come in parallel: they would rename it
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: "Message") -> None:
            if message["type"] == "http.response.start":
                value = f"{COOKIE}={secrets.token_urlsafe(16)}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax"
                MutableHeaders(scope=message).append("set-cookie", value)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _name_of(cookie: str) -> str:
    """What is written down of a browser: who reads it cannot pass for the browser."""
    return "browser " + hashlib.sha256(cookie.encode()).hexdigest()[:16]


def _cookie(scope: "Scope") -> str:
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")
