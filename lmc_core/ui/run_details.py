"""What stands below a finished run of twins: its numbers, how they came about, and files to download."""

from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.connectivity.results import Distance
from lmc_core.figures.numbers import DIVERGED, NOTHING, counted, percent, percent_spread, plain, plain_spread
from lmc_core.figures.spikes import SpikesByNetwork, spike_rows, spike_sentence, spikes_of_twins
from lmc_core.runs.results import CALM, HIGH, PairResult, RunResult, Spread, SummaryOfSplit
from lmc_core.ui.markup import facts, scrolled_table
from lmc_core.ui.provenance import provenance_of
from lmc_core.ui.run_files import RunFile, as_csv, run_files
from lmc_core.ui.tabs import tabs

if TYPE_CHECKING:
    from lmc_core.runs.folder import StoredRun

QUANTITIES = {
    "Error barrier (Eq. 1)": ("error", percent_spread),
    "Normalised barrier (Eq. 2)": ("normalized", percent_spread),
    "Loss barrier, nats": ("loss", plain_spread),
    "Error chord gap": ("error_chord_gap", percent_spread),
    "Loss chord gap, nats": ("loss_chord_gap", plain_spread),
    "Accuracy, mean of the twins": ("accuracy", percent_spread),
}


def details(run: "StoredRun") -> None:
    """The tables of a finished run in tabs."""
    result = run.result
    if isinstance(result, RunResult):
        tabs(
            {
                "Numbers": lambda: _numbers(result, run.spec.steps_per_epoch),
                "Distances": lambda: _distances(result),
                "How it was computed": lambda: st.html(facts(provenance_of(run))),
                "Download": lambda: run_files(run, _files(run)),
            },
            key="details",
        )


def _numbers(result: RunResult, steps_per_epoch: int) -> None:
    summary = result.summary
    rows = {name: [_cell(summary.train, name), _cell(summary.test, name)] for name in QUANTITIES}
    st.html(scrolled_table(_columns(rows, "All pairs", ["Train", "Test"])))
    if len(result.pairs) > 1:
        pairs = {f"Pair {pair.pair + 1}{f' {DIVERGED}' if pair.diverged else ''}": _pair_row(pair) for pair in result.pairs}
        st.html(scrolled_table(_columns(pairs, "Pair by pair", ["Train barrier", "Test barrier", "Test error of A", "Test error of B"])))
    if summary.diverged_pairs:
        st.caption(f"{DIVERGED} Training was unstable (the paper's table 1 marks it so); the pair is left out of means.")
    _spikes(spikes_of_twins(result), steps_per_epoch)
    st.caption(
        "Mean ± standard deviation over pairs. Eq. 1 and Eq. 2 are the paper's; a chord gap is the height above the chord between the ends."
    )


def _spikes(spikes: SpikesByNetwork, steps_per_epoch: int) -> None:
    if not (sentence := spike_sentence(spikes, steps_per_epoch)):
        return
    st.html(scrolled_table(_columns(spike_rows(spikes, steps_per_epoch), "Spikes of the training loss", ["Number", "Highest"])))
    st.caption(f"{sentence} A spike begins when a batch's loss passes {HIGH:g} nats and ends when it is below {CALM:g} again.")


def _cell(part: SummaryOfSplit, name: str) -> str:
    field, show = QUANTITIES[name]
    spread: Spread = getattr(part, field)
    return show(spread)


def _pair_row(pair: PairResult) -> list[str]:
    if pair.diverged:
        return [DIVERGED] * 4
    ends = (pair.curves.test.error[0], pair.curves.test.error[-1])
    return [percent(pair.barriers.train.error), percent(pair.barriers.test.error), *(percent(error) for error in ends)]


def _distances(result: RunResult) -> None:
    kept = [pair.distances for pair in result.pairs if not pair.diverged]
    rows = {
        "Twin A to twin B": _distance([part.twins for part in kept]),
        "Initialisation to A": _distance([part.init_a for part in kept]),
        "Initialisation to B": _distance([part.init_b for part in kept]),
    }
    st.html(scrolled_table(_columns(rows, "Between", ["L2 norm of the difference", "Cosine distance (1 − cosine)"])))
    st.caption(f"Mean over {counted(len(kept), 'pair')}, all parameters of a network as one vector.")


def _distance(parts: list[Distance]) -> list[str]:
    return [_mean([part.l2 for part in parts]), _mean([part.cosine for part in parts])]


def _mean(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return plain(sum(known) / len(known)) if known else NOTHING


def _columns(rows: dict[str, list[str]], corner: str, header: list[str]) -> dict[str, list[str]]:
    """Rows as the columns that a table is made of."""
    table = {corner: list(rows)}
    return table | {name: [row[place] for row in rows.values()] for place, name in enumerate(header)}


def _files(run: "StoredRun") -> list[RunFile]:
    return [
        as_csv(run, "Curves", lambda: run.whole("curves")),
        as_csv(run, "Training", lambda: run.whole("history")),
        as_csv(run, "Measurements", lambda: run.whole("measurements")),
    ]
