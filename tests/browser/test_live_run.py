"""A digits run, watched in a real browser from the click to the verdict."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watching import ACCURACY, LINE, chart, figure, open_at, points, reload, wait_for_draws, wait_for_points, zoom

pytestmark = pytest.mark.browser

LONG = "epochs=4000&measurement.every=5"


def start(page: Page, link: str) -> None:
    open_at(page, f"/?{link}")
    page.get_by_role("button", name="Train the twins").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()


def test_a_click_leads_over_live_points_to_a_verdict_which_a_reload_brings_back(page: Page) -> None:
    start(page, "epochs=60&seeds.init=7")
    wait_for_points(page, ACCURACY, 2)
    seen = points(page, ACCURACY)
    assert re.search(r"[?&]run=[0-9a-f]{20}", page.url)
    wait_for_points(page, ACCURACY, seen + 1)
    headline = page.locator(".lmc-status .headline")
    expect(headline).to_have_text(re.compile("connected", re.IGNORECASE), timeout=90_000)
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    wait_for_points(page, ACCURACY, 60)
    assert points(page, ACCURACY) == 60
    verdict, address = page.locator(".lmc-status .sentence").inner_text(), page.url
    reload(page)
    expect(page.locator(".lmc-status .sentence")).to_have_text(verdict)
    assert page.url == address
    wait_for_points(page, ACCURACY, 60)


def test_zoom_and_hidden_traces_survive_updates_and_the_end_of_the_run(page: Page) -> None:
    start(page, "epochs=600&measurement.every=5&seeds.init=8")
    wait_for_points(page, LINE, 11)
    zoom(page, LINE)
    expect(chart(page, LINE).get_by_role("button", name="Reset zoom")).to_be_visible()
    legend = chart(page, LINE).get_by_role("button", name="Train", exact=True)
    legend.click()
    expect(legend).to_have_attribute("aria-pressed", "false")
    before = figure(page, LINE)
    assert before is not None
    wait_for_draws(page, LINE, before["draws"] + 2)
    after = figure(page, LINE)
    assert after is not None
    assert after["note"] != before["note"]
    assert (after["x"], after["y"]) == (before["x"], before["y"])
    assert 0.1 < after["x"][0] < after["x"][1] < 0.9
    expect(page.locator(".lmc-status .headline")).to_have_text(re.compile("connected", re.IGNORECASE), timeout=300_000)
    ended = figure(page, LINE)
    assert ended is not None
    assert ended["x"] == before["x"]
    assert {trace["visible"] for trace in ended["traces"] if trace["group"] == "train"} == {"legendonly"}
    chart(page, LINE).get_by_role("button", name="Reset zoom").click()
    reset = figure(page, LINE)
    assert reset is not None
    assert reset["x"] == [-0.04, 1.04]


def test_a_cancelled_run_stops_and_can_be_taken_up_again(page: Page) -> None:
    start(page, f"{LONG}&seeds.init=9")
    wait_for_points(page, ACCURACY, 1)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".lmc-status .headline")).to_have_text("Cancelled")
    reached = points(page, ACCURACY)
    page.get_by_role("button", name="Train the twins").click()
    wait_for_points(page, ACCURACY, reached + 1)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".lmc-status .headline")).to_have_text("Cancelled")


def test_a_reload_in_the_middle_finds_the_run_again_and_can_cancel_it(page: Page) -> None:
    start(page, f"{LONG}&seeds.init=10")
    wait_for_points(page, ACCURACY, 1)
    reload(page)
    wait_for_points(page, ACCURACY, 2)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".lmc-status .headline")).to_have_text("Cancelled")


def test_charts_do_not_move_when_a_run_ends(page: Page) -> None:
    start(page, "epochs=40&seeds.init=11")
    wait_for_points(page, LINE, 11)
    during = chart(page, LINE).bounding_box()
    expect(page.locator(".lmc-status .headline")).to_have_text(re.compile("connected", re.IGNORECASE), timeout=90_000)
    wait_for_points(page, ACCURACY, 40)
    after = chart(page, LINE).bounding_box()
    assert during is not None
    assert after is not None
    assert after["height"] == during["height"]
    assert after["y"] == pytest.approx(during["y"], abs=0.5)
