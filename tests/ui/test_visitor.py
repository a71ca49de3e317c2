from http.cookies import SimpleCookie
from typing import Any

from anyio.from_thread import start_blocking_portal

from lmc_core.ui.visitor import COOKIE, VisitorCookie


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
