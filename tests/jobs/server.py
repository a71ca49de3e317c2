"""A server's engine in a process of its own, for tests that kill it: `python -m tests.jobs.server FOLDER [SPEC ...]`.

It submits the specs as the visitor `somebody`, and lives until its standard input closes.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.engine import Engine
from tests.jobs.conftest import settings_in
from tests.jobs.made_up_training import TRAINING

ROOT = Path(__file__).parents[2]


@contextmanager
def server(folder: Path, *specs: TwinsSpec) -> Iterator[subprocess.Popen[bytes]]:
    """Such a process; it ends with the context if it has not been killed before."""
    command = [sys.executable, "-m", "tests.jobs.server", str(folder), *(spec.model_dump_json() for spec in specs)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.communicate(timeout=20)


if __name__ == "__main__":
    with Engine(settings_in(Path(sys.argv[1])), training=TRAINING) as engine:
        for text in sys.argv[2:]:
            engine.submit(TwinsSpec.model_validate_json(text), "somebody")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()
