"""What the server answers to whoever asks, browser or not."""

import gzip
import urllib.error
import urllib.request

import pytest

from tests.browser.server import Server

pytestmark = pytest.mark.browser


def get(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as fault:
        return fault.code, dict(fault.headers), fault.read()


@pytest.mark.parametrize("name", ["plotly.min.js", "live_chart.js"])
def test_chart_files_are_served_once_compressed_and_for_good(server: Server, name: str) -> None:
    status, headers, plain = get(f"{server.address}/lmc-assets/{name}")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    _, headers, packed = get(f"{server.address}/lmc-assets/{name}", **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


@pytest.mark.parametrize("name", ["app.py", "..%2f..%2fapp.py", "../ui/engine.py", "%2e%2e/live_chart.js", "style.css"])
def test_no_other_file_is_served(server: Server, name: str) -> None:
    status, _, content = get(f"{server.address}/lmc-assets/{name}")
    assert b"import" not in content
    assert status in (400, 404) or content.lstrip().lower().startswith(b"<!doctype html>")


def test_the_owners_token_is_printed_and_nothing_is_open_to_the_network(server: Server) -> None:
    log = server.log.read_text()
    assert "Owner's token, for deleting runs: " in log
    assert "For all in this room" not in log
