"""What the terminal shows to the one who starts the server."""

from streamlit import config
from streamlit.net_util import get_internal_ip

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 # compared with, not bound to


def welcome(token: str) -> str:
    """The address for a room, where the server is open to one, and the owner's token."""
    host, port = config.get_option("server.address"), config.get_option("server.port")
    lines = []
    if host is None or host in EVERYWHERE:
        lines.append(f"For all in this room: http://{get_internal_ip() or 'this-machine'}:{port}")
    lines.append(f"Owner's token, for deleting runs and naming folders: {token}")
    return "".join(f"  {line}\n" for line in ("", *lines, ""))
