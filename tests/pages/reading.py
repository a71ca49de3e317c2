"""What stands on a page, for tests."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from streamlit.testing.v1 import AppTest

TAB_KEYS = ("details", "pruning details", "cell tabs")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def text(page: AppTest) -> str:
    """All words that a page shows in HTML, markdown, captions and notes, without the style sheet."""
    reader = _Text()
    for element in page.get("html"):
        if not element.proto.body.startswith("<style>"):
            reader.feed(element.proto.body)
    others = [*page.markdown, *page.caption, *page.error, *page.warning, *page.info, *page.code, *page.toast]
    return " ".join([*reader.words, *(str(element.value) for element in others)])


def tables(page: AppTest) -> list[list[list[str]]]:
    """The HTML tables of a page, each as its rows of cells, the head first."""
    bodies = [element.proto.body for element in page.get("html") if "<table" in element.proto.body]
    rows = [re.findall(r"<tr>(.*?)</tr>", body) for body in bodies]
    return [[[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in body] for body in rows]


def open_tab(page: AppTest, name: str) -> AppTest:
    """Open one of the page's tabs."""
    key = next(key for key in TAB_KEYS if key in page.session_state)
    page.session_state[key] = name
    return page.run()


def charts(page: AppTest) -> dict[str, dict[str, Any]]:
    """The charts of a page by name, as the browser gets them."""
    boards = [json.loads(element.proto.bytes) for element in page.get("bidi_component")]
    return {chart["name"]: chart for board in boards for chart in board["charts"]}


def tiles(page: AppTest) -> dict[str, str]:
    """The numbers side by side, by name."""
    reader = _Text()
    body = next(element.proto.body for element in page.get("html") if "lmc-tiles" in element.proto.body and "<dl" in element.proto.body)
    reader.feed(body.replace("<dt>", "\n<dt>"))
    rows = "".join(f"|{word}" if word != "\n" else "\n" for word in reader.words).strip().split("\n")
    return {row.split("|")[1]: row.split("|")[2] for row in rows if row.count("|") > 1}
