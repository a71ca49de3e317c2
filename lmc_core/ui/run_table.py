"""The table of all runs: what it shows of each, and which of them a search keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import AnySpec, PruneSpec
from lmc_core.jobs.snapshot import RunListing, State
from lmc_core.overrides import LONGEST_VALUE, overrides_of
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.runs.results import RunResult
from lmc_core.ui.pruning_verdict import dense_of, headline
from lmc_core.ui.wording import label, method_in_words, network_in_words, title_of, training_in_words, value_name

STATES: dict[State, str] = {"done": "Finished", "running": "Training", "queued": "Waiting", "failed": "Failed", "cancelled": "Cancelled"}
SHIPPED = "Shipped"
TOLD = ("dataset", "architecture.", "epochs", "repeats", "optimizer.name", "optimizer.lr", "measurement.every", "pruning.name")
"""How the paths begin of settings that the table has columns for, or that change nothing in its columns."""


@dataclass(frozen=True)
class Search:
    """What a visitor looks for: words that all have to be there, and states, data sets and networks of which one has to fit."""

    words: str = ""
    states: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


def state_name(run: RunListing) -> str:
    """The run's state as a reader knows it."""
    return SHIPPED if run.shipped else STATES.get(run.state, run.state)


def found(runs: Sequence[RunListing], search: Search) -> list[RunListing]:
    """The runs that a search keeps, in their order."""
    words = search.words[:LONGEST_VALUE].lower().split()
    return [run for run in runs if _fits(run, search, words)]


def _fits(run: RunListing, search: Search, words: Sequence[str]) -> bool:
    spec = run.spec
    text = " ".join(
        (
            run.run_id,
            title_of(spec),
            training_in_words(spec),
            kind_in_words(spec),
            spec.kind,
            verdict_word(run),
            "barrier" if verdict_word(run) == "Not connected" else "",
            state_name(run),
            spec.dataset,
        )
    ).lower()
    return (
        all(word in text for word in words)
        and (not search.states or state_name(run) in search.states)
        and (not search.datasets or spec.dataset in search.datasets)
        and (not search.networks or spec.architecture.name in search.networks)
    )


def verdict_word(run: RunListing) -> str:
    """The verdict of twins in its word, or how far tickets go; empty for a run without a result."""
    if run.result is None:
        return ""
    if isinstance(run.result, PruneResult) and isinstance(run.spec, PruneSpec):
        return headline(run.spec, run.result.levels).partition(", ")[0]
    if not isinstance(run.result, RunResult):
        return ""
    return outcome_of(run.result, run.spec.dataset).headline


def table(runs: Sequence[RunListing]) -> dict[str, list[object]]:
    """The columns of the table; shares are in percent, missing numbers None."""
    return {
        "State": [state_name(run) for run in runs],
        "Kind": [kind_in_words(run.spec) for run in runs],
        "Data": [CATALOG[run.spec.dataset].title for run in runs],
        "Network": [network_in_words(run.spec) for run in runs],
        "Optimiser": [f"{value_name(run.spec.optimizer.name)} {run.spec.optimizer.lr:g}" for run in runs],
        "Epochs": [run.spec.epochs for run in runs],
        "Pairs": [run.spec.repeats for run in runs],
        "Verdict": [verdict_word(run) for run in runs],
        "Test barrier": [_percent(run, "error") for run in runs],
        "Accuracy": [_percent(run, "accuracy") for run in runs],
        "Other settings": [other_settings(run.spec) for run in runs],
        "When": [datetime.fromtimestamp(run.when, UTC) for run in runs],
        "Run": [run.run_id for run in runs],
    }


def other_settings(spec: AnySpec) -> str:
    """The settings, in words, that differ from the defaults and stand in no other column."""
    return ", ".join(f"{label(path)} {text}" for path, text in overrides_of(spec).items() if not path.startswith(TOLD))


def kind_in_words(spec: AnySpec) -> str:
    """What kind of experiment it is; of pruning the method."""
    return method_in_words(spec) if isinstance(spec, PruneSpec) else "Twins"


def _percent(run: RunListing, quantity: Literal["error", "accuracy"]) -> float | None:
    mean = None
    if isinstance(run.result, RunResult):
        mean = getattr(run.result.summary.test, quantity).mean
    elif run.result is not None and (dense := dense_of(run.result.levels, 0)) is not None:
        mean = dense.test_accuracy.mean if quantity == "accuracy" else dense.test.error.mean if dense.test else None
    return None if mean is None else 100 * float(mean)
