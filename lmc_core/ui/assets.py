"""Files of the program's own that the browser fetches once: scripts, style sheet and chart library, so that pages work without internet."""

import functools
import gzip
import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import config

from lmc_core.figures import chart_library

FOLDER = "lmc-assets"
"""First part of the addresses of these files."""
FOR_GOOD = "public, max-age=31536000, immutable"
"""What a browser is told of a file whose address changes with its content."""

LIBRARY = "plotly.min.js"
SCRIPTS = (LIBRARY, "live_chart.js", "chart_file.js", "first_look.js", "announcer.js")
KINDS = dict.fromkeys(SCRIPTS, "text/javascript") | {"style.css": "text/css"}
"""The files, each with its media type."""


@functools.cache
def _packed(name: str) -> bytes:
    return chart_library.packed() if name == LIBRARY else gzip.compress(_content(name), mtime=0)


def _content(name: str) -> bytes:
    return gzip.decompress(chart_library.packed()) if name == LIBRARY else files("lmc_core.ui").joinpath(name).read_bytes()


@functools.cache
def address(name: str) -> str:
    """The path of a file on this server, with a mark of its content, so that a browser may keep it for good."""
    mark = hashlib.sha256(_packed(name)).hexdigest()[:12]
    return f"{root()}{FOLDER}/{name}?{mark}"


def root() -> str:
    """The path of the first page on this server."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/" if base else "/"


def routes() -> list[Route]:
    """The routes that serve the files."""
    return [Route(f"/{FOLDER}/{{name}}", _serve, methods=["GET"])]


def takes_gzip(accepted: str) -> bool:
    """Whether a browser takes compressed files, by its header Accept-Encoding."""
    return any(part.split(";")[0].strip() == "gzip" and not part.replace(" ", "").endswith(";q=0") for part in accepted.split(","))


def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in KINDS:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    if takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(_packed(name), media_type=KINDS[name], headers=headers | {"Content-Encoding": "gzip"})
    return Response(_content(name), media_type=KINDS[name], headers=headers)
