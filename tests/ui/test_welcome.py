import pytest
from streamlit import config

from lmc_core.ui.welcome import welcome


@pytest.mark.parametrize(("host", "open_to_a_room"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_the_address_for_a_room_is_named_only_where_the_server_is_open_to_it(
    monkeypatch: pytest.MonkeyPatch, host: str, open_to_a_room: bool
) -> None:
    options = {"server.address": host, "server.port": 8501}
    monkeypatch.setattr(config, "get_option", options.__getitem__)
    text = welcome("secret-token")
    assert "secret-token" in text
    assert ("For all in this room: http://" in text) is open_to_a_room
