"""Transformers: the blog's experiments with vision transformers, from pretrained weights and from a random initialisation."""

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.studies.blog import BLOG_STUDIES
from lmc_core.studies.fine_tuning import BothStarts
from lmc_core.sweeps.plan import SIZES, checked_size
from lmc_core.ui.both_card import both_card
from lmc_core.ui.both_view import both_view
from lmc_core.ui.complaints import complain
from lmc_core.ui.engine import engine
from lmc_core.ui.owner import is_owner
from lmc_core.ui.paper_page import choices
from lmc_core.ui.transformers_link import (
    CHECKPOINT_KEY,
    DETAILS_KEY,
    PRECISION_KEY,
    PRECISIONS,
    SHOW_KEY,
    SIZE_KEY,
    TransformersLink,
    current_transformers,
    fit,
    keep_transformers,
    own_precision,
)
from lmc_core.ui.wording import in_words

SIZE_HELP = "A sketch takes minutes on two cores, classroom a GPU or days, paper a GPU: ViT-Base on all of CIFAR-10, as in the blog."
CHECKPOINT_HELP = "The name of a checkpoint in the models' folder, or of a ViT on the Hugging Face hub; empty takes the size's own."
PRECISION_HELP = "bfloat16 runs the products in lower precision: faster where the processor has them, other numbers."


def _as_it_is_made() -> None:
    """Another experiment or size stands at its own precision and batches, from a widget's callback."""
    fit({})
    st.session_state[PRECISION_KEY] = own_precision(st.session_state[SHOW_KEY], checked_size(st.session_state[SIZE_KEY]))


st.title("Transformers: pretrained against random")
st.markdown(
    "The experiments of the blog *Understanding Linear Mode Connectivity* (Han & Zhu 2023), "
    "from **pretrained** and from **random** weights."
)
link = current_transformers()
which, sizes, begins, precise = st.columns([46, 21, 17, 17], vertical_alignment="bottom", gap="small")
with which:
    name = st.segmented_control(
        "Experiment",
        list(BLOG_STUDIES),
        key=SHOW_KEY,
        required=True,
        width="stretch",
        format_func=lambda name: BLOG_STUDIES[name].title,
        on_change=_as_it_is_made,
    )
with sizes:
    size = st.segmented_control(
        "Size",
        SIZES,
        key=SIZE_KEY,
        required=True,
        width="stretch",
        format_func=str.capitalize,
        help=SIZE_HELP,
        on_change=_as_it_is_made,
    )
study, size = BLOG_STUDIES[name or link.name], checked_size(size or link.size)
tuning = study.make(size)
with begins:
    checkpoint = st.text_input("Pretrained checkpoint", key=CHECKPOINT_KEY, placeholder=tuning.start.checkpoint, help=CHECKPOINT_HELP)
with precise:
    precision = st.segmented_control("Precision", PRECISIONS, key=PRECISION_KEY, required=True, width="stretch", help=PRECISION_HELP)
complain(link.complaints)
now = TransformersLink(
    study.name,
    size,
    checkpoint.strip(),
    precision if precision and precision != own_precision(study.name, size) else "",
    st.session_state.get(DETAILS_KEY) or link.details,
    link.fitting,
)
keep_transformers(now)
both: BothStarts | None = None
fault = None
try:
    both = tuning.both(engine().settings.data_dir, now.settings, anywhere=is_owner())
except LMCError as error:
    fault = in_words(error)

both_card(tuning, now.settings, both, fault)
if both:
    both_view(both.runs, both.missing)
st.markdown(f"{study.caption} **Shown: {size} size.** {study.settings[size]}")
st.html(choices(study.choices, "the blog"))
