"""Several runs beside each other: one chart, and a table of nothing but what differs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.figures.compare import Compared, compared_barriers, compared_curves
from lmc_core.figures.interpolation import Measure
from lmc_core.figures.numbers import percent_spread
from lmc_core.ui.differences import differences, short_labels
from lmc_core.ui.engine import engine
from lmc_core.ui.link import MEASURES
from lmc_core.ui.live_chart import Row, board, live_charts

if TYPE_CHECKING:
    from lmc_core.run_folder import StoredRun


def comparison(run_ids: Sequence[str]) -> None:
    """Show finished runs in two charts, with the settings in which they differ and their results.

    Raises:
        LMCError: more runs than a chart can tell apart.
    """
    runs = [run for run_id in run_ids if (run := engine().store.find(run_id)) is not None]
    if len(runs) < 2:
        raise LMCError("Two finished runs at least make a comparison; those that still train or failed have no curve.")
    labels = short_labels([run.spec for run in runs])
    title, choice = st.columns([7, 2], vertical_alignment="center")
    title.subheader(f"{len(runs)} runs compared", anchor=False)
    with choice:
        measure: Measure = st.segmented_control(
            "Measure", MEASURES, key="comparison measure", format_func=str.capitalize, default="error", required=True,
            label_visibility="collapsed", width="stretch",
        )  # fmt: skip
    compared = [Compared(name, run.curves, run.measurements) for name, run in zip(labels, runs, strict=True)]
    live_charts(board(Row((compared_curves(compared, measure), compared_barriers(compared, measure)), (1, 1))), "compared charts")
    st.table(_table(runs, labels), border="horizontal")
    st.caption("Settings that all of them share are left out. Mean ± standard deviation over pairs.")


def _table(runs: Sequence["StoredRun"], labels: list[str]) -> dict[str, list[str]]:
    different = differences([run.spec for run in runs])
    summaries = [run.result.summary for run in runs]
    results = {
        "Test error barrier": [percent_spread(summary.test.error) for summary in summaries],
        "Train error barrier": [percent_spread(summary.train.error) for summary in summaries],
        "Normalised, test": [percent_spread(summary.test.normalized) for summary in summaries],
        "Test accuracy": [percent_spread(summary.test.accuracy) for summary in summaries],
        "Connected": ["∗" if summary.connected is None else "yes" if summary.connected else "no" for summary in summaries],
    }
    rows = different | results
    return {"": list(rows)} | {label: [row[place] for row in rows.values()] for place, label in enumerate(labels)}
