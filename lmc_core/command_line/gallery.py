"""`gallery`: make again the finished runs that ship with the project."""

import argparse
import sys

from lmc_core.command_line.twins import train
from lmc_core.errors import LMCError
from lmc_core.presets import PRESETS
from lmc_core.settings import REPOSITORY, Settings
from lmc_core.shipping import ship
from lmc_core.store import Store

SHIPPED = ("adam_breaks", "adam_gentle", "first", "minimal", "minimal_adam", "minimal_adam_warmup", "linear4_adam")
"""The presets whose results ship."""
GALLERY = REPOSITORY / "cache" / "gallery"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("gallery", help="make again the runs that ship with the project", allow_abbrev=False)
    parser.add_argument("presets", nargs="*", default=SHIPPED, metavar="PRESET", help=f"by default {', '.join(SHIPPED)}")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Train what the cache does not hold and put each result, without weights, into the gallery's folder."""
    unknown = [name for name in options.presets if name not in PRESETS]
    if unknown:
        raise LMCError(f"There is no preset {unknown[0]}; the presets are {', '.join(PRESETS)}.")
    settings = Settings.from_environment().for_command_line()
    store = Store(settings.cache_dir)
    for name in options.presets:
        spec = PRESETS[name].spec
        stored = store.find(spec.run_id) or train(spec, settings).run
        if stored is None:
            raise LMCError(f"The run of preset {name} did not end; try `python -m lmc_core twins --preset {name}`.")
        place = ship(stored, GALLERY)
        print(f"{name}: {place}", file=sys.stderr)
    return 0
