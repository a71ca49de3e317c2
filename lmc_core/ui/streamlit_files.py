"""Streamlit's own scripts and style sheets, compressed: five megabytes of what a first visit fetches become one and a half."""

import functools
import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from streamlit.file_util import get_static_dir

from lmc_core.ui.assets import FOR_GOOD, root, takes_gzip

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

KINDS = {".js": "text/javascript", ".css": "text/css"}
_IMPORT = re.compile(r'(?:from|import)\s*[`"\']\./([\w.-]+\.js)[`"\']')
"""What a script of Streamlit's asks for as soon as it is read."""


def folder() -> Path:
    """Where Streamlit keeps what browsers fetch."""
    return Path(get_static_dir())


def scripts(names: Iterable[str]) -> list[str]:
    """The files of parts of Streamlit such as `Slider`, with all that they import, in the order in which they are needed.

    A part that this version of Streamlit does not have is left out.
    """
    found: dict[str, None] = {}
    for name in names:
        for path in sorted((folder() / "static" / "js").glob(f"{name}.*.js")):
            found |= dict.fromkeys(_with_imports(path.name))
    return list(found)


@functools.cache
def _with_imports(name: str) -> tuple[str, ...]:
    return tuple(_walk(name, {name}))


def _walk(name: str, seen: set[str]) -> Iterator[str]:
    yield name
    for imported in _IMPORT.findall((folder() / "static" / "js" / name).read_text(encoding="utf-8")):
        if imported not in seen:
            seen.add(imported)
            yield from _walk(imported, seen)


class PackedFiles:
    """Answers for Streamlit's scripts and style sheets where the browser takes gzip; all else goes on to the app."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app
        self._files = {
            f"{root()}{path.relative_to(folder()).as_posix()}": path for kind in KINDS for path in (folder() / "static").rglob(f"*{kind}")
        }

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send the file compressed, or let the app answer."""
        path = self._files.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if path is None or not takes_gzip(Headers(scope=scope).get("accept-encoding", "")):
            await self._app(scope, receive, send)
            return
        content = await to_thread.run_sync(packed, path)
        headers = {"Content-Encoding": "gzip", "Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
        await Response(content, media_type=KINDS[path.suffix], headers=headers)(scope, receive, send)


@functools.cache
def packed(path: Path) -> bytes:
    """A file, compressed; made once."""
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)
