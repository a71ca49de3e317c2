"""Emergence: how much training twins must share to be connected, of which kind, and where in the network the barrier lies."""

from dataclasses import replace
from functools import partial

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.figures.cell_lines import TITLES
from lmc_core.studies.emergence import Emergence, left_out, stages_in
from lmc_core.studies.emergence_presets import EMERGENCE
from lmc_core.sweeps.sweep import Cell
from lmc_core.ui.cells_card import cells_card
from lmc_core.ui.cells_view import cells_view
from lmc_core.ui.complaints import complain
from lmc_core.ui.controls import controls
from lmc_core.ui.emergence_controls import source_controls, study_controls, values_control
from lmc_core.ui.emergence_draft import QUANTITY_KEY, SPLIT_KEY, current_emergence, emergence_from, keep_emergence, typed_emergence
from lmc_core.ui.emergence_drawing import MEASURES, QUANTITIES, picture_of
from lmc_core.ui.emergence_files import emergence_files
from lmc_core.ui.emergence_link import place_of
from lmc_core.ui.engine import engine
from lmc_core.ui.owner import is_owner
from lmc_core.ui.plain_text import plain
from lmc_core.ui.pretraining_card import go_on, pretrained_by, pretraining_card, pretraining_view
from lmc_core.ui.spec_file import spec_file
from lmc_core.ui.sweep_link import SPLITS
from lmc_core.ui.wording import in_words, subtitle_of, title_of

link = current_emergence()
spec, fault = link.spec, None
with st.sidebar:
    try:
        spec = controls(link.spec)
    except LMCError as error:
        fault = in_words(error)
    spec_file(spec, emergence_from)

st.title("When does connectivity emerge?")
st.markdown("Twins that share enough of their training are connected. How much is enough?")
complain(link.complaints)
link = typed_emergence(link, spec)
way, place = link.way, place_of(link)
study_controls(place)
with st.container(key="factors"):
    values_control(way, link.folder)
    if way == "pretraining":
        source_controls(spec)

study: Emergence | None = None
cells: tuple[Cell, ...] | None = None
try:
    data_dir = engine().settings.data_dir
    named = way == "pretraining" and link.folder
    study = link.study(stages_in(link.folder, data_dir, anywhere=is_owner()) if named else ())
    if named and (said := left_out(link.folder, data_dir, anywhere=is_owner())):
        st.caption(plain(said))
    cells = study.ready(data_dir, anywhere=is_owner()) or study.known(run.spec for run in engine().store.list())
except LMCError as error:
    fault = fault or in_words(error)

title, more = f"Twins: {title_of(spec)}", subtitle_of(spec)
if study and study.pretraining and cells is None:
    pretraining_card(title, more, study.pretraining, study.cells, fault)
else:
    if study and study.pretraining and cells:
        fault = go_on(study.pretraining, cells) or fault
    cells_card(title, more, cells or (), fault)

with st.container(horizontal=True, vertical_alignment="center"):
    shown = MEASURES if way == "blocks" else QUANTITIES
    if st.session_state.get(QUANTITY_KEY) not in shown:
        st.session_state[QUANTITY_KEY] = shown[0]
    quantity = st.segmented_control(
        "What the chart shows",
        shown,
        key=QUANTITY_KEY,
        format_func=lambda name: name.capitalize() if way == "blocks" else TITLES[name],
        required=True,
        label_visibility="collapsed",
    )
    split = st.segmented_control(
        "On which images", SPLITS, key=SPLIT_KEY, format_func=str.capitalize, required=True, label_visibility="collapsed"
    )
link = replace(link, quantity=quantity or link.quantity, split=split or link.split)
keep_emergence(link)
if study and cells:
    if study.pretraining:
        pretrained_by(study.pretraining)
    picture = picture_of(study, cells, link.quantity, link.split)
    cells_view(picture, partial(emergence_files, study, picture))
elif study and study.pretraining:
    pretraining_view(study.pretraining)
if place:
    preset = EMERGENCE[f"{way}_{place[0]}"]
    st.markdown(f"**{preset.title}.** {preset.caption} **Shown: {place[1]} size.** {preset.settings[place[1]]}")
