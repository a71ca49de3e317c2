import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lmc_core.settings import Settings
from lmc_core.ui import open_pages
from lmc_core.ui.open_pages import OpenPages, make_room
from lmc_core.ui.visitor import COOKIE
from tests.ui.asgi import ask, nothing, page, scope_of


def pages(room: int = 1_000, **bounds: int) -> OpenPages:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await page(scope, receive, send)
            return
        await send({"type": "websocket.accept"})
        await receive()

    return OpenPages(app, Settings(Path(), Path(), **bounds), room)  # type: ignore[arg-type]


@asynccontextmanager
async def opened(app: OpenPages, host: str, name: str = "") -> AsyncIterator[dict[str, Any]]:
    """A page that stays open meanwhile, of a browser with a name if it has one; yields what the server said first."""
    closed, said = asyncio.Event(), asyncio.Queue[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        if said.empty():
            return {"type": "websocket.connect"}
        await closed.wait()
        return {"type": "websocket.disconnect"}

    cookie = {"cookie": f"{COOKIE}={name:0<22}"} if name else {}
    connection = asyncio.create_task(app(scope_of("websocket", host=host, **cookie), receive, said.put))  # type: ignore[arg-type]
    first = await said.get()
    await said.put(first)
    yield first
    closed.set()
    await connection


async def outcomes(app: OpenPages, visits: list[tuple[str, str]]) -> list[str]:
    """What comes of pages that are opened one after the other and stay open."""
    async with AsyncExitStack() as stack:
        return [(await stack.enter_async_context(opened(app, host, name)))["type"].rpartition(".")[2] for host, name in visits]


def test_a_browser_has_so_many_pages_and_others_have_theirs() -> None:
    visits = [("10.0.0.1", "me")] * 3 + [("10.0.0.1", "you")]
    assert asyncio.run(outcomes(pages(max_pages=2), visits)) == ["accept", "accept", "close", "accept"]


def test_whoever_throws_the_cookie_away_is_bounded_by_the_address() -> None:
    visits = [("10.0.0.1", "")] * 4 + [("10.0.0.2", "")]
    found = asyncio.run(outcomes(pages(max_pages=2, max_pages_per_address=3), visits))
    assert found == ["accept", "accept", "accept", "close", "accept"]


def test_248_connections_of_one_visitor_lock_nobody_out_however_few_descriptors_there_are() -> None:
    room = (1_024 - open_pages.OTHER_DESCRIPTORS) // open_pages.DESCRIPTORS_OF_A_PAGE
    visits = [("10.0.0.1", f"{place:03}") for place in range(248)] + [("10.0.0.2", f"pupil{place:02}") for place in range(60)]
    found = asyncio.run(outcomes(pages(room), visits))
    assert found[248:] == ["accept"] * 60
    assert found[:248].count("accept") == room // 2


def test_sixty_browsers_of_a_class_have_room_behind_one_address() -> None:
    found = asyncio.run(outcomes(pages(), [("10.0.0.1", f"pupil{place:02}") for place in range(60)] * 2))
    assert found == ["accept"] * 120


def test_a_page_that_is_closed_makes_room() -> None:
    app = pages(max_pages=1)

    async def one_after_the_other() -> list[str]:
        return [found for _ in range(3) for found in await outcomes(app, [("10.0.0.1", "me")])]

    assert asyncio.run(one_after_the_other()) == ["accept"] * 3


def test_who_opens_a_page_too_many_reads_why() -> None:
    app = pages(max_pages=1)

    async def open_two() -> tuple[int, str]:
        async with opened(app, "10.0.0.1", "me"):
            visit = scope_of(host="10.0.0.1", cookie=f"{COOKIE}={'me':0<22}", sec_fetch_dest="document")
            status, _, text = await asyncio.to_thread(ask, app, visit)
            health, _, _ = await asyncio.to_thread(ask, app, scope_of(host="10.0.0.1", path="/_stcore/health"))
            assert health == 200
            return status, text

    sentence = "You have 1 pages of this app open, and 1 is the most for one browser (LMC_MAX_PAGES); close some and try again."
    assert asyncio.run(open_two()) == (503, sentence)


def test_the_limit_of_descriptors_is_raised_as_far_as_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1_024, 4_096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: kept.append(limits))
    assert make_room() == (4_096 - open_pages.OTHER_DESCRIPTORS) // open_pages.DESCRIPTORS_OF_A_PAGE
    assert kept == [(4_096, 4_096)]


def test_connections_without_a_cookie_leave_room_for_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_pages, "NAMELESS", 2)
    visits = [("10.0.0.1", "")] * 3 + [("10.0.0.1", "me"), ("10.0.0.2", "")]
    assert asyncio.run(outcomes(pages(), visits)) == ["accept", "accept", "close", "accept", "accept"]


def test_a_first_visit_which_has_no_cookie_yet_is_never_refused_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_pages, "NAMELESS", 1)

    async def visit() -> list[int]:
        app, sent = pages(), []

        async def send(message: Any) -> None:
            sent.append(message)

        async with opened(app, "10.0.0.1"), opened(app, "10.0.0.1"):
            await app(scope_of(host="10.0.0.1", sec_fetch_dest="document"), nothing, send)
        return [message["status"] for message in sent if "status" in message]

    assert asyncio.run(visit()) == [200]


def test_a_connection_that_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_pages, "FIRST_WORD_SECONDS", 0.05)
    heard: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            heard.append(message["type"])

    async def connect() -> None:
        waiting = asyncio.Event()
        first = True

        async def receive() -> dict[str, Any]:
            nonlocal first
            if first:
                first = False
                return {"type": "websocket.connect"}
            await waiting.wait()
            raise AssertionError

        async def send(message: Any) -> None:
            return

        await asyncio.wait_for(OpenPages(app, Settings(Path(), Path()), 100)(scope_of("websocket"), receive, send), 5)

    asyncio.run(connect())
    assert heard == ["websocket.connect"]
