"""A Dask scheduler and its workers as processes of their own, as somebody starts them on machines of a cluster."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as running:
        try:
            yield running
        finally:
            running.terminate()


@contextmanager
def scheduler(port: int, protocol: str = "tcp") -> Iterator[subprocess.Popen[bytes]]:
    options = ["--protocol", protocol, "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    with process("distributed.cli.dask_scheduler", *options) as running:
        yield running


@contextmanager
def worker(port: int, folder: Path, protocol: str = "tcp") -> Iterator[None]:
    options = ["--nthreads", "4", "--no-dashboard", "--local-directory", str(folder), "--memory-limit", "0", "--host", "127.0.0.1"]
    with process("distributed.cli.dask_worker", address(port, protocol), *options):
        yield


def address(port: int, protocol: str = "tcp") -> str:
    return f"{protocol}://127.0.0.1:{port}"
