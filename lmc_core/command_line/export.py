"""`export`: a run's weights, curves and spec as plain files."""

import argparse
from pathlib import Path

from lmc_core.settings import Settings
from lmc_core.store import Store


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("export", help="write a run's weights, curves and spec into a folder", allow_abbrev=False)
    parser.add_argument("run_id", metavar="RUN_ID")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Export into the folder."""
    settings = Settings.from_environment()
    Store(settings.cache_dir, settings.gallery_dir).export(options.run_id, options.folder)
    return 0
