"""`data get`: fetch and prepare a data set before a run needs it."""

import argparse
import sys
from typing import get_args

from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("data", help="download and prepare a data set", allow_abbrev=False)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    get = actions.add_parser("get", help="download and prepare a data set", allow_abbrev=False)
    get.add_argument("name", choices=get_args(DatasetName), metavar="NAME", help=", ".join(get_args(DatasetName)))
    get.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Load the data set once, which downloads, checks and prepares it."""
    from lmc_core.data.load import load  # torch is slow to import: only where a command needs it

    settings = Settings.from_environment()
    dataset = load(options.name, settings.data_dir, tell=lambda sentence: print(sentence, file=sys.stderr))
    train, test = len(dataset.train_labels), len(dataset.test_labels)
    print(f"{CATALOG[dataset.name].title} is ready in {settings.data_dir}: {train:,} training and {test:,} test images.", file=sys.stderr)
    return 0
