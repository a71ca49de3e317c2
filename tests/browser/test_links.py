"""Links that others have made, in a real browser: nothing of them is rendered, and no request leaves the page."""

from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.pages.test_links import NASTY

FOREIGN = "a[href^='javascript'], a[href*='127.0.0.1:9'], img[src*='127.0.0.1:9']"
RENDERED = "a, img, .katex, strong, em, .stMarkdownColoredText"
"""What a browser would make of it."""


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/", {"dataset": NASTY, "measure": NASTY}),
        ("/pruning", {"pruning.name": NASTY, "network": NASTY}),
        ("/sweeps", {"factor": f"start.checkpoint={NASTY},"}),
        ("/emergence", {"by": "pretraining", "checkpoints": NASTY, "values": NASTY}),
        ("/transformers", {"checkpoint": NASTY, "precision": NASTY}),
        ("/paper", {"show": NASTY}),
    ],
)
def test_a_link_shows_as_it_was_written_and_asks_nobody_else(page: Page, path: str, parameters: dict[str, str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{path}?{urlencode(parameters)}")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("![x](http:")
    page.get_by_test_id("stApp").and_(page.locator("[data-test-script-state='notRunning']")).wait_for()
    home = urlsplit(page.url).netloc
    assert not [url for url in asked if urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc != home]
    assert page.locator(FOREIGN).count() == 0
    assert page.get_by_test_id("stAlert").locator(RENDERED).count() == 0
