"""Streamlit's empty page as this server sends it: it asks at once for what the first screen needs, and shows itself when that is there."""

import functools
import gzip
import re
from collections.abc import Mapping
from html import escape
from string import Template
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import Response

from lmc_core.figures.palette import PALETTE, Theme
from lmc_core.ui.addresses import TITLES, tab_title
from lmc_core.ui.assets import LIBRARY, address, takes_gzip
from lmc_core.ui.first_picture import INTRODUCTION, TITLE, FirstPicture, first_picture
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
#lmc-wait { position: fixed; inset: 0; overflow: hidden; box-sizing: border-box; display: flex; flex-direction: column; gap: 0.55rem;
  padding: 3.6rem clamp(1rem, 3.5vw, 5rem) 0 calc(var(--side) + clamp(1rem, 3.5vw, 5rem)); --side: 0px; --experiment: 285px; --name: 68px;
  color-scheme: light dark; font-family: var(--st-font); color: var(--st-text-color); line-height: 1.6; $light }
#lmc-wait h1 { margin: 0; font-size: 1.65rem; line-height: 1.25; padding-bottom: 0.15rem; font-weight: 700; }
#lmc-wait > * { flex: 0 0 auto; }
#lmc-wait p { margin: -1rem 0 0; }
#lmc-wait::before { content: ""; position: absolute; inset: 0 auto 0 0; width: var(--side); background: var(--lmc-side); }
#lmc-wait [data-lmc="picture"] { margin-top: calc(16px - 0.55rem); }
#lmc-wait .block { border-radius: 0.5rem; background: rgba(128, 140, 155, 0.14); }
@media (min-width: 431px) { #lmc-wait { --experiment: 214px; --name: 32px; } }
@media (min-width: 681px) { #lmc-wait { --experiment: 142px; } }
@media (min-width: 768px) { #lmc-wait { --side: 15.5rem; --experiment: 200px; } }
@media (min-width: 961px) { #lmc-wait { --experiment: 142px; } }
@media (min-width: 1101px) { #lmc-wait { --side: 300px; } }
@media (min-width: 1301px) { #lmc-wait { --experiment: 94px; } }
html[data-theme="light"] #lmc-wait { color-scheme: light; }
html[data-theme="dark"] #lmc-wait { color-scheme: dark; $dark }
@media (prefers-color-scheme: dark) { html:not([data-theme="light"]) #lmc-wait { $dark } }
html:not([data-waits]) #lmc-wait { animation: lmc-gone 0s 14s forwards; }
@keyframes lmc-gone { to { visibility: hidden; } }
html[data-theme="dark"]:not([data-there]) body { background: $ground; }
@media (prefers-color-scheme: dark) { html:not([data-there]):not([data-theme="light"]) body { background: $ground; } }
"""
COLOURS = {
    "text-color": "ink",
    "background-color": "surface",
    "secondary-background-color": "grid",
    "border-color": "grid",
    "primary-color": "a",
}
"""Streamlit's names of colours, which charts know, each with its role in the palette."""
SIDE: Mapping[Theme, str] = {"light": "#F3F6F9", "dark": "#161D25"}
"""Colour of the sidebar, as .streamlit/config.toml has it."""
ROOM = "".join(f'<div class="block" style="height:{height}"></div>' for height in ("var(--experiment)", "var(--name)"))
"""What stands between the introduction and the verdict: the experiment, and the run's name."""
NOTHING_YET = f'<div class="block" style="height:2.1rem;width:45%"></div><div class="block" style="height:3rem"></div>{ROOM}' + (
    '<div class="block" style="height:18rem"></div>'
)


@functools.cache
def _style() -> str:
    def colours(theme: Theme) -> str:
        return " ".join(f"--st-{name}: {PALETTE[theme][role]};" for name, role in COLOURS.items())

    light, dark = (f"{colours(theme)} --lmc-side: {SIDE[theme]};" for theme in ("light", "dark"))
    return Template(STYLE).substitute(light=f'--st-font: "Source Sans", sans-serif; {light}', dark=dark, ground=PALETTE["dark"]["surface"])


@functools.cache
def _files(page: str) -> tuple[str, str]:
    """Streamlit's page with the title of this one and what the first screen needs, and the script that starts Streamlit."""
    text = (folder() / "index.html").read_text(encoding="utf-8")
    (start,) = re.findall(r'<script type="module"[^>]* src="([^"]+)"></script>', text)
    wanted = [f"./static/js/{name}" for name in scripts(PARTS)]
    known = set(re.findall(r'href="([^"]+)"', text))
    fonts = [f"./static/media/{path.name}" for name in FONTS for path in sorted((folder() / "static" / "media").glob(f"{name}.*"))]
    first = [
        f'<link rel="preload" as="script" fetchpriority="high" href="{address(LIBRARY)}" data-lmc="library">',
        f'<link rel="modulepreload" href="{address("live_chart.js")}" data-lmc="charts">',
        *(f'<script type="module" src="{address(name)}"></script>' for name in ("first_look.js", "announcer.js")),
    ]
    head = [
        *(f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{font}">' for font in fonts),
        *(f'<link rel="modulepreload" crossorigin href="{script}">' for script in wanted if script not in known),
        f"<style>{_style()}</style>",
    ]
    text = re.sub(r"<title>.*?</title>", f"<title>{escape(tab_title(page))}</title>", text)
    text = text.replace("<head>", "\n".join(["<head>", *first]), 1)
    return text.replace("</head>", "\n".join([*head, "</head>"]), 1), start


def shell(page: str, picture: FirstPicture | None = None) -> str:
    """The empty page as HTML.

    Args:
        page: its name in the address, empty for the first.
        picture: what it will show; the browser draws it first and starts Streamlit then.
    """
    text, start = _files(page)
    wait = NOTHING_YET
    if picture is not None:
        text = re.sub(
            r'<script type="module"[^>]* src="[^"]+index[^"]+"></script>',
            f'<link rel="modulepreload" crossorigin href="{start}" data-lmc="streamlit">',
            text,
            count=1,
        )
        charts = picture.board.payload.decode().replace("<", r"\u003c")
        wait = (
            f'<h1>{escape(TITLE)}</h1><p>{_formatted(INTRODUCTION)}</p>{ROOM}<div class="st-key-run-head">{picture.verdict}</div>'
            f'<div data-lmc="picture"></div><script type="application/json" data-lmc="board">{charts}</script>'
        )
    body = [f'<div id="lmc-wait" aria-hidden="true">{wait}</div>', f'<link rel="stylesheet" href="{address("style.css")}">']
    return text.replace("</body>", "\n".join([*body, "</body>"]), 1)


def _formatted(text: str) -> str:
    """Markdown of one paragraph, with words in bold and in italics, as HTML."""
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text, quote=False)))


def inline_scripts() -> list[str]:
    """The scripts that stand in the page itself."""
    return re.findall(r"<script>(.*?)</script>", shell(""), re.DOTALL)


def prepare() -> None:
    """Compress what a first visit asks for before the first visitor does."""
    for file in re.findall(r'(?:href|src)="\./(static/[^"]+\.(?:js|css))"', shell("")):
        packed(folder() / file)


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
                answer = await to_thread.run_sync(_answer, scope["path"], scope["query_string"], Headers(scope=scope))
                await answer(scope, receive, send)
            elif not replaced:
                await send(message)

        await self._app({**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in CONDITIONS]}, receive, send_shell)


def _answer(path: str, query: bytes, asked: Headers) -> Response:
    page = path.rstrip("/").rpartition("/")[2]
    page = page if page in TITLES else ""
    picture = first_picture(page, dict(QueryParams(query)))
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if takes_gzip(asked.get("accept-encoding", "")):
        return Response(_packed(page, picture), media_type="text/html", headers=headers | {"Content-Encoding": "gzip"})
    return Response(shell(page, picture), media_type="text/html", headers=headers)


@functools.lru_cache(maxsize=64)
def _packed(page: str, picture: FirstPicture | None) -> bytes:
    return gzip.compress(shell(page, picture).encode(), mtime=0)


def _is_page(start: "Message") -> bool:
    headers = MutableHeaders(scope=start)
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
