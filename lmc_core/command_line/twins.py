"""`twins`: run or find one experiment and report it."""

import argparse

from lmc_core.command_line.one_run import Report, report_run
from lmc_core.command_line.spec_options import add_spec_options, spec_from
from lmc_core.figures.spikes import spike_sentence, spikes_of_twins
from lmc_core.presets import PRESETS
from lmc_core.results import CONNECTED_BELOW, RunResult, Spread, SummaryOfSplit
from lmc_core.spec import TwinsSpec


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("twins", help="run or find one experiment", allow_abbrev=False)
    add_spec_options(parser, PRESETS)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Find the run or train it, and print its report."""
    return report_run(spec_from(options, TwinsSpec), REPORT, as_json=options.json)


def sentences(result: RunResult) -> str:
    """The report for people: the verdict, then both splits."""
    summary = result.summary
    if summary.connected is None:
        verdict = f"No verdict: {summary.diverged_pairs} of {len(result.pairs)} pairs diverged (*)."
    else:
        state = "Connected" if summary.connected else "Not connected"
        verdict = f"{state}: test error barrier {percent(summary.test.error)} against {CONNECTED_BELOW:.0%}."
    spikes = spike_sentence(spikes_of_twins(result))
    return "\n".join([verdict, _row("train", summary.train), _row("test", summary.test), *filter(None, [spikes])])


def headline(result: RunResult) -> str:
    """The mean test error barrier."""
    barrier = result.summary.test.error.mean
    return "diverged" if barrier is None else f"{100 * barrier:6.2f} %"


def _row(name: str, split: SummaryOfSplit) -> str:
    barriers = f"barrier {percent(split.error)}, normalised {percent(split.normalized)}, loss barrier {_number(split.loss)}"
    return f"{name:5s} {barriers}, accuracy {percent(split.accuracy)}"


def percent(spread: Spread) -> str:
    """Mean and standard deviation over repeats."""
    if spread.mean is None:
        return "-"
    return f"{100 * spread.mean:.2f}%" + (f" ± {100 * spread.std:.2f}" if spread.n > 1 and spread.std is not None else "")


def _number(spread: Spread) -> str:
    return "-" if spread.mean is None else f"{spread.mean:.4f}"


REPORT = Report(
    facts=lambda result, _tables: result.model_dump(mode="json"),
    text=sentences,
    headline=headline,
    brief=lambda result: {"parameters": result.parameters, "summary": result.summary.model_dump(mode="json")},
)
