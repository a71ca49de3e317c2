"""What the server answers to whoever asks, browser or not."""

import gzip
import re
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


@pytest.mark.parametrize("name", ["plotly.min.js", "live_chart.js", "first_look.js", "style.css"])
def test_chart_files_are_served_once_compressed_and_for_good(server: Server, name: str) -> None:
    status, headers, plain = get(f"{server.address}/lmc-assets/{name}")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    _, headers, packed = get(f"{server.address}/lmc-assets/{name}", **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_streamlits_own_scripts_are_served_compressed_and_for_good(server: Server) -> None:
    _, _, page = get(f"{server.address}/")
    scripts = re.findall(r'(?:href|src)="\./(static/[^"]+\.(?:js|css))"', page.decode())
    assert len(scripts) > 50
    plain = packed = 0
    for script in scripts:
        _, headers, content = get(f"{server.address}/{script}", **{"Accept-Encoding": "gzip, br"})
        assert headers["content-encoding"] == "gzip"
        assert "immutable" in headers["cache-control"]
        packed += len(content)
        plain += len(gzip.decompress(content))
    assert 3 * packed < plain
    _, headers, content = get(f"{server.address}/{scripts[0]}")
    assert "content-encoding" not in headers
    assert len(content) == int(headers["content-length"])


@pytest.mark.parametrize("path", ["/", "/pruning", "/sweeps?x=1", "/no/such/page"])
def test_a_page_is_sent_anew_each_time_and_asks_at_once_for_the_chart_library(server: Server, path: str) -> None:
    status, headers, page = get(f"{server.address}{path}", **{"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2038 00:00:00 GMT"})
    assert status == 200
    assert headers["cache-control"] == "no-cache"
    library = re.search(r'<link rel="preload" as="script"[^>]* href="([^"]+)"', page.decode())
    assert library is not None
    assert get(f"{server.address}{library[1]}")[0] == 200


@pytest.mark.parametrize("path", ["/", "/sweeps", "/_stcore/health", "/lmc-assets/live_chart.js", "/lmc-assets/none", "/media/none"])
def test_every_answer_says_that_nothing_may_come_from_elsewhere(server: Server, path: str) -> None:
    _, headers, _ = get(f"{server.address}{path}")
    assert headers["content-security-policy"].startswith("default-src 'self'; script-src 'self' blob:")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["app.py", "..%2f..%2fapp.py", "../ui/engine.py", "%2e%2e/live_chart.js", "icon.svg"])
def test_no_other_file_is_served(server: Server, name: str) -> None:
    status, _, content = get(f"{server.address}/lmc-assets/{name}")
    assert b"import" not in content
    assert status in (400, 404) or content.lstrip().lower().startswith(b"<!doctype html>")


def test_the_owners_token_is_printed_and_nothing_is_open_to_the_network(server: Server) -> None:
    log = server.log.read_text()
    assert "Owner's token, for deleting runs and naming folders: " in log
    assert "For all in this room" not in log
