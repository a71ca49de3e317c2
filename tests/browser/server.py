"""The app as a user starts it, on a free port with a cache of its own."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lmc_core.settings import REPOSITORY
from tests.waiting import until


@dataclass(frozen=True)
class Server:
    address: str
    log: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def serving(cache: Path, **environment: str) -> Iterator[Server]:
    """Run the app until the block ends; the log holds what it wrote."""
    port = free_port()
    address, log = f"http://127.0.0.1:{port}", cache.with_name(f"{cache.name}.log")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    settings = {**os.environ, "LMC_CACHE_DIR": str(cache), **environment}
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=settings, stdout=file, stderr=subprocess.STDOUT)
    try:
        until(lambda: answers(address) or process.poll() is not None, 60)
        assert process.poll() is None, log.read_text()
        yield Server(address, log, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
