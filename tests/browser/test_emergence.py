"""Emergence on digits in a real browser: two stages from one click, blocks, what is downloaded, back to what was asked before."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watching import wait_for_draws, wait_for_words

pytestmark = pytest.mark.browser

OWN = "architecture.width=16&repeats=2&epochs=6"


def wait_until_done(page: Page) -> None:
    expect(page.locator(".lmc-status .headline")).to_have_text("All cells are done", timeout=90_000)


def test_one_click_pretrains_and_then_trains_twins_from_every_stage(page: Page) -> None:
    page.goto(f"/emergence?by=pretraining&values=0,1,3&{OWN}&pretrain.augmentation=shift_flip")
    page.get_by_role("button", name="Pretrain, then 3 cells").click()
    wait_until_done(page)
    wait_for_words(page, "Error barrier against pretraining", "connected")
    expect(page.get_by_text(re.compile("Pretrained on Digits 8×8, shifted and flipped for 3 epochs"))).to_be_visible()
    page.get_by_role("button", name="Open the pretraining").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Do twins end in the same valley?")


def test_blocks_are_drawn_for_each_spawn_point_and_their_lines_taken_along(page: Page, tmp_path: Path) -> None:
    page.goto(f"/emergence?by=blocks&values=0,2&{OWN}&architecture.depth=3")
    page.get_by_role("button", name=re.compile("Train all 2 cells")).click()
    wait_until_done(page)
    for title in ("twins that part at once", "twins that part after 2 epochs"):
        wait_for_draws(page, f"Error above the twins, block by block: {title}", 1)
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Lines of blocks (csv)").click()
    file = tmp_path / "lines.csv"
    download.value.save_as(file)
    lines = file.read_text().splitlines()
    assert lines[0] == "cell,run_id,split,pair,which,place,block,error,loss"
    assert len(lines) == 1 + 2 * 2 * 2 * 9  # cells, splits, pairs, lines


def test_another_question_is_a_step_from_which_back_leads_to_the_one_before(page: Page) -> None:
    page.goto("/emergence")
    expect(page.get_by_text("Spawn point: MLP.")).to_be_visible()
    page.get_by_test_id("stMain").get_by_text("Blocks", exact=True).click()
    expect(page.get_by_text("Where in the network: MLP.")).to_be_visible()
    page.wait_for_url("**by=blocks**")
    page.go_back()
    expect(page.get_by_text("Spawn point: MLP.")).to_be_visible()
