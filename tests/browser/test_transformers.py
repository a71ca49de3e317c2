"""The blog's experiment in a real browser: charts that ship, both runs from one click, a checkpoint that is nowhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lmc_core.data.prepared import keep
from tests.browser.server import Server, serving
from tests.browser.watching import chart, wait_for_draws
from tests.checkpoints.made_up import save_tiny_vit
from tests.small_data import small_dataset

pytestmark = pytest.mark.browser

LINE = "Test error on the line from A to B"
NOBODY = "http://127.0.0.1:1"
STARTING_MS = 60_000
"""A worker that imports transformers, on a busy machine."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose data folder holds as many images of CIFAR-10's shape as a sketch takes, and a small ViT named `mine`."""
    data = tmp_path_factory.mktemp("transformers")
    save_tiny_vit(data / "models" / "mine")
    keep(small_dataset("cifar10", 4096, 1500), data, "")
    with serving(data / "cache", LMC_DATA_DIR=str(data), HF_ENDPOINT=NOBODY) as started:
        yield started


def test_the_page_opens_with_the_twins_that_ship_and_each_run_has_its_own_page(page: Page) -> None:
    page.goto("/transformers")
    wait_for_draws(page, LINE, 1)
    words = chart(page, LINE).locator(".plot").get_attribute("aria-label")
    assert words is not None
    assert "pretrained" in words.lower()
    assert "random" in words.lower()
    expect(page.get_by_role("button", name="Both are done")).to_be_disabled()
    page.get_by_role("link", name="Random initialisation: run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Do twins end in the same valley?")
    page.go_back()
    expect(page.get_by_role("button", name="Both are done")).to_be_visible()
    expect(page.get_by_role("tab", name="Download")).to_be_visible()


def test_one_click_starts_both_runs_and_one_stops_them(page: Page) -> None:
    page.goto("/transformers?checkpoint=mine")
    page.get_by_role("button", name="Train both").click()
    expect(page.get_by_role("button", name="Stop both")).to_be_enabled()
    expect(page.get_by_text("Training: epoch 1 of 8").first).to_be_visible(timeout=STARTING_MS)
    page.get_by_role("button", name="Stop both").click()
    expect(page.get_by_role("button", name="Train both")).to_be_enabled(timeout=STARTING_MS)
    page.reload()
    expect(page.get_by_role("textbox", name="Pretrained checkpoint")).to_have_value("mine")
    expect(page.get_by_role("button", name="Train both")).to_be_enabled()


def test_a_checkpoint_that_is_nowhere_is_one_sentence_and_the_ones_that_ship_are_a_key_away(page: Page) -> None:
    page.goto("/transformers?checkpoint=nobody/has-this")
    expect(page.get_by_text("nobody/has-this is not on this machine: put")).to_be_visible()
    expect(page.get_by_role("button", name="Train the other")).to_be_visible()
    page.get_by_role("textbox", name="Pretrained checkpoint").fill("")
    page.get_by_role("textbox", name="Pretrained checkpoint").press("Enter")
    expect(page.get_by_role("button", name="Both are done")).to_be_visible()
