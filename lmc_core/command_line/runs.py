"""`runs`: what is in the cache, and what waits or trains."""

import argparse
import json
from contextlib import closing

from lmc_core.command_line.reports import REPORTS
from lmc_core.experiment import AnySpec, read_spec
from lmc_core.jobs.journal import Job, Journal
from lmc_core.overrides import overrides_of
from lmc_core.runs.store import RunSummary, Store
from lmc_core.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("runs", help="list finished runs, and those that wait or train", allow_abbrev=False)
    parser.add_argument("--waiting", action="store_true", help="list only the runs that wait or train")
    parser.add_argument("--json", action="store_true", help="print one JSON array, of finished runs or, with --waiting, of the others")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print one line a run, or all as JSON."""
    settings = Settings.from_environment()
    runs = [] if options.waiting else Store(settings.cache_dir, settings.gallery_dir).list()
    waiting = _unfinished(settings) if options.waiting or not options.json else []
    if options.json:
        print(json.dumps([_awaited(job) for job in waiting] if options.waiting else [_described(row) for row in runs]))
        return 0
    for job in waiting:
        spec = read_spec(job.spec)
        print(f"{job.run_id}  {spec.kind:5}  {'training' if job.state == 'running' else 'waiting'}  {_settings(spec)}")
    for row in runs:
        headline = REPORTS[row.spec.kind].headline(row.result, row.spec.dataset)
        print(f"{row.run_id}  {row.spec.kind:5}  {headline}  {'shipped ' if row.shipped else ''}{_settings(row.spec)}")
    return 0


def _unfinished(settings: Settings) -> list[Job]:
    """The runs at work, then those that wait, in the order of their turns."""
    file = settings.cache_dir / "journal.sqlite"
    if not file.exists():
        return []
    with closing(Journal(file)) as journal:
        running, queued = journal.queue()
    return [*running, *queued]


def _settings(spec: AnySpec) -> str:
    return " ".join(f"{path}={text}" for path, text in overrides_of(spec).items()) or "(default)"


def _awaited(job: Job) -> dict[str, object]:
    return {"run_id": job.run_id, "state": job.state, "spec": read_spec(job.spec).model_dump(mode="json")}


def _described(row: RunSummary) -> dict[str, object]:
    return {
        "run_id": row.run_id,
        "created": row.created.isoformat(),
        "shipped": row.shipped,
        "spec": row.spec.model_dump(mode="json"),
        **REPORTS[row.spec.kind].brief(row.result, row.spec.dataset),
    }
