from http.cookies import SimpleCookie
from typing import Any

import pytest
import streamlit as st
from anyio.from_thread import start_blocking_portal

from lmc_core.ui.visitor import COOKIE, VisitorCookie, visitor


def visit(cookie: str = "", destination: str = "document") -> str | None:
    """Ask for a page through the middleware; the name that the answer gives the browser."""
    headers = [(b"sec-fetch-dest", destination.encode())] + ([(b"cookie", cookie.encode())] if cookie else [])
    answers: list[Any] = []

    async def page(_: object, __: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        answers.append(message)

    with start_blocking_portal() as portal:
        portal.call(VisitorCookie(page), {"type": "http", "headers": headers}, receive, send)
    given = dict(answers[0]["headers"]).get(b"set-cookie")
    if given is None:
        return None
    jar = SimpleCookie(given.decode())
    assert jar[COOKIE]["httponly"]
    assert jar[COOKIE]["samesite"] == "Lax"
    return jar[COOKIE].value


def test_a_new_browser_gets_a_name_that_it_keeps() -> None:
    name = visit()
    assert name
    assert visit(f"other=1; {COOKIE}={name}") is None


def test_two_browsers_get_different_names() -> None:
    assert visit() != visit()


def test_a_name_that_was_not_given_here_is_replaced() -> None:
    assert visit(f"{COOKIE}=../../x")


def test_requests_for_files_do_not_rename_the_browser() -> None:
    assert visit(destination="script") is None


class Context:
    """What Streamlit knows of a visit."""

    def __init__(self, address: str | None, cookie: str = "") -> None:
        self.ip_address = address
        self.cookies = {COOKIE: cookie} if cookie else {}


def named(monkeypatch: pytest.MonkeyPatch, address: str | None, cookie: str = "") -> str:
    monkeypatch.setattr(st, "context", Context(address, cookie))
    return visitor()


def test_thirty_pupils_behind_one_address_are_thirty_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len({named(monkeypatch, "10.0.0.1", f"pupil{place:02}".ljust(22, "0")) for place in range(30)}) == 30


def test_a_visitor_is_the_same_from_another_address_and_no_other_is_by_coming_from_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, yours = "mine".ljust(22, "0"), "yours".ljust(22, "0")
    assert named(monkeypatch, "10.0.0.1", mine) == named(monkeypatch, "10.0.0.2", mine) == named(monkeypatch, None, mine)
    assert named(monkeypatch, "10.0.0.1", yours) != named(monkeypatch, "10.0.0.1", mine)


def test_what_is_written_down_of_a_visitor_is_not_what_their_browser_says(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = "secret".ljust(22, "0")
    assert cookie not in named(monkeypatch, None, cookie)
