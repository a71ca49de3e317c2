"""`twins`: run or find one experiment and report it."""

import argparse

from lmc_core.command_line.one_run import Report, report_run
from lmc_core.command_line.spec_options import add_spec_options, spec_from
from lmc_core.data.spec import DatasetName
from lmc_core.experiment import TwinsSpec
from lmc_core.figures import numbers
from lmc_core.figures.spikes import spike_sentence, spikes_of_twins
from lmc_core.runs.outcome import judged, outcome_of
from lmc_core.runs.results import RunResult, Spread, SummaryOfSplit, as_told
from lmc_core.studies.presets import PRESETS


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("twins", help="run or find one experiment", allow_abbrev=False)
    add_spec_options(parser, PRESETS)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Find the run or train it, and print its report."""
    return report_run(spec_from(options, TwinsSpec), REPORT, as_json=options.json)


def sentences(result: RunResult, dataset: DatasetName) -> str:
    """The report for people: the verdict with its reason, then both splits."""
    summary, outcome = result.summary, outcome_of(result, dataset)
    spikes = spike_sentence(spikes_of_twins(result))
    rows = [_row("train", summary.train), _row("test", summary.test)]
    return "\n".join([f"{outcome.headline}. {outcome.reason}", *rows, *filter(None, [spikes])])


def headline(result: RunResult, dataset: DatasetName) -> str:
    """The mean test error barrier, or why it says nothing."""
    outcome, barrier = outcome_of(result, dataset), result.summary.test.error.mean
    return outcome.word if outcome.connected is None or barrier is None else f"{100 * barrier:6.2f} %"


def summary_facts(result: RunResult, dataset: DatasetName) -> dict[str, object]:
    """The summary as scripts read it, with its verdict in a word as `outcome`; `connected` is None where there is no line to judge."""
    summary: dict[str, object] = as_told(judged(result, dataset).summary.model_dump(mode="json"))
    return summary | {"outcome": outcome_of(result, dataset).word}


def _row(name: str, split: SummaryOfSplit) -> str:
    barriers = f"barrier {percent(split.error)}, normalised {percent(split.normalized)}, loss barrier {_number(split.loss)}"
    return f"{name:5s} {barriers}, accuracy {percent(split.accuracy)}"


def percent(spread: Spread) -> str:
    """Mean and standard deviation over repeats."""
    if spread.mean is None:
        return "-"
    return numbers.percent(spread.mean) + (
        f" ± {numbers.percent(spread.std).removesuffix('%')}" if spread.n > 1 and spread.std is not None else ""
    )


def _number(spread: Spread) -> str:
    return "-" if spread.mean is None else f"{spread.mean:.4f}"


REPORT = Report(
    facts=lambda result, dataset, _tables: result.model_dump(mode="json") | {"summary": summary_facts(result, dataset)},
    text=sentences,
    headline=headline,
    brief=lambda result, dataset: {"parameters": result.parameters, "summary": summary_facts(result, dataset)},
)
