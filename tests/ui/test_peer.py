import asyncio
from typing import Any

import pytest

from lmc_core.ui.peer import THIS_MACHINE, TruePeer, address_of
from tests.ui.asgi import nothing, page, scope_of


class Connection:
    """What uvicorn hands to the app, as far as it matters: `receive` belongs to an object with the transport."""

    def __init__(self, peer: str) -> None:
        self.transport = self
        self._peer = peer

    def get_extra_info(self, name: str) -> tuple[str, int]:
        assert name == "peername"
        return self._peer, 6_000

    async def receive(self) -> dict[str, Any]:
        return await nothing()


def seen_from(peer: str, trusted: tuple[str, ...], **headers: str) -> str:
    """The address that the app is told; the server has already believed the header, as uvicorn does for this machine."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = scope_of(host=headers.get("x_forwarded_for", peer), **headers)
    asyncio.run(TruePeer(page, trusted)(scope, Connection(peer).receive, send))
    return str(sent[1]["body"].decode())


def test_a_program_on_this_machine_cannot_pass_for_another_address() -> None:
    assert seen_from("127.0.0.1", (), x_forwarded_for="10.0.0.5") == "127.0.0.1"


def test_a_proxy_is_believed_where_the_owner_names_it() -> None:
    assert seen_from("10.0.0.1", ("10.0.0.1",), x_forwarded_for="203.0.113.9") == "203.0.113.9"
    assert seen_from("10.0.0.1", ("10.0.0.0/24",), x_forwarded_for="203.0.113.9") == "203.0.113.9"
    assert seen_from("10.0.0.2", ("10.0.0.1",), x_forwarded_for="203.0.113.9") == "10.0.0.2"


def test_what_a_visitor_puts_before_the_proxys_own_word_does_not_count() -> None:
    assert seen_from("10.0.0.1", ("10.0.0.1",), x_forwarded_for="198.51.100.1, 203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (None, THIS_MACHINE),
        ("127.0.0.1", THIS_MACHINE),
        ("::1", THIS_MACHINE),
        ("::ffff:127.0.0.1", THIS_MACHINE),
        ("10.0.0.5", "10.0.0.5"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_that_one_visitor_can_choose_among_count_as_one(host: str | None, address: str) -> None:
    assert address_of(host) == address
