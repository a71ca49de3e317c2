"""What `streamlit run app.py` takes: opens the engine once, then serves the pages."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

from lmc_core.errors import LMCError
from lmc_core.ui.assets import routes
from lmc_core.ui.content_policy import ContentPolicy
from lmc_core.ui.engine import close_engine, limits, open_engine
from lmc_core.ui.idle_connections import close_idle_connections
from lmc_core.ui.open_pages import OpenPages, make_room
from lmc_core.ui.peer import TruePeer
from lmc_core.ui.shell import Shell, inline_scripts
from lmc_core.ui.sparing_log import spare_the_log
from lmc_core.ui.streamlit_files import PackedFiles
from lmc_core.ui.theme_once import read_theme_once
from lmc_core.ui.uploads import BoundedUploads
from lmc_core.ui.visitor import VisitorCookie
from lmc_core.ui.warm_up import warm_up
from lmc_core.ui.welcome import welcome


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Open the engine before the first visitor comes, and close it, with what it runs, after the last has gone."""
    spare_the_log()
    try:
        sys.stderr.write(welcome(open_engine().owner_token))
        warm_up()
    except LMCError as fault:
        sys.stderr.write(f"\n  The app can show pages but nothing can run: {fault}\n\n")
    yield
    await anyio.to_thread.run_sync(close_engine)


def apologise(_: Exception) -> bool:
    """Tell the visitor in one sentence that a page failed; the server's log has the stack trace."""
    st.error("This page met a fault of the program; reload it to go on. The server's log says more.", icon=":material/bug_report:")
    return True


SITE = Path(__file__).absolute().parent / "lmc_core" / "ui" / "site.py"
# Streamlit puts the folder of this script first on the path for each run of a page, and takes it away again. An import in another
# thread that walks the path at that moment passes over an entry. A folder that is on the path already stays where it is.
sys.path.append(str(SITE.parent))
close_idle_connections()
read_theme_once()
settings = limits()
middleware = [
    Middleware(ContentPolicy, inline_scripts()),
    Middleware(PackedFiles),
    Middleware(TruePeer, trusted=settings.trusted_proxies),
    Middleware(OpenPages, settings=settings, room=make_room()),
    Middleware(BoundedUploads, largest=settings.max_upload_kib * 1024),
    Middleware(VisitorCookie),
    Middleware(Shell),
]
app = st.App(SITE, lifespan=lifespan, routes=routes(), middleware=middleware, on_script_error=apologise)
