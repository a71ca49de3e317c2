"""The experiment that the controls describe: what it is, what it will cost, and the button that starts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic

import streamlit as st

from lmc_core.checkpoints.resolve import with_start
from lmc_core.cost.estimates import lighter
from lmc_core.cost.lighter import changed_field
from lmc_core.data.presence import is_present
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, PruneSpec, Spec
from lmc_core.figures.numbers import about, count, size
from lmc_core.packing import members_of_run
from lmc_core.studies.presets import PRESETS, Preset
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from lmc_core.ui.asking import ask_for
from lmc_core.ui.controls import typed_spec
from lmc_core.ui.draft import show_run, start_from
from lmc_core.ui.engine import engine
from lmc_core.ui.markup import experiment
from lmc_core.ui.owner import is_owner, owner_token
from lmc_core.ui.plain_text import plain
from lmc_core.ui.pruning_draft import prune_from, show_pruning
from lmc_core.ui.wording import in_words, label, subtitle_of, title_of

OWN = "own"
"""The choice that is no preset."""

_REFUSAL = "lmc.refusal"


@dataclass(frozen=True)
class Offer(Generic[Spec]):
    """What a page offers to train.

    Attributes:
        presets: to start from.
        help: what they are.
        train: what the button says.
        take: sets the page's controls.
        show: lets the page show a run.
    """

    presets: Mapping[str, Preset[Spec]]
    help: str
    train: str
    take: Callable[[Spec], None]
    show: Callable[[str], None]


TWINS = Offer(PRESETS, "Settings to start from: examples on digits, and the paper's own on MNIST.", "Train the twins", start_from, show_run)
PRUNING = Offer(PRUNING_PRESETS, "One example per pruning method, and the open question.", "Prune and train", prune_from, show_pruning)


def presets(spec: Spec, offer: Offer[Spec], take: Callable[[Spec], None] | None = None) -> None:
    """The choice of an experiment to start from, which `take` sets; it follows the controls when they leave it."""
    offered = offer.presets
    st.session_state["preset"] = next((preset.name for preset in offered.values() if preset.spec == spec), OWN)
    chosen = st.selectbox(
        "Start from",
        [OWN, *offered],
        key="preset",
        format_func=lambda name: "Your own settings" if name == OWN else offered[name].title,
        on_change=_take_preset,
        args=(offered, take or offer.take),
        help=offer.help,
    )
    if chosen != OWN:
        st.caption(offered[chosen].caption)


def _take_preset(offered: Mapping[str, Preset[Spec]], take: Callable[[Spec], None]) -> None:
    if (name := st.session_state["preset"]) != OWN:
        take(offered[name].spec)


def costs(spec: AnySpec) -> dict[str, str]:
    """What a run will take on this machine, as words for each quantity."""
    cost = engine().estimate(spec)
    words = {
        f"parameters in each of {count(members_of_run(spec))} networks": count(cost.parameters),
        "on this machine": about(cost.seconds),
        "of memory": size(cost.memory_bytes),
        "on the disk": size(cost.disk_bytes),
    }
    if not is_present(spec.dataset, engine().settings.data_dir):
        words[f"{CATALOG[spec.dataset].title} is downloaded first"] = "↓"
    return words


def experiment_card(spec: AnySpec, shown: str | None, fault: str | None) -> None:
    """The experiment in words with its cost, and the button that starts it, or the sentence that says why it cannot start.

    Args:
        spec: the experiment.
        shown: the run that the page shows.
        fault: why the controls describe no experiment; then there is nothing to start.
    """
    fits = lighter(spec, engine().settings.max_memory_gib) if fault is None else None
    with st.container(border=True, key="experiment"):
        words, action = st.columns([7, 2], vertical_alignment="center", gap="medium")
        with words:
            st.html(experiment(title_of(spec), subtitle_of(spec), costs(spec)))
        with action:
            fault = _start_button(spec, shown, fault)
        if fault is not None:
            st.error(plain(fault), icon=":material/error:")
            if fits is not None:
                _offer_that_fits(spec, fits)


def _start_button(spec: AnySpec, shown: str | None, fault: str | None) -> str | None:
    """The button that trains or shows the experiment; returns why it cannot be pressed.

    A run that only ships with the program can be trained here too.
    """
    snapshot = engine().snapshot(spec.run_id)
    trained = snapshot.run is not None and not snapshot.run.shipped
    known = trained or snapshot.state in ("queued", "running")
    if fault is not None:  # what is typed is another experiment than the spec
        trained = known = False
    refused = st.session_state.pop(_REFUSAL, None)  # told once
    fault = fault or refused or (None if known else engine().refusal(spec))
    face, icon = _face(spec, trained, known, here=shown == spec.run_id)
    still = fault is not None or (known and shown == spec.run_id)
    st.button(face, type="primary", icon=icon, key="start", disabled=still, width="stretch", on_click=_start, args=(spec,))
    return fault


def _offer_that_fits(spec: AnySpec, fits: AnySpec) -> None:
    """The button that sets what lets a run fit into memory."""
    field = changed_field(spec, fits)
    words = f"{label(field)}: {getattr(fits, field)}"
    st.button(f"Set {words}, which fits", icon=":material/memory:", key="fit", on_click=_take, args=(fits,))


def _start(spec: AnySpec) -> None:
    """Train what the controls are set to at the click, which may be another experiment than the one that the button was drawn for."""
    try:
        spec = typed_spec(spec)
        if spec.start.checkpoint and not spec.start.fingerprint:
            bounds = engine().fetching(owner_token())
            spec = with_start(spec, engine().settings.data_dir, anywhere=is_owner(), fetching=bounds)
            _take(spec)
        show = PRUNING.show if isinstance(spec, PruneSpec) else TWINS.show
        show(ask_for(spec))
    except LMCError as fault:
        st.session_state[_REFUSAL] = in_words(fault)


def _take(spec: AnySpec) -> None:
    """Let the controls show a spec that has been completed."""
    if isinstance(spec, PruneSpec):
        PRUNING.take(spec)
    else:
        TWINS.take(spec)


def _face(spec: AnySpec, trained: bool, known: bool, here: bool) -> tuple[str, str]:
    if trained:
        return ("Shown below", ":material/check:") if here else ("Show result", ":material/insights:")
    if known:
        return ("Shown below", ":material/arrow_downward:") if here else ("Watch it", ":material/visibility:")  # it may still wait
    return PRUNING.train if isinstance(spec, PruneSpec) else TWINS.train, ":material/play_arrow:"
