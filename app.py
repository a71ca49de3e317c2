"""What `streamlit run app.py` takes: opens the engine once, then serves the pages."""

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

from lmc_core.errors import LMCError
from lmc_core.ui.assets import prepare, routes
from lmc_core.ui.engine import close_engine, open_engine
from lmc_core.ui.visitor import VisitorCookie


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Open the engine before the first visitor comes, and close it, with what it runs, after the last has gone."""
    try:
        engine = open_engine()
    except LMCError as fault:
        raise SystemExit(f"The app cannot start: {fault}") from None
    threading.Thread(target=prepare, name="assets", daemon=True).start()
    sys.stderr.write(f"\n  Owner's token, for deleting runs: {engine.owner_token}\n\n")
    yield
    await anyio.to_thread.run_sync(close_engine)


def apologise(_: Exception) -> bool:
    """Tell the visitor in one sentence that a page failed; the server's log has the stack trace."""
    st.error("This page met a fault of the program; reload it to go on. The server's log says more.", icon=":material/bug_report:")
    return True


app = st.App("lmc_core/ui/site.py", lifespan=lifespan, routes=routes(), middleware=[Middleware(VisitorCookie)], on_script_error=apologise)
