"""What stands below a finished pruning run: its levels, how they came about, and files to download."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.experiment import PruneSpec
from lmc_core.figures.chart import Chart
from lmc_core.figures.level_kinds import LOOKS, MEANINGS
from lmc_core.figures.numbers import DIVERGED, NOTHING
from lmc_core.figures.spikes import spike_sentence, spikes_of_levels
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.ui.markup import facts
from lmc_core.ui.provenance import provenance_of
from lmc_core.ui.pruning_report import pruning_report
from lmc_core.ui.pruning_table import SHARES, level_columns
from lmc_core.ui.pruning_verdict import RULE
from lmc_core.ui.run_files import RunFile, as_csv, as_parquet, run_files
from lmc_core.ui.tabs import tabs

if TYPE_CHECKING:
    from lmc_core.runs.folder import StoredRun


def pruning_details(run: "StoredRun", charts: Mapping[str, Chart]) -> None:
    """The tables of a finished run in tabs; the report shows these charts."""
    progress, spec = run.progress, run.spec
    if not isinstance(progress, PruningProgress) or not isinstance(spec, PruneSpec):
        return
    tabs(
        {
            "All levels": lambda: _levels(spec, progress, run.result),
            "How it was computed": lambda: st.html(facts(provenance_of(run))),
            "Download": lambda: run_files(run, _files(run, spec, progress, charts)),
        },
        key="pruning details",
    )


def _levels(spec: PruneSpec, progress: PruningProgress, result: object) -> None:
    st.dataframe(
        level_columns(spec, progress.levels),
        hide_index=True,
        placeholder=NOTHING,
        alt="All levels, one per row, with weights kept, accuracies and barriers",
        column_config={
            **{name: st.column_config.NumberColumn(format="%.2f%%") for name in SHARES},
            "Kept": st.column_config.NumberColumn(format="%.3g%%", help="Share of the prunable weights that was asked for."),
        },
    )
    meanings = ". ".join(f"{LOOKS[kind].label}: {words}" for kind, words in MEANINGS.items())
    if isinstance(result, PruneResult) and (sentence := spike_sentence(spikes_of_levels(result), spec.steps_per_epoch)):
        st.caption(sentence)
    st.caption(f"{meanings}. Accuracies and barriers are means over repeats; {DIVERGED} counts repeats of which a network diverged. {RULE}")


def _files(run: "StoredRun", spec: PruneSpec, progress: PruningProgress, charts: Mapping[str, Chart]) -> list[RunFile]:
    return [
        as_csv(run, "Levels", lambda: progress.levels_table(spec.dataset)),
        as_parquet(run, "Levels", lambda: progress.levels_table(spec.dataset)),
        as_csv(run, "Training", lambda: run.whole("history")),
        as_csv(run, "Steps", lambda: run.whole("steps")),
        as_parquet(run, "Steps", lambda: run.whole("steps")),
        as_csv(run, "Curves", lambda: run.whole("curves")),
        RunFile("Report", "html", lambda: pruning_report(run, spec, progress, list(charts.values()))),
    ]
