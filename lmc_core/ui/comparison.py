"""Several runs beside each other: one chart, and a table of nothing but what differs."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lmc_core.data.spec import DatasetName
from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, PruneSpec
from lmc_core.figures.chart_text import chart_text
from lmc_core.figures.compare import Compared, compared_barriers, compared_curves
from lmc_core.figures.compared_tickets import PrunedRun, compared_tickets
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import NOTHING, percent_spread
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.runs.results import RunResult
from lmc_core.runs.store import StoredRun
from lmc_core.ui.differences import differences, short_labels
from lmc_core.ui.engine import engine
from lmc_core.ui.link import MEASURES
from lmc_core.ui.live_chart import Row, board, live_charts
from lmc_core.ui.made_by import made_by_runs
from lmc_core.ui.markup import scrolled_table
from lmc_core.ui.pruning_verdict import dense_of, level_of, reaches, where


@dataclass(frozen=True)
class _Pruned:
    """A finished pruning run."""

    run: StoredRun
    spec: PruneSpec
    progress: PruningProgress
    result: PruneResult


def comparison(run_ids: Sequence[str]) -> None:
    """Show finished runs of one kind in charts, with the settings in which they differ and their results.

    Raises:
        LMCError: more runs than a chart can tell apart, or of two kinds.
    """
    runs = [run for run_id in run_ids if (run := engine().store.find(run_id)) is not None]
    if len(runs) < 2:
        raise LMCError("Select at least two finished runs; a run that still trains or has failed has no curve.")
    if len({run.spec.kind for run in runs}) > 1:
        raise LMCError("Select runs of one kind: twins cannot be compared with pruning runs.")
    labels = short_labels([run.spec for run in runs])
    pruned = [
        _Pruned(run, run.spec, run.progress, run.result)
        for run in runs
        if isinstance(run.spec, PruneSpec) and isinstance(run.progress, PruningProgress) and isinstance(run.result, PruneResult)
    ]
    if pruned:
        _pruned(pruned, labels)
    else:
        _twins(runs, labels)
    st.caption("Settings that all of them share are left out. Mean ± standard deviation over repeats.")


def _twins(runs: Sequence[StoredRun], labels: list[str]) -> None:
    title, choice = st.columns([7, 2], vertical_alignment="center")
    title.subheader(f"{len(runs)} runs compared", anchor=False)
    with choice:
        measure: Measure = st.segmented_control(
            "Measure", MEASURES, key="comparison measure", format_func=str.capitalize, default="error", required=True,
            label_visibility="collapsed", width="stretch",
        )  # fmt: skip
    results = [(run.result, run.spec.dataset) for run in runs if isinstance(run.result, RunResult)]
    outcomes = [outcome_of(result, dataset) for result, dataset in results]
    names = [name if outcome.connected is not None else f"{name}: {outcome.word}" for name, outcome in zip(labels, outcomes, strict=True)]
    compared = [Compared(chart_text(name), run.curves, run.measurements) for name, run in zip(names, runs, strict=True)]
    specs = [run.spec for run in runs]
    judged = any(outcome.connected is not None for outcome in outcomes)
    charts = (compared_curves(compared, measure), compared_barriers(compared, measure, judged=judged))
    live_charts(board(Row(tuple(made_by_runs(chart, specs) for chart in charts), (1, 1))), "compared charts")
    _table(specs, labels, _results_of_twins(results))


def _results_of_twins(results: Sequence[tuple[RunResult, DatasetName]]) -> dict[str, list[str]]:
    summaries = [result.summary for result, _ in results]
    return {
        "Verdict": [outcome_of(result, dataset).headline for result, dataset in results],
        "Test error barrier": [percent_spread(summary.test.error) for summary in summaries],
        "Train error barrier": [percent_spread(summary.train.error) for summary in summaries],
        "Normalised, test": [percent_spread(summary.test.normalized) for summary in summaries],
        "Test accuracy": [percent_spread(summary.test.accuracy) for summary in summaries],
    }


def _pruned(runs: Sequence[_Pruned], labels: list[str]) -> None:
    st.subheader(f"{len(runs)} runs compared", anchor=False)
    compared = [
        PrunedRun(chart_text(name), run.progress.levels_table(run.spec.dataset), run.spec.rewind_steps[0])
        for name, run in zip(labels, runs, strict=True)
    ]
    chart = made_by_runs(compared_tickets(compared), [run.spec for run in runs])
    live_charts(board(Row((chart,), (1,))), "compared tickets")
    _table([run.spec for run in runs], labels, _results_of_pruning(runs))


def _results_of_pruning(runs: Sequence[_Pruned]) -> dict[str, list[str]]:
    first = [
        next((reach for reach in reaches(run.result.levels, run.spec.dataset) if reach.rewind == run.spec.rewind_steps[0]), None)
        for run in runs
    ]
    sparsest = [level_of(run.result.levels, "ticket", run.spec.pruning.densities[-1], run.spec.rewind_steps[0]) for run in runs]
    dense = [dense_of(run.result.levels, run.spec.rewind_steps[0]) for run in runs]
    return {
        "Dense test accuracy": [percent_spread(level.test_accuracy) if level else NOTHING for level in dense],
        "Tickets accurate": [where(reach.accurate) if reach else NOTHING for reach in first],
        "Tickets connected": [where(reach.connected) if reach else NOTHING for reach in first],
        "Sparsest ticket's accuracy": [percent_spread(level.test_accuracy) if level else NOTHING for level in sparsest],
        "Sparsest ticket's barrier": [percent_spread(level.test.error) if level and level.test else NOTHING for level in sparsest],
    }


def _table(specs: Sequence[AnySpec], labels: list[str], results: dict[str, list[str]]) -> None:
    rows = differences(specs) | results
    st.html(scrolled_table({"": list(rows)} | {label: [row[place] for row in rows.values()] for place, label in enumerate(labels)}))
