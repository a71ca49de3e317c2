"""`describe`: what a spec is and what it will cost; trains nothing."""

import argparse
import json

from lmc_core.command_line.spec_options import ALL_PRESETS, add_spec_options, any_spec_from
from lmc_core.experiment import SPECS
from lmc_core.jobs.engine import Engine
from lmc_core.overrides import command_of
from lmc_core.packing import members_of_run
from lmc_core.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("describe", help="print a spec, its run id, parameters and estimated time", allow_abbrev=False)
    add_spec_options(parser, ALL_PRESETS)
    parser.add_argument("--kind", choices=tuple(SPECS), help="which kind of run (default: what the file or preset says, else twins)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the description of a run that the other commands would take."""
    spec = any_spec_from(options)
    engine = Engine(Settings.from_environment().for_command_line(), serve=False)
    engine.check(spec)
    cost = engine.estimate(spec)
    description = {
        "run_id": spec.run_id,
        "spec": spec.model_dump(mode="json"),
        "parameters": cost.parameters,
        "estimated_seconds": round(cost.seconds, 1),
        "memory_bytes": cost.memory_bytes,
        "disk_bytes": cost.disk_bytes,
        "command": command_of(spec),
    }
    if options.json:
        print(json.dumps(description))
        return 0
    print(f"run        {spec.run_id}")
    print(f"command    {command_of(spec)}")
    print(f"parameters {cost.parameters:,} in each of {members_of_run(spec)} networks")
    print(f"time       about {cost.seconds:.0f} s on this machine")
    print(f"memory     about {cost.memory_bytes / 2**20:,.0f} MiB")
    print(f"disk       at most {cost.disk_bytes / 2**20:,.1f} MiB")
    return 0
