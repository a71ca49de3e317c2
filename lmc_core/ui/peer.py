"""Whose connection it is: the address at its other end, or the one that a proxy of the owner's names."""

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

if TYPE_CHECKING:
    from asyncio import Transport

    from starlette.types import ASGIApp, Receive, Scope, Send

THIS_MACHINE = "this machine"


class TruePeer:
    """Believes X-Forwarded-For from the proxies that the owner names, and from nobody else.

    uvicorn believes it from every program on this machine before the app is asked, and reads its own setting for that before the
    app is imported; so the address is taken from the connection once more.

    Args:
        app: what is served.
        trusted: addresses and networks of the proxies.
    """

    def __init__(self, app: "ASGIApp", trusted: Sequence[str]) -> None:
        self._app = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type] # the same protocol under two names

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer as the app does, told the true address."""
        transport: Transport | None = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is not None and (peer := transport.get_extra_info("peername")):
            scope["client"] = peer[:2]
        await self._app(scope, receive, send)  # type: ignore[arg-type] # likewise


def address_of(host: str | None) -> str:
    """What is counted as one address: an IPv4 address, the network that an IPv6 customer gets, or this machine."""
    if not host:
        return THIS_MACHINE
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return THIS_MACHINE
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
