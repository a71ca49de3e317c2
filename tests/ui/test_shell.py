"""The empty page that a browser gets first."""

import json
import re
import tomllib

import pytest

from lmc_core.settings import REPOSITORY
from lmc_core.ui import assets
from lmc_core.ui.addresses import TITLES
from lmc_core.ui.first_picture import FirstPicture
from lmc_core.ui.live_chart import Board
from lmc_core.ui.shell import FONTS, PARTS, SIDE, shell
from lmc_core.ui.streamlit_files import folder, scripts


def links(rel: str, page: str = "") -> list[str]:
    return re.findall(rf'<link rel="{rel}"[^>]*? href="([^"]+)"', shell(page))


def test_chart_library_and_chart_script_are_asked_for_at_once() -> None:
    assert assets.address("plotly.min.js") in links("preload")
    assert assets.address("live_chart.js") in links("modulepreload")


def test_the_parts_of_streamlit_that_a_page_is_made_of_are_asked_for_with_all_they_import() -> None:
    asked = {link.rpartition("/")[2] for link in links("modulepreload")}
    for part in PARTS:
        (name,) = {path.name for path in (folder() / "static" / "js").glob(f"{part}.*.js")}
        assert name in asked
    text = "".join((folder() / "static" / "js" / name).read_text() for name in scripts(["Html"]))
    assert set(re.findall(r'from"\./([\w.-]+\.js)"', text)) <= asked


def test_no_file_is_asked_for_that_is_not_there() -> None:
    for link in re.findall(r'(?:href|src)="\./(static/[^"]+)"', shell("")):
        assert (folder() / link).is_file(), link


def test_icons_are_asked_for_at_once_since_without_them_they_are_words() -> None:
    for name in FONTS:
        assert any(f"/{name}." in link for link in re.findall(r'as="font"[^>]*href="([^"]+)"', shell("")))


@pytest.mark.parametrize("page", TITLES)
def test_each_page_has_a_title_of_its_own_before_any_script_has_run(page: str) -> None:
    assert f"<title>{TITLES[page]} · LMC Twins</title>" in shell(page)
    assert len(set(TITLES.values())) == len(TITLES)


PICTURE = FirstPicture("one", '<div class="lmc-status">Connected</div>', Board({}, b'{"rows":[],"charts":["</script><b>"]}', 0))
START = re.compile(r'<script type="module"[^>]* src="\./static/js/index[^"]*"></script>')


def test_a_page_that_comes_with_a_result_has_its_verdict_and_its_charts_and_starts_streamlit_after_them() -> None:
    text = shell("", PICTURE)
    assert PICTURE.verdict in text
    (charts,) = re.findall(r'<script type="application/json" data-lmc="board">(.*?)</script>', text)
    assert json.loads(charts) == json.loads(PICTURE.board.payload)
    assert not START.search(text)
    (start,) = re.findall(r'<link rel="modulepreload" crossorigin href="([^"]+)" data-lmc="streamlit">', text)
    assert (folder() / start).is_file()


def test_a_page_without_a_result_starts_streamlit_at_once() -> None:
    assert START.search(shell(""))
    assert 'data-lmc="board"' not in shell("")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sidebar_has_the_colour_that_it_will_have(theme: str) -> None:
    configured = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())["theme"][theme]["sidebar"]["backgroundColor"]
    assert SIDE[theme] == configured  # type: ignore[index]
    assert f"--lmc-side: {configured};" in shell("")
