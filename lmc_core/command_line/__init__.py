"""The command line: the same specs, jobs and runs as the page, and JSON for scripts."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from lmc_core.command_line import data, delete, describe, emergence, export, finetune, gallery, preset, prune, runs, stop, sweep, twins
from lmc_core.errors import LMCError

COMMANDS = (twins, prune, finetune, sweep, preset, emergence, describe, export, runs, stop, delete, data, gallery)

BAD_INPUT = 2
"""Exit status for what the user can mend; argparse uses the same."""
INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence, as the rest of the program does."""

    def error(self, message: str) -> NoReturn:
        """Say what does not fit and where the options are listed, and leave with status 2."""
        self.exit(BAD_INPUT, f"lmc_core: {message}; `{self.prog} --help` lists what there is.\n")


def parser() -> argparse.ArgumentParser:
    """The parser with one subcommand a module of this package."""
    root = Parser(
        prog="python -m lmc_core", description="Linear mode connectivity: train twins, prune networks, measure, export.", allow_abbrev=False
    )
    subparsers = root.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.register(subparsers)
    return root


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status: 0, 1 for a run that failed, 2 for bad input."""
    options = parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except LMCError as fault:
        print(f"lmc_core: {fault}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("lmc_core: interrupted; the same command goes on where this one stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
