"""The options by which a command takes a spec."""

import argparse
import json
from pathlib import Path

from lmc_core.errors import LMCError
from lmc_core.overrides import parse_spec, with_overrides
from lmc_core.presets import PRESETS
from lmc_core.spec import TwinsSpec, canonical


def add_spec_options(parser: argparse.ArgumentParser) -> None:
    """Add --spec, --preset and --set."""
    parser.add_argument("--spec", type=Path, metavar="FILE", help="a JSON file with a spec, such as the page offers for download")
    parser.add_argument("--preset", choices=sorted(PRESETS), metavar="NAME", help=f"start from one of: {', '.join(PRESETS)}")
    parser.add_argument(
        "--set",
        dest="settings",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="set a field by its path, for example architecture.depth=4 optimizer.name=adam seeds.order=1,2",
    )


def spec_from(options: argparse.Namespace) -> TwinsSpec:
    """The spec that the options describe: a file's, a preset's or the default one, with --set on top.

    Raises:
        LMCError: a file that cannot be read or is not JSON, an unknown field, a value that does not fit.
    """
    if options.spec is not None and options.preset is not None:
        raise LMCError("--spec and --preset both name where to start; give one of them.")
    base: object = canonical(PRESETS[options.preset].spec) if options.preset is not None else {}
    if options.spec is not None:
        base = canonical(parse_spec(_read_json(options.spec)))
    return with_overrides(dict(map(_pair, options.settings)), base if isinstance(base, dict) else None)


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise LMCError(f"The spec file {path} cannot be read: {fault.strerror}.") from None
    except (ValueError, RecursionError):
        raise LMCError(f"The spec file {path} is not JSON.") from None


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise LMCError(f"--set takes KEY=VALUE, such as epochs=20; {text!r} is not of that form.")
    return key, value
