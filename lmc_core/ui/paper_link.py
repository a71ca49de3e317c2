"""The link of the page of the paper: which table or figure, at which size, with or without rounding twins."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lmc_core.overrides import short
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.sweeps.plans import PLANS
from lmc_core.ui.link import readable
from lmc_core.ui.standing import Standing

SHOW, SIZE, TWINS = "show", "size", "rounding"
SHOW_KEY, SIZE_KEY, TWINS_KEY = "paper show", "paper size", "paper rounding"
"""The keys of the page's widgets."""


@dataclass(frozen=True)
class PaperLink:
    """What the link says; `complaints` are sentences on what in it was not understood."""

    name: str
    size: Size = SIZES[0]
    rounding_twins: bool = False
    complaints: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """The link as query parameters."""
        parameters = {SHOW: self.name} if self.name != FIRST else {}
        parameters |= {SIZE: self.size} if self.size != SIZES[0] else {}
        return parameters | ({TWINS: "true"} if self.rounding_twins else {})


FIRST = next(iter(PLANS))


def read_paper_link(parameters: Mapping[str, str]) -> PaperLink:
    """The link that query parameters make; what is not known keeps its default."""
    texts, complaints = readable(parameters)
    name, wanted, twins = texts.pop(SHOW, FIRST), texts.pop(SIZE, SIZES[0]), texts.pop(TWINS, "false")
    size = next((size for size in SIZES if size == wanted), None)
    complaints += [] if name in PLANS else [f"{SHOW} is {short(name)}; allowed: {', '.join(PLANS)}."]
    complaints += [] if size else [f"{SIZE} is {short(wanted)}; allowed: {', '.join(SIZES)}."]
    complaints += [] if twins in ("true", "false") else [f"{TWINS} is {short(twins)}; allowed: true, false."]
    complaints += [f"there is no setting {short(other)}." for other in texts]
    return PaperLink(name if name in PLANS else FIRST, size or SIZES[0], twins == "true", tuple(complaints))


def current_paper() -> PaperLink:
    """What the page stands at: its link, or its widgets."""
    return _STANDING.current()


def keep_paper(link: PaperLink) -> None:
    """Remember where the page stands, and write it into the link."""
    _STANDING.keep(link)


def _show(link: PaperLink) -> None:
    st.session_state[SHOW_KEY], st.session_state[SIZE_KEY], st.session_state[TWINS_KEY] = link.name, link.size, link.rounding_twins


_STANDING = Standing("paper", read_paper_link, _show, anchor=SHOW_KEY)
