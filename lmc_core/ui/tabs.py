"""Tabs of which only the open one is drawn: nobody waits for tables and files that nobody looks at."""

from collections.abc import Callable, Mapping

import streamlit as st


def tabs(sections: Mapping[str, Callable[[], object]], key: str) -> None:
    """Show sections in tabs, by their names; opening one draws it."""
    for tab, section in zip(st.tabs(list(sections), key=key, on_change="rerun"), sections.values(), strict=True):
        if tab.open:
            with tab:
                section()
