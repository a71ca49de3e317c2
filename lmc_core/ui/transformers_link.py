"""The link of the page of transformers: which of the blog's experiments, its size, the checkpoint, the precision, the batches."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

import streamlit as st

from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import short
from lmc_core.studies.blog import BLOG_STUDIES
from lmc_core.studies.fine_tuning import ORIGINS, Origin
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.ui.link import readable
from lmc_core.ui.standing import Standing

SHOW, SIZE, CHECKPOINT, PRECISION, DETAILS = "show", "size", "checkpoint", "precision", "details"
SHOW_KEY, SIZE_KEY, CHECKPOINT_KEY, PRECISION_KEY, DETAILS_KEY = (
    f"transformers {part}" for part in (SHOW, SIZE, CHECKPOINT, PRECISION, DETAILS)
)
"""The keys of the page's widgets."""
FITTING = ("accumulation",)
"""Settings by which a run is made to fit into memory."""
FIRST = next(iter(BLOG_STUDIES))
PRECISIONS: tuple[str, ...] = get_args(TwinsSpec.model_fields["precision"].annotation)


@dataclass(frozen=True)
class TransformersLink:
    """What the link says; `complaints` are sentences on what in it was not understood.

    Attributes:
        name: of the experiment.
        size: at which it is shown.
        checkpoint: another one than the experiment's own; empty for that.
        precision: another one than the size's own; empty for that.
        details: whose tables and files stand below.
        fitting: batches other than the experiment's own, as texts by their paths, so that it fits into memory.
    """

    name: str = FIRST
    size: Size = SIZES[0]
    checkpoint: str = ""
    precision: str = ""
    details: Origin = ORIGINS[0]
    fitting: Mapping[str, str] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """The link as query parameters."""
        parameters = {SHOW: self.name} if self.name != FIRST else {}
        parameters |= {SIZE: self.size} if self.size != SIZES[0] else {}
        parameters |= {CHECKPOINT: self.checkpoint} if self.checkpoint else {}
        parameters |= {PRECISION: self.precision} if self.precision else {}
        parameters |= {DETAILS: self.details} if self.details != ORIGINS[0] else {}
        return parameters | dict(self.fitting)

    @property
    def settings(self) -> dict[str, str]:
        """What differs from the experiment's own settings, as texts at dotted paths."""
        settings = {"start.checkpoint": self.checkpoint} if self.checkpoint else {}
        settings |= {"precision": self.precision} if self.precision else {}
        return settings | dict(self.fitting)


def read_transformers_link(parameters: Mapping[str, str]) -> TransformersLink:
    """The link that query parameters make; what is not known keeps its default."""
    texts, complaints = readable(parameters)
    checkpoint = texts.pop(CHECKPOINT, "").strip()
    fitting = {path: texts.pop(path) for path in FITTING if path in texts}
    wanted = {SHOW: FIRST, SIZE: SIZES[0], PRECISION: "", DETAILS: ORIGINS[0]}
    allowed = {SHOW: tuple(BLOG_STUDIES), SIZE: SIZES, PRECISION: ("", *PRECISIONS), DETAILS: ORIGINS}
    for part, options in allowed.items():
        text = texts.pop(part, wanted[part])
        if text in options:
            wanted[part] = text
        else:
            complaints.append(f"{part} is {short(text)}; allowed: {', '.join(filter(None, options))}.")
    complaints += [f"there is no setting {short(other)}." for other in texts]
    size = next(size for size in SIZES if size == wanted[SIZE])
    details = next(origin for origin in ORIGINS if origin == wanted[DETAILS])
    return TransformersLink(wanted[SHOW], size, checkpoint, wanted[PRECISION], details, fitting, tuple(complaints))


def own_precision(name: str, size: Size) -> str:
    """The precision that an experiment has at a size."""
    return BLOG_STUDIES[name].make(size).base.precision


def current_transformers() -> TransformersLink:
    """What the page stands at: its link, or its widgets."""
    return _STANDING.current()


def keep_transformers(link: TransformersLink) -> None:
    """Remember where the page stands, and write it into the link."""
    _STANDING.keep(link)


def fit(settings: Mapping[str, str]) -> None:
    """Take other batches, from a widget's callback; none takes the experiment's own."""
    _STANDING.put(replace(_STANDING.draft, fitting=dict(settings)))


def _show(link: TransformersLink) -> None:
    st.session_state[SHOW_KEY], st.session_state[SIZE_KEY] = link.name, link.size
    st.session_state[CHECKPOINT_KEY] = link.checkpoint
    st.session_state[PRECISION_KEY] = link.precision or own_precision(link.name, link.size)
    st.session_state[DETAILS_KEY] = link.details


_STANDING = Standing("transformers", read_transformers_link, _show, anchor=SHOW_KEY)
