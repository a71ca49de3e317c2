"""The engine of this process: opened once when the server starts, shared by all its pages."""

import threading

from lmc_core.errors import LMCError
from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings

_lock = threading.Lock()
_opened: Engine | None = None


def open_engine(settings: Settings | None = None) -> Engine:
    """Start the process's engine, unless it runs already; its workers come up in the background.

    Raises:
        LMCError: the cache cannot be written, or a setting is wrong.
    """
    global _opened
    with _lock:
        if _opened is None:
            _opened = Engine(settings or Settings.from_environment()).start()
        return _opened


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
        LMCError: none was opened; the app has to be started through app.py.
    """
    if _opened is None:
        raise LMCError("The engine does not run; start the app with `make app` or `streamlit run app.py`.")
    return _opened
