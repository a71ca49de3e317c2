"""Two runs that are compared on a page: live while they train, with charts that hold both, and either run's tables below."""

from collections.abc import Mapping

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, PruneSpec
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.studies.fine_tuning import ORIGIN_WORDS, ORIGINS, Origin
from lmc_core.ui.addresses import page_of
from lmc_core.ui.both_drawing import Snapshots, both_drawn
from lmc_core.ui.both_verdict import both_table, both_verdict
from lmc_core.ui.engine import engine
from lmc_core.ui.live_chart import Board, live_charts
from lmc_core.ui.markup import heading, scrolled_table, status
from lmc_core.ui.plain_text import plain
from lmc_core.ui.pruning_details import pruning_details
from lmc_core.ui.pruning_view import PRUNING_WORDS
from lmc_core.ui.run_details import details
from lmc_core.ui.run_head import run_status
from lmc_core.ui.run_link import parameters_of_run
from lmc_core.ui.run_view import TWINS_WORDS
from lmc_core.ui.transformers_link import DETAILS_KEY
from lmc_core.ui.visitor import visitor
from lmc_core.ui.watching import pace

AWAY = "Its checkpoint is not on this machine."


def both_view(runs: Mapping[Origin, AnySpec], missing: str | None) -> None:
    """Show the runs, and keep them up to date until both have ended.

    Args:
        runs: those that are known; the random one is among them.
        missing: why the pretrained one is not known or cannot train; None if it can.
    """
    live = any(not snapshot.ended for snapshot in _looked_at(runs).values())
    st.fragment(_both, run_every=pace(visitor()) if live else None)(runs, missing, live)


def _looked_at(runs: Mapping[Origin, AnySpec]) -> Snapshots:
    return {origin: engine().snapshot(spec.run_id, visitor()) for origin, spec in runs.items()}


def _both(runs: Mapping[Origin, AnySpec], missing: str | None, live: bool) -> None:
    try:
        snapshots = _looked_at(runs)
    except LMCError as fault:
        st.error(plain(fault), icon=":material/error:")
        return
    if live and all(snapshot.ended for snapshot in snapshots.values()):
        st.rerun()
    if all(snapshot.state == "unknown" for snapshot in snapshots.values()):
        st.html(status("Nothing trained yet", "The charts fill in while the networks train."))
        return
    found = both_verdict(snapshots)
    if found:
        st.html(status(found.headline, found.sentence))
    if found is None or not all(_is_known(snapshots.get(origin)) for origin in ORIGINS):
        for origin, place in zip(ORIGINS, st.columns(len(ORIGINS), gap="large"), strict=True):
            with place:
                _one(origin, snapshots.get(origin), runs.get(origin), missing, told=found is not None)
    drawn = both_drawn(snapshots, runs["random"])
    live_charts(drawn, f"charts of both, {len(drawn.charts)}")
    for origin, place in zip(ORIGINS, st.columns(len(ORIGINS), gap="large"), strict=True):
        with place:
            _link(origin, snapshots.get(origin), runs.get(origin))
    if table := both_table(snapshots):
        st.html(scrolled_table(table))
    _details(snapshots, drawn)


def _is_known(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and snapshot.state != "unknown"


def _one(origin: Origin, snapshot: Snapshot | None, spec: AnySpec | None, missing: str | None, told: bool) -> None:
    """Where one of the runs stands, unless the verdict on both has told it."""
    if not told:
        st.html(heading("", ORIGIN_WORDS[origin], spec.start.checkpoint if spec else ""))
    if snapshot is None or spec is None:
        st.html(status("Not here yet", AWAY))
    elif snapshot.state == "unknown":
        away = origin == "pretrained" and missing
        st.html(status("Not trained yet", AWAY if away else "Train it to see its line."))
    elif not told:
        st.html(run_status(snapshot, PRUNING_WORDS if isinstance(spec, PruneSpec) else TWINS_WORDS))


def _link(origin: Origin, snapshot: Snapshot | None, spec: AnySpec | None) -> None:
    """The way to the page of one of the runs."""
    if snapshot is None or spec is None or not _is_known(snapshot):
        return
    label = f"{ORIGIN_WORDS[origin]}: run {snapshot.run_id}"
    st.page_link(page_of(spec), label=label, icon=":material/open_in_full:", query_params=parameters_of_run(spec, snapshot.run_id))


def _details(snapshots: Snapshots, drawn: Board) -> None:
    """Tables, provenance and files of the finished run that one chooses."""
    done = [origin for origin, snapshot in snapshots.items() if snapshot.run is not None]
    if not done:
        return
    if st.session_state.get(DETAILS_KEY) not in done:
        st.session_state[DETAILS_KEY] = done[0]
    chosen = st.segmented_control(
        "Tables and files of the run", done, key=DETAILS_KEY, format_func=lambda origin: ORIGIN_WORDS[origin], required=True
    )
    run = snapshots[chosen].run if chosen else None
    if run is not None:
        if isinstance(run.spec, PruneSpec):
            pruning_details(run, drawn.charts)
        else:
            details(run)
