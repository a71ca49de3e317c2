"""Settings of Streamlit without which the page is slow, tells others, or shows stack traces."""

import tomllib

import pytest

from lmc_core.settings import REPOSITORY

CONFIG = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("runner", "postScriptGC", False),
        ("browser", "gatherUsageStats", False),
        ("server", "fileWatcherType", "none"),
        ("server", "maxUploadSize", 1),
        ("server", "maxWidgetStateSize", 1),
        ("server", "address", "127.0.0.1"),
        ("client", "showErrorDetails", "none"),
        ("client", "showErrorLinks", False),
    ],
)
def test_streamlit_is_set_as_measured(section: str, option: str, value: object) -> None:
    assert CONFIG[section][option] == value
