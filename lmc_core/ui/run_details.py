"""What stands below a finished run: its numbers, how they came about, and files to take along."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from lmc_core.data.catalog import CATALOG
from lmc_core.figures.numbers import DIVERGED, NOTHING, count, counted, duration, percent, percent_spread, plain, plain_spread, size
from lmc_core.results import Distance, PairResult, RunResult, Spread, SummaryOfSplit
from lmc_core.ui.engine import engine
from lmc_core.ui.markup import facts
from lmc_core.ui.wording import noise_in_words

if TYPE_CHECKING:
    from lmc_core.run_folder import StoredRun

LARGEST_DOWNLOAD = 200_000_000
"""Bytes of weights that a browser gets as one file; larger ones go to a folder by `python -m lmc_core export`."""

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
    numbers, distances, provenance, files = st.tabs(["Numbers", "Distances", "How it was computed", "Take it along"], key="details")
    with numbers:
        _numbers(run.result)
    with distances:
        _distances(run.result)
    with provenance:
        st.html(facts(_provenance(run)))
    with files:
        _files(run)


def _numbers(result: RunResult) -> None:
    summary = result.summary
    rows = {name: [_cell(summary.train, name), _cell(summary.test, name)] for name in QUANTITIES}
    st.table(_columns(rows, "All pairs", ["Train", "Test"]), border="horizontal")
    if len(result.pairs) > 1:
        pairs = {f"Pair {pair.pair + 1}{f' {DIVERGED}' if pair.diverged else ''}": _pair_row(pair) for pair in result.pairs}
        st.table(
            _columns(pairs, "Pair by pair", ["Train barrier", "Test barrier", "Test error of A", "Test error of B"]), border="horizontal"
        )
    if summary.diverged_pairs:
        st.caption(f"{DIVERGED} Training was unstable (the paper's table 1 marks it so); the pair is left out of means.")
    st.caption(
        "Mean ± standard deviation over pairs. Eq. 1 and Eq. 2 are the paper's; a chord gap is the height above the chord between the ends."
    )


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
    st.table(_columns(rows, "Between", ["L2 norm of the difference", "Cosine distance (1 − cosine)"]), border="horizontal")
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


def _provenance(run: "StoredRun") -> dict[str, str]:
    spec, result = run.spec, run.result
    here, data = result.environment, CATALOG[spec.dataset]
    seeds = f"initialisation {spec.seeds.init}; data order {_two(spec.seeds.order)}; augmentation {_two(spec.seeds.augmentation)}"
    return {
        "Device": f"{here.device}: {here.processor}, {counted(here.threads, 'thread')}",
        "Engine": f"{here.engine}, {spec.precision}",
        "Versions": ", ".join(f"{name} {version}" for name, version in here.versions.items()),
        "Networks": f"{2 * spec.repeats} of {count(result.parameters)} parameters each, trained for {count(spec.total_steps)} steps",
        "Noise": f"{noise_in_words(spec)}; seeds: {seeds}",
        "Data": f"{data.title}: {count(spec.samples)} training and {count(data.test)} test images, "
        + ", ".join(f"{name} {_short(here.dataset[name])}" for name in ("sha256", "mean", "std") if name in here.dataset),
        "Line": f"{len(result.alphas)} equidistant points; train curve without augmentation; means over samples",
        "Time": f"{duration(result.timing.train_seconds)} of training, {duration(result.timing.evaluate_seconds)} of measuring",
        "Run": f"{run.run_id}, {run.created:%d %B %Y %H:%M} UTC" + (", shipped with the program" if run.shipped else ""),
    }


def _two(seeds: tuple[int, int]) -> str:
    return f"{seeds[0]} for both" if seeds[0] == seeds[1] else f"{seeds[0]} (A), {seeds[1]} (B)"


def _short(value: object) -> str:
    text = ", ".join(f"{part:.4g}" for part in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 24 else text[:16] + "…"


def _files(run: "StoredRun") -> None:
    st.markdown("The same run from the command line:")
    st.code(run.command, language="bash", wrap_lines=True)
    networks = f"{counted(len(run.weights), 'network')}"
    weights = 4 * run.result.parameters * len(run.weights)
    with st.container(horizontal=True):
        _download("Curves", "csv", run, lambda: run.curves.to_csv(index=False))
        _download("Training", "csv", run, lambda: run.history.to_csv(index=False))
        _download("Measurements", "csv", run, lambda: run.measurements.to_csv(index=False))
        _download("Spec", "json", run, lambda: run.spec.model_dump_json(indent=1))
        if run.weights and weights <= LARGEST_DOWNLOAD:
            _download("Everything with weights", "zip", run, lambda: engine().store.archive(run.run_id))
    if not run.weights:
        st.caption("The weights of this run are not kept; the command above makes them again.")
    elif weights > LARGEST_DOWNLOAD:
        st.caption(
            f"The weights of {networks} take {size(weights)}: `python -m lmc_core export {run.run_id} FOLDER` writes them into a folder."
        )
    else:
        st.caption(
            f"The zip holds the weights of {networks} ({size(weights)}) as safetensors. Each chart has a button that saves it as SVG."
        )


def _download(name: str, kind: str, run: "StoredRun", content: Callable[[], str | bytes]) -> None:
    file = f"{name.split()[0].lower()}-{run.run_id}.{kind}"
    st.download_button(f"{name} ({kind})", content, file, on_click="ignore", icon=":material/download:", key=f"download {name}")
