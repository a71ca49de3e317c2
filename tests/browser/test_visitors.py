"""Whom the server takes a visitor for, asked over real connections."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.browser.server import Server, serving

pytestmark = pytest.mark.browser

PROXY = "127.0.0.2"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for three pages of one address, and a proxy of its owner's."""
    with serving(tmp_path_factory.mktemp("small") / "cache", LMC_MAX_PAGES_PER_ADDRESS="3", LMC_TRUSTED_PROXIES=PROXY) as started:
        yield started


def opened(server: Server, forwarded: str, peer: str = "127.0.0.1") -> ClientConnection:
    """A page's connection from an address of this machine that says for whom it comes."""
    host, port = urlsplit(server.address).hostname, urlsplit(server.address).port
    connection = socket.create_connection((host, port), source_address=(peer, 0))
    address = f"ws://{host}:{port}/_stcore/stream"
    return connect(address, sock=connection, additional_headers={"X-Forwarded-For": forwarded}, subprotocols=["streamlit"])


def test_a_header_makes_one_visitor_many_only_where_the_owner_trusts_who_sends_it(small: Server) -> None:
    with ExitStack() as stack:
        for place in range(3):
            stack.enter_context(opened(small, f"10.0.0.{place}"))
        with pytest.raises(InvalidStatus, match="403"):
            opened(small, "10.0.0.9")
        for place in range(4):
            stack.enter_context(opened(small, f"10.0.1.{place}", PROXY))
