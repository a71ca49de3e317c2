"""Connections that ask for nothing."""

import asyncio
import socket
from typing import Any

import pytest
import uvicorn

from lmc_core.ui import idle_connections
from lmc_core.ui.idle_connections import close_idle_connections
from tests.ui.asgi import page


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> type[uvicorn.Config]:
    """uvicorn as it was before, once the test is over."""
    for protocol in idle_connections._protocols():
        monkeypatch.setattr(protocol, "connection_made", getattr(protocol.connection_made, "__wrapped__", protocol.connection_made))
    return uvicorn.Config


async def _answers(config: type[uvicorn.Config], said: list[bytes]) -> list[bytes]:
    """What each of some connections has received when the server has closed it, or after two seconds."""
    listening = socket.create_server(("127.0.0.1", 0))
    app: Any = page
    server = uvicorn.Server(config(app, log_level="critical", lifespan="off", timeout_keep_alive=60))
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)

    async def one(text: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(text)
        try:
            return await asyncio.wait_for(reader.read(), 2)
        except TimeoutError:
            return b"still open"
        finally:
            writer.close()

    found = await asyncio.gather(*map(one, said))
    server.should_exit = True
    await serving
    return list(found)


def test_connections_without_a_request_are_closed_and_others_stay(http: type[uvicorn.Config]) -> None:
    close_idle_connections(0.3)
    close_idle_connections(0.3)
    silent, half, whole = asyncio.run(_answers(http, [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"]))
    assert (silent, half) == (b"", b"")
    assert whole == b"still open"


def test_without_it_they_would_stay(http: type[uvicorn.Config]) -> None:
    assert asyncio.run(_answers(http, [b""])) == [b"still open"]
