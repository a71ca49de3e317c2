"""Servers' engines and command lines as processes of their own, on one cache, for the soak that kills them.

`python -m benchmarks.soak_server CACHE` serves the cache until its standard input closes.
"""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from lmc_core.experiment import AnySpec
from lmc_core.jobs.engine import Engine
from lmc_core.settings import REPOSITORY, Settings

LEASE_SECONDS = 4.0


def settings_of(cache: Path) -> Settings:
    """A cache without shipped runs, and without limits that a soak would meet."""
    return replace(
        Settings(cache_dir=cache, data_dir=cache / "data", gallery_dir=None), max_queued=10_000, lease_seconds=LEASE_SECONDS, workers=1
    )


def start_server(cache: Path) -> "subprocess.Popen[bytes]":
    """A server's engine; it is ready, or on its way, when this returns."""
    command = [sys.executable, "-m", "benchmarks.soak_server", str(cache)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def start_command_line(cache: Path, spec: AnySpec) -> "subprocess.Popen[bytes]":
    """`python -m lmc_core twins` (or prune) that asks for a run and waits for it."""
    file = cache.parent / f"{spec.run_id}.json"
    file.write_text(spec.model_dump_json())
    command = [sys.executable, "-m", "lmc_core", spec.kind, "--spec", str(file), "--json"]
    environment = os.environ | {"LMC_CACHE_DIR": str(cache), "LMC_MAX_QUEUED": "10000"}
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a server as its user would, by force if it does not."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def workers_of(parents: set[int]) -> list[int]:
    """The process ids of the workers that some processes have started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (OSError, IndexError):  # it has just ended
            continue
        if parent in parents and b"spawn_main" in command:
            found.append(int(folder.name))
    return found


def kill(pid: int) -> bool:
    """SIGKILL; whether the process was there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    with Engine(settings_of(Path(sys.argv[1]))):
        sys.stdin.read()
