"""`finetune`: the blog's experiments from pretrained weights and from a random initialisation, or twins of a checkpoint of one's own."""

import argparse
import json
import sys
from collections.abc import Mapping

from lmc_core.checkpoints.resolve import resolve
from lmc_core.command_line import prune, twins
from lmc_core.command_line.one_run import FAILED, Report, find_or_train, report_run
from lmc_core.command_line.spec_options import pairs, spec_on
from lmc_core.cost.estimates import duration, estimate
from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec, canonical
from lmc_core.overrides import with_overrides
from lmc_core.settings import Settings
from lmc_core.studies.blog import BLOG, BLOG_STUDIES
from lmc_core.studies.fine_tuning import ORIGIN_WORDS, BothStarts, FineTuning
from lmc_core.studies.study import study_of
from lmc_core.sweeps.plan import SIZES, checked_size


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "finetune", help="the blog's experiments with vision transformers, pretrained and random", allow_abbrev=False
    )
    parser.add_argument("--preset", choices=tuple(BLOG_STUDIES), help="which of them; without one, twins with the blog's settings")
    parser.add_argument("--size", choices=SIZES, help=f"of the preset; {SIZES[0]} unless given")
    parser.add_argument(
        "--set",
        dest="settings",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="set a field by its path, for example start.checkpoint=facebook/deit-tiny-patch16-224 epochs=4 precision=bfloat16",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON array of the two runs on stdout; without a preset one object")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Find the runs or train them, and print their reports.

    Raises:
        LMCError: a setting that does not fit, or without a preset a checkpoint that is not to be had.
    """
    if options.preset is None:
        if options.size is not None:
            raise LMCError(f"--size is that of a preset; give one of {', '.join(BLOG_STUDIES)} with --preset, or leave it out.")
        return report_run(spec_on(canonical(with_overrides(BLOG)), options.settings, TwinsSpec), twins.REPORT, as_json=options.json)
    study, size = study_of(options.preset, BLOG_STUDIES), checked_size(options.size or SIZES[0])
    print(f"{study.title}. {study.settings[size]}", file=sys.stderr)
    return _both(study.make(size), pairs(options.settings), as_json=options.json)


def _both(tuning: FineTuning, settings: Mapping[str, str], *, as_json: bool) -> int:
    """Report the pretrained run and the random one; a checkpoint that is not to be had takes away the first alone."""
    both, fault = _runs(tuning, settings)
    described: list[dict[str, object]] = []
    status = 0
    for origin in ORIGIN_WORDS:
        spec = both.runs.get(origin)
        found = None
        if origin == "pretrained" and fault is not None:
            print(f"lmc_core: {fault}", file=sys.stderr)
        elif spec is not None:
            print(f"{ORIGIN_WORDS[origin]}: run {spec.run_id}, about {duration(estimate(spec).seconds)} if it is new.", file=sys.stderr)
            found = find_or_train(spec)
        if found is None:
            status = FAILED
            described.append({"start": origin, "run_id": spec.run_id if spec else None, "summary": None, "error": fault})
            continue
        report = report_of(found.run.spec)
        described.append({"start": origin} | found.facts(report))
        if not as_json:
            print(f"{ORIGIN_WORDS[origin]}, run {found.run.run_id}\n{report.text(found.run.result, found.run.spec.dataset)}")
    if as_json:
        print(json.dumps(described, allow_nan=False))
    return status


def _runs(tuning: FineTuning, settings: Mapping[str, str]) -> tuple[BothStarts, str | None]:
    """The two runs once the checkpoint was looked for on the hub, too, and why it is not to be had."""
    data_dir = Settings.from_environment().data_dir
    both = tuning.both(data_dir, settings, anywhere=True)
    if both.missing is None:
        return both, None
    try:
        resolve(settings.get("start.checkpoint") or tuning.start.checkpoint, data_dir, anywhere=True)
    except LMCError as fault:
        return both, str(fault)
    return tuning.both(data_dir, settings, anywhere=True), None


def report_of(spec: AnySpec) -> Report:
    """How runs of this kind are told."""
    return prune.REPORT if isinstance(spec, PruneSpec) else twins.REPORT
