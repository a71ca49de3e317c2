"""Where a page stands, kept in step with its link: after a reload, after back and forward, and on the way to other pages."""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import streamlit as st

_AT = "lmc.at"


class PageLink(Protocol):
    """What a page's link says."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """Sentences on what in it was not understood."""

    def parameters(self) -> dict[str, str]:
        """The link as query parameters."""


L = TypeVar("L", bound=PageLink)


class Standing(Generic[L]):
    """A page with widgets and a link of its own.

    Args:
        page: a name that no other such page has.
        read: what query parameters say.
        show: sets the page's widgets to what a link says.
        anchor: the key of one of these widgets, by which it is known whether they are there.
    """

    def __init__(self, page: str, read: Callable[[Mapping[str, str]], L], show: Callable[[L], None], anchor: str = "field dataset") -> None:
        self._page = page
        self._read = read
        self._show = show
        self._anchor = anchor
        self._draft, self._seen, self._meant = (f"lmc.{page}.{part}" for part in ("draft", "link", "meant"))

    def current(self) -> L:
        """Where the page stands: at the link where it is another one than the page wrote (opened, back, forward), else as it was left."""
        parameters = st.query_params.to_dict()
        draft: L | None = st.session_state.get(self._draft)
        returning = self._anchor not in st.session_state or st.session_state.get(_AT) != self._page
        if draft is None or (parameters != st.session_state.get(self._seen) and not (returning and not parameters)):
            draft = self._read(parameters)
            self._show(draft)
            st.session_state[self._meant] = parameters if draft.complaints else draft.parameters()
        elif returning:
            self._show(draft)
            st.session_state[self._meant] = parameters
        st.session_state[self._draft] = draft
        st.session_state[self._seen] = parameters
        st.session_state[_AT] = self._page
        return draft

    def keep(self, draft: L) -> None:
        """Remember where the page stands, and write it into the link, which gives the browser's back button a step.

        A link that says the same in other words, such as by naming a default, stays as it is.
        """
        st.session_state[self._draft] = draft
        parameters = draft.parameters()
        if parameters != st.session_state[self._meant]:
            st.query_params.from_dict(parameters)
            st.session_state[self._seen] = st.session_state[self._meant] = parameters

    @property
    def draft(self) -> L:
        """As it was last kept."""
        kept: L = st.session_state[self._draft]
        return kept

    def put(self, draft: L) -> None:
        """Let the page stand there from now on, from a widget's callback."""
        st.session_state[self._draft] = draft

    def leave_at(self, draft: L) -> None:
        """Let the page stand there when it is next opened."""
        st.session_state[self._draft] = draft
        st.session_state.pop(self._seen, None)
