"""The study of emergence that a visitor is putting together, kept in step with the page's link."""

from dataclasses import replace

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.studies.emergence import PRETRAINED_BY, Way, doubling, written_values
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.ui.controls import set_controls
from lmc_core.ui.emergence_link import EmergenceLink, place_of, read_emergence_link, started
from lmc_core.ui.fields import field_at, value_at
from lmc_core.ui.standing import Standing
from lmc_core.ui.typed import read_value, text_of

WAY_KEY, NETWORK_KEY, SIZE_KEY, VALUES_KEY, FOLDER_KEY = (f"emergence {name}" for name in ("way", "network", "size", "values", "folder"))
QUANTITY_KEY, SPLIT_KEY = "emergence quantity", "emergence split"
"""The keys of the page's widgets."""
OWN = "own"
"""The choice that is no network's study."""


def source_key(path: str) -> str:
    """The key of the widget of one of the pretraining's own settings."""
    return f"emergence pretrain {path}"


def current_emergence() -> EmergenceLink:
    """What the page stands at: its link, or its widgets."""
    return _STANDING.current()


def keep_emergence(link: EmergenceLink) -> None:
    """Remember where the page stands, and write it into the link."""
    kept = _STANDING.draft
    same = (link.way, link.spec, link.values, link.source) == (kept.way, kept.spec, kept.values, kept.source)
    _STANDING.keep(link if same else replace(link, complaints=()))


def typed_emergence(link: EmergenceLink, spec: TwinsSpec) -> EmergenceLink:
    """The link with what the widgets are set to.

    Args:
        link: what the page stood at.
        spec: of the sidebar; the pretraining has of its own what differs from it.
    """
    link = replace(link, way=_way(), spec=spec, values=str(st.session_state[VALUES_KEY]).strip())
    if link.way != "pretraining" or source_key(PRETRAINED_BY[0]) not in st.session_state:
        return link
    texts = {path: _usual(spec, path, str(st.session_state[source_key(path)])) for path in PRETRAINED_BY}
    own = {path: text or "all" for path, text in texts.items() if text != text_of(value_at(spec, path))}
    return replace(link, source=own, folder=str(st.session_state[FOLDER_KEY]).strip())


def _usual(spec: TwinsSpec, path: str, typed: str) -> str:
    """What was typed, in the form in which specs are written, such as 0.1 for 0,1; as it is where it is not understood."""
    try:
        return text_of(read_value(field_at(path, spec), typed))
    except LMCError:
        return typed.strip()


def emergence_from(spec: TwinsSpec) -> None:
    """Set the twins, from a widget's callback."""
    _STANDING.put(replace(_STANDING.draft, spec=spec, complaints=()))
    set_controls(spec)


def take_way() -> None:
    """Turn to another way: of the same network at the same size, or with the visitor's own twins."""
    link, way = _STANDING.draft, _way()
    if place := place_of(link):
        _put(started(way, *place))
    else:
        own = link.source or {"dataset": link.spec.dataset}
        values = link.values if way != "pretraining" else written_values(doubling(link.spec.epochs))
        _put(replace(link, way=way, values=values, source=own if way == "pretraining" else {}, complaints=()))


def take_network() -> None:
    """Turn to a network's own study, at the size that the page stands at."""
    network = str(st.session_state[NETWORK_KEY])
    if network != OWN:
        place = place_of(_STANDING.draft)
        _put(started(_STANDING.draft.way, network, place[1] if place else SIZES[0]))


def take_size() -> None:
    """Turn to another size of the network's study."""
    size: Size | None = st.session_state[SIZE_KEY]
    place = place_of(_STANDING.draft)
    if place and size:
        _put(started(_STANDING.draft.way, place[0], size))


def _way() -> Way:
    way: Way = st.session_state[WAY_KEY]
    return way


def _put(link: EmergenceLink) -> None:
    link = replace(link, quantity=_STANDING.draft.quantity, split=_STANDING.draft.split)
    _STANDING.put(link)
    _show(link)


def _show(link: EmergenceLink) -> None:
    set_controls(link.spec)
    st.session_state[WAY_KEY], st.session_state[VALUES_KEY], st.session_state[FOLDER_KEY] = link.way, link.values, link.folder
    st.session_state[QUANTITY_KEY], st.session_state[SPLIT_KEY] = link.quantity, link.split
    for path in PRETRAINED_BY:
        st.session_state[source_key(path)] = link.source.get(path, text_of(value_at(link.spec, path)))


_STANDING = Standing("emergence", read_emergence_link, _show)
"""The page's link, with the widgets that show it."""
