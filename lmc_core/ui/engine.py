"""The engine of this process: opened once when the server starts, shared by all its pages."""

import threading

from lmc_core.errors import LMCError
from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings

HEAD_START_SECONDS = 2.0
"""How long the first page has the machine before workers, which import torch, take it; a click ends it."""

_lock = threading.Lock()
_opened: Engine | None = None
_fault = "The engine does not run; start the app with `make app` or `streamlit run app.py`."


def open_engine() -> Engine:
    """Start the process's engine, unless it runs already; its workers come up in the background.

    Raises:
        LMCError: the cache cannot be written, or a setting is wrong; pages then show the same sentence.
    """
    global _opened, _fault
    with _lock:
        if _opened is None:
            try:
                _opened = Engine(Settings.from_environment(), head_start=HEAD_START_SECONDS).start()
            except LMCError as fault:
                _fault = str(fault)
                raise
        return _opened


def limits() -> Settings:
    """The settings; the defaults where they are wrong, so that pages, which then tell of it, are bounded all the same."""
    try:
        return Settings.from_environment()
    except LMCError:
        return Settings.from_environment({})


def close_engine() -> None:
    """Stop the process's engine: what runs writes its checkpoint and goes back to the queue."""
    global _opened
    with _lock:
        if _opened is not None:
            _opened.close()
            _opened = None


def engine() -> Engine:
    """The process's engine.

    Raises:
        LMCError: none could be opened; the sentence says why.
    """
    if _opened is None:
        raise LMCError(_fault)
    return _opened
