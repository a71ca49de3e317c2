"""`stop`: end a run that waits or trains, whoever asked for it."""

import argparse

from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("stop", help="stop a run that waits or trains, whoever asked for it", allow_abbrev=False)
    parser.add_argument("run_id", metavar="RUN_ID")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Stop the run at a checkpoint; who can write into the cache is its owner and needs no token."""
    with Engine(Settings.from_environment().for_command_line(), serve=False) as engine:
        engine.stop(options.run_id, engine.owner_token)
    print(f"Run {options.run_id} is stopped; asked for again, it goes on where it stopped.")
    return 0
