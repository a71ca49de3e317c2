"""`delete`: remove a run with all its files."""

import argparse

from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("delete", help="delete a run with all its files, stopping it if it trains", allow_abbrev=False)
    parser.add_argument("run_id", metavar="RUN_ID")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Delete the run; who can write into the cache is its owner and needs no token."""
    with Engine(Settings.from_environment().for_command_line(), serve=False) as engine:
        engine.delete(options.run_id, engine.owner_token)
    print(f"Run {options.run_id} is deleted.")
    return 0
