"""Connections that ask for nothing: uvicorn keeps them for good until their first request, so that they could take all descriptors."""

import asyncio
import functools
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

FIRST_REQUEST_SECONDS = 15.0
"""A connection that has not asked for anything by then is closed."""


def close_idle_connections(seconds: float = FIRST_REQUEST_SECONDS) -> None:
    """From now on, let the server close connections without a first request; to be called once, before it listens."""
    for protocol in _protocols():
        _watch(protocol, seconds)


def _protocols() -> list[type[Any]]:
    """What uvicorn may read HTTP with: httptools only where that is installed."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return [H11Protocol]
    return [H11Protocol, HttpToolsProtocol]


def _watch(protocol: type[Any], seconds: float) -> None:
    made = protocol.connection_made
    if hasattr(made, "__wrapped__"):
        return

    @functools.wraps(made)
    def connection_made(self: Any, transport: asyncio.Transport) -> None:
        made(self, transport)
        self.loop.call_later(seconds, _close_if_idle, self, transport)

    protocol.connection_made = connection_made


def _close_if_idle(connection: Any, transport: asyncio.Transport) -> None:
    """Close a connection that has had no request and has not become a websocket, which has a protocol of its own."""
    if connection.cycle is None and transport.get_protocol() is connection and not transport.is_closing():
        transport.close()
