"""Files that the browser fetches once: the chart's script and plotly's own bundle, so that charts work without internet."""

import functools
import gzip
import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import config

FOLDER = "lmc-assets"
"""First part of the addresses of these files."""

_SOURCES = {"plotly.min.js": "plotly.package_data", "live_chart.js": "lmc_core.ui"}


@functools.cache
def _content(name: str) -> bytes:
    return files(_SOURCES[name]).joinpath(name).read_bytes()


@functools.cache
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name), compresslevel=6, mtime=0)


@functools.cache
def address(name: str) -> str:
    """The path of a file on this server, with a mark of its content, so that a browser may keep it for good."""
    mark = hashlib.sha256(_content(name)).hexdigest()[:12]
    return f"{root()}{FOLDER}/{name}?{mark}"


def root() -> str:
    """The path of the first page on this server."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/" if base else "/"


def routes() -> list[Route]:
    """The routes that serve the files."""
    return [Route(f"/{FOLDER}/{{name}}", _serve, methods=["GET"])]


def prepare() -> None:
    """Read and compress the files before the first visitor asks for them."""
    for name in _SOURCES:
        _packed(name)


def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _SOURCES:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_packed(name), media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})
    return Response(_content(name), media_type="text/javascript", headers=headers)
