"""`runs`: what is in the cache."""

import argparse
import json

from lmc_core.command_line.reports import REPORTS
from lmc_core.overrides import overrides_of
from lmc_core.settings import Settings
from lmc_core.store import RunSummary, Store


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("runs", help="list finished runs", allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print one line a run, or all as JSON."""
    settings = Settings.from_environment()
    runs = Store(settings.cache_dir, settings.gallery_dir).list()
    if options.json:
        print(json.dumps([_described(row) for row in runs]))
        return 0
    for row in runs:
        settings_text = " ".join(f"{path}={text}" for path, text in overrides_of(row.spec).items())
        headline = REPORTS[row.spec.kind].headline(row.result, row.spec.dataset)
        print(f"{row.run_id}  {row.spec.kind:5}  {headline}  {'shipped ' if row.shipped else ''}{settings_text or '(default)'}")
    return 0


def _described(row: RunSummary) -> dict[str, object]:
    return {
        "run_id": row.run_id,
        "created": row.created.isoformat(),
        "shipped": row.shipped,
        "spec": row.spec.model_dump(mode="json"),
        **REPORTS[row.spec.kind].brief(row.result, row.spec.dataset),
    }
