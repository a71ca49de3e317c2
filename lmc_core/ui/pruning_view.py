"""A pruning run on a page: live while it trains, with verdict, numbers, a look into each network and downloads."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from lmc_core.experiment import PruneSpec
from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import counted
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.pruning.spec import Platon
from lmc_core.runs.outcome import lost_layers
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.pruning_results import Level
from lmc_core.ui.engine import engine
from lmc_core.ui.live_chart import live_charts
from lmc_core.ui.markup import status
from lmc_core.ui.pruning_details import pruning_details
from lmc_core.ui.pruning_draft import kept_pruning, lay_over, look_at
from lmc_core.ui.pruning_drawing import Beside, Drawing, look_of, question_of, told_by_pruning
from lmc_core.ui.pruning_link import OVERS, Over, read_networks
from lmc_core.ui.pruning_look import Look, chosen, densities_to_look_at, networks_to_look_at
from lmc_core.ui.pruning_verdict import failures, pruning_verdict
from lmc_core.ui.run_head import Words, run_head
from lmc_core.ui.watching import watch
from lmc_core.ui.wording import network_name

MADE_KEY = "pruning choices made"
OVER_WORDS: dict[Over, str] = {"density": "Over the density", "k": "Over the rewinding point k"}
MOST_ABREAST = 4
"""More kinds of networks than this are a list to choose from."""
NAMED = 3
"""So many levels with a layer that was cut off are named."""


def pruning_view(run_id: str, drafted: str) -> None:
    """Show a run, and keep it up to date until it ends.

    Args:
        run_id: the run.
        drafted: the run that the controls describe.

    Raises:
        LMCError: the run id is none.
    """
    watch(run_id, partial(_run, drafted=drafted))


def _run(snapshot: Snapshot, drafted: str) -> None:
    run_head(snapshot, PRUNING_WORDS, drafted)
    spec, progress = snapshot.spec, told_by_pruning(snapshot)
    if not isinstance(spec, PruneSpec) or (snapshot.ended and snapshot.run is None and progress.history.empty):
        return
    if warning := cut_off_in_words(spec, progress.levels):
        st.warning(warning, icon=":material/link_off:")
    over = kept_pruning().over if len(spec.rewind_steps) > 1 else OVERS[0]
    question = question_of(snapshot, spec, over)
    _question(spec, over, question)
    st.html(question.tiles)
    _look(snapshot, spec, progress)
    if snapshot.run is not None:
        pruning_details(snapshot.run, question.board.charts)


def _question(spec: PruneSpec, over: Over, question: Drawing) -> None:
    """The open question's charts; with several rewinding points one chooses what lies along them."""
    if len(spec.rewind_steps) > 1:
        key = f"pruning over {over}"
        if st.session_state.get(key) != over:
            st.session_state.pop(key, None)
        st.segmented_control(
            "What the chart lies over",
            OVERS,
            default=over,
            key=key,
            format_func=OVER_WORDS.__getitem__,
            required=True,
            label_visibility="collapsed",
            on_change=_lay_over,
            args=(key,),
        )
    live_charts(question.board, f"question over {over}")


def _lay_over(key: str) -> None:
    lay_over(st.session_state[key])


def _look(snapshot: Snapshot, spec: PruneSpec, progress: PruningProgress) -> None:
    """The choice of one network, and what it looks like from within."""
    look = chosen(kept_pruning(), spec, progress)
    st.subheader("Inside one network", anchor=False)
    _choose(spec, look)
    beside = _beside(spec, look)
    live_charts(look_of(snapshot, spec, look, beside), "inside one network")
    if isinstance(spec.pruning, Platon):
        st.caption(_masking_caption(spec, beside))


def _choose(spec: PruneSpec, look: Look) -> None:
    """Draw the choice of networks and of a density.

    Where the page itself goes on to another network, as the training does, the widgets are made anew: a browser that still tells
    of the old value would otherwise undo it.
    """
    made, start = st.session_state.get(MADE_KEY, (0, look))
    if _told(made, start) != (look.networks.text, look.density):
        made, start = made + 1, look
    st.session_state[MADE_KEY] = made, start
    offered = {networks.text: networks for networks in networks_to_look_at(spec)}

    def name(text: str) -> str:
        return network_name(spec, offered[text].kind, offered[text].rewind)

    kind, density = st.columns([3, 2], gap="large", vertical_alignment="center")
    with kind:
        more: dict[str, Any] = {"key": _networks_key(made), "format_func": name, "on_change": _look_at, "args": (made,)}
        if len(offered) > MOST_ABREAST:
            st.selectbox("Networks", list(offered), index=list(offered).index(start.networks.text), **more)
        else:
            st.segmented_control("Networks", list(offered), default=start.networks.text, required=True, **more)
    with density:
        st.select_slider(
            "Weights kept",
            densities_to_look_at(spec),
            value=start.density,
            key=_density_key(made),
            format_func=density_words,
            on_change=_look_at,
            args=(made,),
        )


