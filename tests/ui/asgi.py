"""Asking an ASGI app in a test, without a server."""

import asyncio
from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]


async def nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def scope_of(kind: str = "http", path: str = "/", method: str = "GET", host: str = "10.0.0.7", **headers: str) -> Message:
    """A request, or with the kind `websocket` a connection; an underscore in a header's name stands for a dash."""
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return {"type": kind, "path": path, "method": method, "client": (host, 5_000), "headers": named, "scheme": "http"}


def ask(app: Any, scope: Message) -> tuple[int, Mapping[str, str], str]:
    """Status, headers and text of the answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, nothing, send))
    headers = {name.decode(): value.decode() for name, value in sent[0].get("headers", [])}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent).decode()


async def page(scope: Message, receive: Any, send: Any) -> None:
    """An app whose every page says from where it was asked."""
    client = scope["client"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": (client[0] if client else "nowhere").encode()})
