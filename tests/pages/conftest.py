from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.settings import REPOSITORY, Settings
from lmc_core.ui import engine as holder
from tests.ui.fake_engine import FakeEngine

SITE = str(REPOSITORY / "lmc_core" / "ui" / "site.py")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """The process's engine, made of formulas."""
    fake = FakeEngine(Settings(cache_dir=tmp_path, data_dir=tmp_path / "data"))
    monkeypatch.setattr(holder, "_opened", fake)
    return fake


@pytest.fixture
def visit(engine: FakeEngine) -> Callable[..., AppTest]:
    """Opens a page by its file's name, with a link's query parameters."""

    def open_page(name: str = "twins", **parameters: str) -> AppTest:
        page = AppTest.from_file(SITE, default_timeout=20)
        if name != "twins":
            page.run()
            page.switch_page(f"../../pages/{name}.py")
        page.query_params.clear()
        page.query_params.update(parameters)
        return page.run()

    return open_page
