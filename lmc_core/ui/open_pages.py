"""How many pages are open at a time: so many for a browser, for an address and for this server, so that nobody locks others out."""

import asyncio
import resource
from collections import Counter
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from lmc_core.settings import Settings
from lmc_core.ui.peer import address_of
from lmc_core.ui.uploads import forget_files_of_closed_pages
from lmc_core.ui.visitor import browser_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DESCRIPTORS = 65_536
"""So many are asked for; the system may allow fewer."""
DESCRIPTORS_OF_A_PAGE = 4
"""Its connection, and three of the event loop that Streamlit gives a session."""
OTHER_DESCRIPTORS = 256
"""For files, the journal, workers, and requests for files."""
TRY_AGAIN_LATER = 1013
NAMELESS = 20
"""Pages of one address whose browsers keep no cookie: all of them together are one browser."""
FIRST_WORD_SECONDS = 20.0
"""A connection that has not asked for a page by then is closed."""


def make_room() -> int:
    """Raise this process's limit of descriptors as far as the system allows; the number of pages for which they suffice."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    free = (DESCRIPTORS if soft == resource.RLIM_INFINITY else soft) - OTHER_DESCRIPTORS
    return max(1, free // DESCRIPTORS_OF_A_PAGE)


class OpenPages:
    """Lets a page be opened where there is room for it, and says so in a sentence where there is none.

    Args:
        app: what is served.
        settings: the bounds.
        room: pages for which this process has descriptors; one address takes half of them at most.
    """

    def __init__(self, app: "ASGIApp", settings: Settings, room: int) -> None:
        self._app = app
        self._of_browser = settings.max_pages
        self._of_address = min(settings.max_pages_per_address, max(1, room // 2))
        self._room = room
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer as the app does; a page too many gets a status of 503, and no connection."""
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        elif scope["type"] == "http" and _is_opened(scope) and (refusal := self._refusal(scope)):
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"10")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": refusal.encode()})
        else:
            await self._app(scope, receive, send)

    async def _connect(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        browser, address, everybody = _names(scope)
        refusal = self._refusal(scope)
        if browser is None and self._open[f"nameless {address}"] >= NAMELESS:
            refusal = refusal or f"From your network {NAMELESS} pages without a cookie are open, which is the most; reload the page."
        if refusal:
            await receive()
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": refusal})
            return
        names = [browser or f"nameless {address}", address, everybody]
        self._open.update(names)
        try:
            await self._app(scope, _impatient(receive), send)
        finally:
            self._open.subtract(names)
            for name in names:
                if not self._open[name]:
                    del self._open[name]
            forget_files_of_closed_pages()

    def _refusal(self, scope: "Scope") -> str | None:
        """The sentence that says why one more page cannot be opened; None if it can."""
        browser, address, everybody = _names(scope)
        if self._open[everybody] >= self._room:
            return "This server has as many pages open as it can; try again in a moment."
        if self._open[address] >= self._of_address:
            return (
                f"From your network {self._open[address]} pages of this app are open, and {self._of_address} is the most "
                "(LMC_MAX_PAGES_PER_ADDRESS); close some and try again."
            )
        if browser and self._open[browser] >= self._of_browser:
            return (
                f"You have {self._open[browser]} pages of this app open, and {self._of_browser} is the most for one browser "
                "(LMC_MAX_PAGES); close some and try again."
            )
        return None


def _impatient(receive: "Receive") -> "Receive":
    """What is received, and the end of a connection that says nothing for long after it was made."""
    heard = False

    async def receive_soon() -> "Message":
        nonlocal heard
        if heard:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), FIRST_WORD_SECONDS)
        except TimeoutError:
            return {"type": "websocket.disconnect", "code": TRY_AGAIN_LATER}
        heard = message["type"] == "websocket.receive"
        return message

    return receive_soon


def _is_opened(scope: "Scope") -> bool:
    """Whether a browser asks for a page, which then connects; not a program that asks how the server is."""
    return Headers(scope=scope).get("sec-fetch-dest") == "document"


def _names(scope: "Scope") -> tuple[str | None, str, str]:
    """Under what a page counts: its browser, its address, all."""
    client = scope.get("client")
    return browser_of(scope), f"at {address_of(client[0] if client else None)}", "all"
