"""The app as a benchmark starts it, in a process and with a cache of its own."""

import os
import platform
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lmc_core.settings import REPOSITORY

PAUSE_SECONDS = 0.02


@contextmanager
def serving(cache: Path, port: int, checkout: Path = REPOSITORY) -> Iterator[int]:
    """Run the app until the block ends; yields the process id."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = {**os.environ, "LMC_CACHE_DIR": str(cache)}
    process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_until_up(port: int, deadline: float = 60.0) -> float:
    """Wait until the server says that it is well; the seconds that it took."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=deadline).close()
        except OSError:
            time.sleep(PAUSE_SECONDS)
        else:
            return time.perf_counter() - begun
    raise TimeoutError(f"no server at port {port} after {deadline:g} s")


def machine() -> str:
    """The processor, how busy it was in the last minute, and Python's version."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    return f"{cores} cores, {platform.processor() or platform.machine()}, load {load:.1f}, Python {platform.python_version()}"
