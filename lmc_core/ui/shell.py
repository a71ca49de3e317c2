"""Streamlit's empty page as this server sends it: it asks at once for what the first screen needs, and shows itself when that is there."""

import functools
import gzip
import re
from html import escape
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from lmc_core.ui.addresses import TITLES, tab_title
from lmc_core.ui.assets import LIBRARY, address, takes_gzip
from lmc_core.ui.streamlit_files import folder, packed, scripts

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PARTS = ("Html", "BidiComponent", "Selectbox", "NumberInput", "ButtonGroup", "Slider", "TextInput", "Checkbox", "Button", "PageLink")
"""Parts of Streamlit that the first screens are made of; by itself it asks for each only when the page's script has named it."""
FONTS = ("MaterialSymbols-Rounded", "SourceSansVF-Italic")
"""Fonts that Streamlit asks for late; an icon without its font is a word, which pushes what stands beside it away."""

CONDITIONS = (b"if-none-match", b"if-modified-since", b"range")
"""What would let Streamlit answer that its own page has not changed."""

STYLE = """
html:not([data-there]) #root { visibility: hidden; opacity: 0; }
html:not([data-waits]) #root { animation: lmc-late 0s 14s forwards; }
@keyframes lmc-late { to { visibility: visible; opacity: 1; } }
html[data-there] #lmc-wait { display: none; }
#lmc-wait { position: fixed; inset: 0; padding: 5rem max(1.5rem, 6vw); box-sizing: border-box; display: flex; flex-direction: column;
  gap: 1.2rem; }
html:not([data-waits]) #lmc-wait { animation: lmc-gone 0s 14s forwards; }
@keyframes lmc-gone { to { visibility: hidden; } }
#lmc-wait i { flex: 0 0 auto; border-radius: 0.5rem; background: rgba(128, 140, 155, 0.14); }
@media (prefers-color-scheme: dark) { html:not([data-there]) body { background: #11161C; } }
"""
WAIT = "".join(
    f'<i style="height:{height}rem;width:{width}%"></i>' for height, width in ((2.2, 45), (1.2, 80), (6, 100), (3.5, 60), (18, 100))
)


@functools.cache
def shell(page: str) -> str:
    """The empty page as HTML; `page` is its name in the address, empty for the first."""
    text = (folder() / "index.html").read_text(encoding="utf-8")
    wanted = [f"./static/js/{name}" for name in scripts(PARTS)]
    known = set(re.findall(r'href="([^"]+)"', text))
    fonts = [f"./static/media/{path.name}" for name in FONTS for path in sorted((folder() / "static" / "media").glob(f"{name}.*"))]
    head = [
        f'<link rel="preload" as="script" href="{address(LIBRARY)}" data-lmc="library">',
        f'<link rel="modulepreload" href="{address("live_chart.js")}" data-lmc="charts">',
        *(f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{font}">' for font in fonts),
        *(f'<link rel="modulepreload" crossorigin href="{script}">' for script in wanted if script not in known),
        *(f'<script type="module" src="{address(name)}"></script>' for name in ("first_look.js", "announcer.js")),
        f"<style>{STYLE}</style>",
    ]
    body = [f'<div id="lmc-wait" aria-hidden="true">{WAIT}</div>', f'<link rel="stylesheet" href="{address("style.css")}">']
    text = re.sub(r"<title>.*?</title>", f"<title>{escape(tab_title(page))}</title>", text)
    return text.replace("</head>", "\n".join([*head, "</head>"]), 1).replace("</body>", "\n".join([*body, "</body>"]), 1)


def inline_scripts() -> list[str]:
    """The scripts that stand in the page itself."""
    return re.findall(r"<script>(.*?)</script>", shell(""), re.DOTALL)


def prepare() -> None:
    """Compress what a first visit asks for before the first visitor does."""
    for file in re.findall(r'(?:href|src)="\./(static/[^"]+\.(?:js|css))"', shell("")):
        packed(folder() / file)


@functools.cache
def _packed(page: str) -> bytes:
    return gzip.compress(shell(page).encode(), mtime=0)


class Shell:
    """Sends this page wherever Streamlit sends its own."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer as the app does, with another page where the answer is one."""
        if scope["type"] != "http" or scope["method"] != "GET" or Headers(scope=scope).get("sec-fetch-dest", "document") != "document":
            await self._app(scope, receive, send)
            return
        replaced = False

        async def send_shell(message: "Message") -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_page(message):
                replaced = True
                await self._answer(scope)(scope, receive, send)
            elif not replaced:
                await send(message)

        await self._app({**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in CONDITIONS]}, receive, send_shell)

    def _answer(self, scope: "Scope") -> Response:
        page = scope["path"].rstrip("/").rpartition("/")[2]
        page = page if page in TITLES else ""
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if takes_gzip(Headers(scope=scope).get("accept-encoding", "")):
            return Response(_packed(page), media_type="text/html", headers=headers | {"Content-Encoding": "gzip"})
        return Response(shell(page), media_type="text/html", headers=headers)


def _is_page(start: "Message") -> bool:
    headers = MutableHeaders(scope=start)
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
