"""The theme, read once."""

from collections.abc import Iterator

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from lmc_core.ui.theme_once import read_theme_once

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The sections that were read from the options."""
    sections, options = list[str](), config.get_options_for_section

    def counted(section: str) -> dict[str, object]:
        sections.append(section)
        return options(section)

    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    monkeypatch.setattr(config, "get_options_for_section", counted)
    yield sections


def test_every_page_gets_the_theme_that_streamlit_reads_and_it_is_read_once(read: list[str]) -> None:
    before = [theme(section) for section in SECTIONS]
    read_theme_once()
    read.clear()
    for _ in range(3):
        assert [theme(section) for section in SECTIONS] == before
    assert sorted(read) == sorted(SECTIONS)
    read_theme_once()
    assert theme("theme") == before[0]
    assert len(read) == len(SECTIONS)
    assert before[1] != before[2]


def theme(section: str) -> CustomThemeConfig:
    message = CustomThemeConfig()
    app_session._populate_theme_msg(message, section)
    return message
