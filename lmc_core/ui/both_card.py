"""Two runs that are compared, from pretrained weights and from a random initialisation: what they cost, and the button that starts both."""

from pathlib import Path

import streamlit as st

from lmc_core.checkpoints.resolve import resolve
from lmc_core.cost.estimates import lighter, parameter_count
from lmc_core.cost.lighter import changed_field
from lmc_core.data.presence import is_present
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec
from lmc_core.figures.numbers import about, count, size
from lmc_core.packing import members_of_run
from lmc_core.studies.fine_tuning import BothStarts, FineTuning
from lmc_core.ui.asking import ask_for
from lmc_core.ui.engine import engine
from lmc_core.ui.markup import experiment
from lmc_core.ui.owner import is_owner, owner_token
from lmc_core.ui.plain_text import plain
from lmc_core.ui.transformers_link import fit
from lmc_core.ui.visitor import visitor
from lmc_core.ui.wording import in_words, label, subtitle_of, title_of

_REFUSAL = "lmc.refusal of both"


def both_card(tuning: FineTuning, settings: dict[str, str], both: BothStarts | None, fault: str | None) -> None:
    """The two runs in words with their cost, and the button, or the sentence that says why they cannot start.

    Args:
        tuning: the experiment.
        settings: that differ from its own, a checkpoint among them.
        both: its runs; None where the settings describe none.
        fault: why they describe none.
    """
    with st.container(border=True, key="experiment"):
        words, action = st.columns([7, 2], vertical_alignment="center", gap="medium")
        with words:
            shown = both.random if both else tuning.base
            st.html(experiment(f"{title_of(shown)}: pretrained and random", subtitle_of(shown), _costs(both) if both else {}))
        with action:
            fault = _button(tuning, settings, both, fault)
        if fault is not None:
            st.error(plain(fault), icon=":material/error:")
            if both is not None and (fits := lighter(both.random, engine().settings.max_memory_gib)) is not None:
                _offer_that_fits(both.random, fits)
        elif both and both.missing and not (both.pretrained and _is_done(both.pretrained)):
            st.info(plain(both.missing), icon=":material/download:")


def _offer_that_fits(spec: AnySpec, fits: AnySpec) -> None:
    """The button that sets what lets both runs fit into memory."""
    path = changed_field(spec, fits)
    value = str(getattr(fits, path))
    st.button(f"Set {label(path)}: {value}, which fits", icon=":material/memory:", key="fit", on_click=fit, args=({path: value},))


def _costs(both: BothStarts) -> dict[str, str]:
    """What the runs will take on this machine; what is done takes nothing."""
    left = [spec for spec in both.runs.values() if not _is_done(spec)]
    if not left:
        return {"runs, all done": count(len(both.runs))}
    costs = [engine().estimate(spec) for spec in left]
    words = {
        "networks to train": count(sum(members_of_run(spec) for spec in left)),
        "parameters each": count(parameter_count(left[0])),
        "on this machine": about(sum(cost.seconds for cost in costs)),
        "of memory": size(max(cost.memory_bytes for cost in costs)),
    }
    if not is_present(left[0].dataset, engine().settings.data_dir):
        words[f"{CATALOG[left[0].dataset].title} is downloaded first"] = "↓"
    return words


def _is_done(spec: AnySpec) -> bool:
    return engine().snapshot(spec.run_id).state == "done"


def _button(tuning: FineTuning, settings: dict[str, str], both: BothStarts | None, fault: str | None) -> str | None:
    """The button that starts or stops the runs; returns why it cannot be pressed, or what came of pressing it."""
    specs = list(both.runs.values()) if both else []
    snapshots = [engine().snapshot(spec.run_id) for spec in specs]
    if going := [snapshot for snapshot in snapshots if snapshot.state in ("queued", "running")]:
        stopping = all(snapshot.stopping for snapshot in going)
        face = "Stopping …" if stopping else "Stop both" if len(going) > 1 else "Stop"
        ids = [snapshot.run_id for snapshot in going]
        st.button(face, icon=":material/stop_circle:", key="stop", disabled=stopping, width="stretch", on_click=_stop, args=(ids,))
        told = st.session_state.pop(_REFUSAL, None)
        return fault or told
    left = [spec for spec, snapshot in zip(specs, snapshots, strict=True) if snapshot.state != "done"]
    unknown = both is not None and both.pretrained is None
    refused = fault or next(filter(None, (engine().refusal(spec) for spec in left)), None)
    still = refused is not None or not (left or unknown)
    face, icon = ("Train both", ":material/play_arrow:") if len(left) + unknown > 1 else ("Train the other", ":material/play_arrow:")
    if not left and not unknown:
        face, icon = "Both are done", ":material/check:"
    if st.button(face, type="primary", icon=icon, key="start", disabled=still, width="stretch") and not still:
        _start(tuning, settings)
        st.rerun()
    told = st.session_state.pop(_REFUSAL, None)
    return refused or told


def _start(tuning: FineTuning, settings: dict[str, str]) -> None:
    """Have both runs trained; where the checkpoint is not to be had, the random one all the same."""
    data_dir = engine().settings.data_dir
    faults = []
    try:
        _fetch(tuning, settings, data_dir)
    except LMCError as fault:
        faults.append(in_words(fault))
    try:
        both = tuning.both(data_dir, settings, anywhere=is_owner())
        for origin, spec in both.runs.items():
            if engine().snapshot(spec.run_id).state == "done" or (origin == "pretrained" and both.missing):
                continue
            ask_for(spec)
    except LMCError as fault:
        faults.append(in_words(fault))
    if faults:
        st.session_state[_REFUSAL] = " ".join(dict.fromkeys(faults))


def _fetch(tuning: FineTuning, settings: dict[str, str], data_dir: Path) -> None:
    """Bring the checkpoint from the hub if a run needs it and it is not here.

    Raises:
        LMCError: it is not to be had.
    """
    both = tuning.both(data_dir, settings, anywhere=is_owner())
    if both.missing and not (both.pretrained and _is_done(both.pretrained)):
        bounds = engine().fetching(owner_token())
        resolve(settings.get("start.checkpoint") or tuning.start.checkpoint, data_dir, anywhere=is_owner(), fetching=bounds)


def _stop(run_ids: list[str]) -> None:
    try:
        stopped = engine().cancel_all(run_ids, visitor())
    except LMCError as fault:
        st.session_state[_REFUSAL] = in_words(fault)
        return
    words = "The runs are being stopped; what they have done is kept." if stopped else "Others are watching these runs, so they go on."
    st.toast(words, icon=":material/stop_circle:" if stopped else ":material/group:")
