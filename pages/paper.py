"""The paper: each of its tables and figures at a click, with what it printed beside what comes out here."""

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.jobs.cells import results_of
from lmc_core.sweeps.claims import CLAIMS, counts_of
from lmc_core.sweeps.claims import RULE as CLAIM_RULE
from lmc_core.sweeps.latex import Form
from lmc_core.sweeps.plan import SIZES, checked_size
from lmc_core.sweeps.plans import PLANS, preset_of
from lmc_core.sweeps.report import Heading
from lmc_core.sweeps.verdict import RULES, order_of
from lmc_core.ui.cells_card import cells_card
from lmc_core.ui.cells_drawing import drawing_of
from lmc_core.ui.cells_view import States, cells_view
from lmc_core.ui.complaints import complain
from lmc_core.ui.downloads import downloads
from lmc_core.ui.first_batches import first_batches
from lmc_core.ui.markup import experiment, scrolled_table
from lmc_core.ui.paper_link import SHOW_KEY, SIZE_KEY, TWINS_KEY, PaperLink, current_paper, keep_paper
from lmc_core.ui.paper_page import choices, shown, size_words
from lmc_core.ui.paper_tables import beside_columns, compared, paper_table
from lmc_core.ui.plain_text import plain

SIZE_HELP = (
    "A sketch runs on digits in minutes, classroom on the real data with fewer epochs, paper as the paper did. ✓: all cells are done here."
)
NOT_PRINTED = "The paper prints no numbers for these cells; compare the shape of its chart and what it says in words."
TWINS_HELP = (
    "Trains beside each pair a copy of twin A with the same noise and other rounding. "
    "The barrier between the two is the floor under which a barrier means nothing."
)

st.title("The paper, table by table")
st.markdown(
    "Every table and figure of [*Disentangling Linear Mode Connectivity*](https://arxiv.org/abs/2312.09832), trained here, "
    "with what the paper prints beside it."
)
link = current_paper()
which, sizes = st.columns([5, 4], vertical_alignment="bottom", gap="medium")
with which:
    name = st.selectbox("Table or figure", list(PLANS), key=SHOW_KEY, format_func=lambda name: PLANS[name].title)
preset = preset_of(name)
with sizes:
    size = st.segmented_control(
        "Size", SIZES, key=SIZE_KEY, required=True, width="stretch", format_func=lambda size: size_words(preset, size), help=SIZE_HELP
    )
twins = preset.trains and st.toggle("With rounding twins", key=TWINS_KEY, help=TWINS_HELP)
complain(link.complaints)
keep_paper(PaperLink(name, checked_size(size or link.size), bool(twins)))
now = shown(preset, checked_size(size or link.size), bool(twins))
form, heading = Form.of_preset(preset), Heading.of_preset(preset, preset.plan(now.size))


def in_the_papers_form(states: States) -> None:
    """The paper's table, filled with ours."""
    st.html(paper_table(preset, now.axes, compared(preset, now.cells, results_of(states))))


def beside(states: States) -> None:
    """What the paper prints beside ours, with a verdict by stated rules."""
    results = results_of(states)
    st.html(scrolled_table(beside_columns(preset, compared(preset, now.cells, results))))
    st.markdown(order_of(preset.name, now.cells, results).text)
    st.caption("The rules. " + " ".join(RULES))


def in_words(states: States) -> None:
    """What the paper says of the figure without printing numbers, and how often it holds here."""
    st.markdown("\n".join(f"- {claim.sentence}" for claim in counts_of(preset.name, now.cells, results_of(states))))
    st.caption(f"How it is counted. {CLAIM_RULE}")


def files(states: States) -> None:
    """What can be downloaded."""
    downloads(f"{preset.name}-{now.size}", heading, form, now.cells, states, lambda: list(drawing_of(now.picture, states).charts.values()))


if preset.trains:
    cells_card(preset.title, preset.caption, now.cells)
else:
    with st.container(border=True):
        st.html(experiment(preset.title, preset.caption, {}))
try:
    if preset.trains:
        above = in_the_papers_form if preset.chart == "table" else None
        first = {"Published beside ours": beside} if now.is_printed else {}
        first |= {"The paper's words beside ours": in_words} if preset.name in CLAIMS else {}
        cells_view(now.picture, files, above, first)
    elif preset.chart == "counts":
        in_the_papers_form({})
        st.caption(RULES[-1])
    else:
        first_batches(now.size)
except LMCError as fault:
    st.error(plain(fault), icon=":material/error:")
st.markdown(f"**Shown: {now.size} size.** {now.setting}" + (f" {NOT_PRINTED}" if preset.trains and not now.is_printed else ""))
st.html(choices(preset.choices))
