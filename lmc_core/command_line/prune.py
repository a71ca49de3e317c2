"""`prune`: run or find one pruning experiment and report its levels."""

import argparse
import sys
from collections.abc import Mapping

import pandas as pd

from lmc_core.command_line.one_run import Report, report_run
from lmc_core.command_line.spec_options import add_spec_options, spec_from
from lmc_core.command_line.twins import percent
from lmc_core.data.spec import DatasetName
from lmc_core.experiment import PruneSpec
from lmc_core.figures import numbers
from lmc_core.figures.spikes import spike_sentence, spikes_of_levels
from lmc_core.runs.outcome import judged_level, outcome_of_level
from lmc_core.runs.pruning_results import Level, PruneResult
from lmc_core.runs.results import as_told
from lmc_core.studies.pruning_presets import PRUNING_PRESETS


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("prune", help="prune networks and train their tickets as twins", allow_abbrev=False)
    add_spec_options(parser, PRUNING_PRESETS, example="pruning.name=iterative pruning.densities=0.5,0.2,0.05 pruning.rewind=0,2")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Find the run or train it, and print its report."""
    spec = spec_from(options, PruneSpec)
    for name in spec.pruning.without_effect:
        reason = "one-shot pruning has no ramp; pruning.schedule=gradual has one"
        print(f"lmc_core: pruning.{name} has no effect here: {reason}.", file=sys.stderr)
    return report_run(spec, REPORT, as_json=options.json)


def facts(result: PruneResult, dataset: DatasetName, tables: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    """The result as scripts read it; its keys are stable."""
    plain = result.model_dump(mode="json", exclude={"levels"})
    return plain | {"levels": [level_facts(level, dataset) for level in result.levels], "history": _records(tables["history"])}


def level_facts(level: Level, dataset: DatasetName) -> dict[str, object]:
    """A level as scripts read it; `nonzero` is the first repeat's count, and `barriers` is None where no twins were trained."""
    plain = judged_level(level, dataset).model_dump(mode="json", exclude={"train_accuracy", "test_accuracy", "train", "test"})
    return plain | _outcome(level, dataset) | _measured(level) | {"nonzero_of_each_repeat": list(level.nonzero)}


def _outcome(level: Level, dataset: DatasetName) -> dict[str, object]:
    outcome = outcome_of_level(level, dataset)
    return {"outcome": outcome.word if outcome else None}


def _measured(level: Level) -> dict[str, object]:
    twins = {"train": level.train.model_dump(), "test": level.test.model_dump()} if level.train and level.test else None
    accuracy = {"train": level.train_accuracy.model_dump(), "test": level.test_accuracy.model_dump()}
    return {"nonzero": level.nonzero[0], "accuracy": as_told(accuracy), "barriers": as_told(twins)}


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """A row a dictionary, None in place of what is not a number."""
    whole = table.astype(object)
    records: list[dict[str, object]] = whole.where(whole.notna(), None).to_dict("records")
    return records


def sentences(result: PruneResult, dataset: DatasetName) -> str:
    """The report for people: a line for each level, why some have no verdict on their line, and what was cut off."""
    head = f"{'':8} {'density':>8} {'from step':>9} {'weights':>9}  {'test accuracy':17} {'test barrier':17}"
    cut_off = [f"Cut off: the {_name(level)} has no weight left in {', '.join(level.cut_off)}." for level in result.levels if level.cut_off]
    found = [(level, outcome_of_level(level, dataset)) for level in result.levels]
    reasons = [
        f"{outcome.headline}: the {_name(level)}. {outcome.reason}" for level, outcome in found if outcome and outcome.connected is None
    ]
    spikes = spike_sentence(spikes_of_levels(result))
    lines = [_line(level, dataset) for level in result.levels]
    return "\n".join([head, *lines, *reasons, *cut_off, *filter(None, [spikes])])


def _line(level: Level, dataset: DatasetName) -> str:
    start = "" if level.rewind is None else f"{level.rewind:,}"
    barrier = percent(level.test.error) if level.test else ""
    outcome = outcome_of_level(level, dataset)
    marks = outcome.word if outcome else ""
    accuracy = percent(level.test_accuracy)
    return f"{level.kind:8} {level.density:8.4g} {start:>9} {level.nonzero[0]:>9,}  {accuracy:17} {barrier:17} {marks}".rstrip()


def _name(level: Level) -> str:
    return f"{level.kind} network of density {level.density:g}" + ("" if level.rewind is None else f" from step {level.rewind:,}")


def headline(result: PruneResult, _dataset: DatasetName) -> str:
    """The test accuracies of the dense network and of the sparsest one."""
    accuracies = [level.test_accuracy.mean for level in result.levels]
    texts = ["diverged" if accuracy is None else numbers.percent(accuracy).replace("%", " %") for accuracy in accuracies]
    sparsest = min(range(len(result.levels)), key=lambda place: result.levels[place].density)
    return f"{texts[0]} dense, {texts[sparsest]} at {result.levels[sparsest].density:g}"


def brief(result: PruneResult, dataset: DatasetName) -> dict[str, object]:
    """What a list of runs tells: each level without its repeats, layers and curves."""
    names = {"kind", "density", "rewind", "connected", "diverged_pairs"}
    levels = [
        judged_level(level, dataset).model_dump(mode="json", include=names) | _outcome(level, dataset) | _measured(level)
        for level in result.levels
    ]
    return {"parameters": result.parameters, "prunable": result.prunable, "levels": levels}


REPORT = Report(facts=facts, text=sentences, headline=headline, brief=brief)