def _look_at(made: int) -> None:
    """Put into the link what was chosen; widgets that are gone may still tell of themselves once, and are not heard."""
    newest, start = st.session_state[MADE_KEY]
    if made == newest:
        text, density = _told(made, start)
        look_at(read_networks(text), density)


def _told(made: int, start: Look) -> tuple[str, float]:
    """What the widgets stand at: networks as a link names them, and a density; at first as they were made."""
    return st.session_state.get(_networks_key(made), start.networks.text), st.session_state.get(_density_key(made), start.density)


def _networks_key(made: int) -> str:
    return f"pruning networks {made}"


def _density_key(made: int) -> str:
    return f"pruning density {made}"


def _beside(spec: PruneSpec, look: Look) -> Beside | None:
    """The same experiment with the other masking, where it was trained: its loss is drawn beside this one's."""
    if not isinstance(spec.pruning, Platon) or look.networks.kind != "pruned":
        return None
    other = other_masking(spec)
    run = engine().store.find(other.run_id)
    if run is None or not isinstance(other.pruning, Platon) or not isinstance(run.progress, PruningProgress):
        return None
    return Beside(run.run_id, f"{other.pruning.masking.capitalize()} masking", run.progress)


def other_masking(spec: PruneSpec) -> PruneSpec:
    """The same experiment with hard masking in place of soft, or soft in place of hard."""
    if not isinstance(spec.pruning, Platon):
        return spec
    masking = "hard" if spec.pruning.masking == "soft" else "soft"
    return spec.model_copy(update={"pruning": spec.pruning.model_copy(update={"masking": masking})})


def _masking_caption(spec: PruneSpec, beside: Beside | None) -> str:
    other = other_masking(spec).pruning
    name = other.masking if isinstance(other, Platon) else ""
    comes_back = (
        "Soft masking sets weights to 0 and lets the next step of the optimiser move them: in the ramp the true ratio falls at a mask "
        "and is back one step later. Accuracy is measured on the masked weights. "
    )
    hint = f"Train the same run with **{name}** masking to see its moving average beside this one."
    return comes_back + (f"The run with {name} masking stands beside it." if beside else hint)


def cut_off_in_words(spec: PruneSpec, levels: Sequence[Level]) -> str:
    """The warning that some networks have a layer without any weight left; empty where none has."""
    cut = [(level, layers) for level in levels if (layers := ", ".join(lost_layers(level)))]
    if not cut:
        return ""
    named = [f"{network_name(spec, level.kind, level.rewind)} at {density_words(level.density)}: {layers}" for level, layers in cut[:NAMED]]
    more = f", and {counted(len(cut) - NAMED, 'more level')}" if len(cut) > NAMED else ""
    return (
        f"**A layer is wholly cut off** ({'; '.join(named)}{more}). A layer without weights passes nothing of the image on: where it is "
        "the only way through, the network answers the same for every image, whatever its barrier says."
    )


def _stage(snapshot: Snapshot) -> str:
    progress, spec = told_by_pruning(snapshot), snapshot.spec
    if not progress.phases or spec is None:
        return "Training"
    return f"Part {progress.phase + 1} of {progress.phases}: epoch {min(progress.epoch + 1, spec.epochs)} of {spec.epochs}"


def _aside(snapshot: Snapshot) -> str:
    progress = told_by_pruning(snapshot)
    words = f"{progress.phase_text[0].upper()}{progress.phase_text[1:]}." if progress.phase_text else ""
    return " ".join(filter(None, (words, *(failures(snapshot.spec, progress.levels) if isinstance(snapshot.spec, PruneSpec) else ()))))


def _outcome(snapshot: Snapshot) -> str:
    if not isinstance(snapshot.spec, PruneSpec):
        return ""
    found = pruning_verdict(snapshot.spec, told_by_pruning(snapshot).levels)
    return status(found.headline, found.sentence)


PRUNING_WORDS = Words("Train it", _stage, _aside, _outcome)
