"""A pruning run on digits in a real browser: live, looked into, reloaded, cancelled, downloaded."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watching import chart, figure, open_at, reload, wait_for_draws, wait_for_points, wait_for_words, zoom

pytestmark = pytest.mark.browser

QUESTION, SPARSITY, LOSS, RATIO = (
    "Accuracy and barrier against sparsity",
    "Accuracy against sparsity",
    "Loss at each step",
    "Nonzero weights",
)
LAYERS = "Density of each layer"
PLATON = "/pruning?pruning.name=platon&pruning.densities=0.5,0.1&pruning.initial_epochs=2&pruning.final_epochs=4&architecture.width=64"
VERDICT = re.compile("connected", re.IGNORECASE)


def start(page: Page, link: str) -> None:
    open_at(page, link)
    page.get_by_role("button", name="Prune and train").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()


def wait_until_done(page: Page) -> None:
    expect(page.locator(".lmc-status .headline")).to_have_text(VERDICT, timeout=120_000)


def test_a_click_leads_over_live_steps_to_an_answer_which_a_reload_brings_back(page: Page) -> None:
    start(page, f"{PLATON}&epochs=40&seeds.init=1")
    wait_for_points(page, LOSS, 24)
    assert re.search(r"[?&]run=[0-9a-f]{20}", page.url)
    assert "network=" not in page.url
    wait_until_done(page)
    wait_for_words(
        page, QUESTION, r"Ticket: accuracy \d+\.\d\d% at 50% to \d+\.\d\d% at 10%\. Of 2 densities: (connected|not connected) at \d"
    )
    expect(chart(page, RATIO).locator(".note")).to_have_text(re.compile("above the schedule at"))
    sentence, address = page.locator(".lmc-status .sentence").inner_text(), page.url
    reload(page)
    expect(page.locator(".lmc-status .sentence")).to_have_text(sentence)
    assert page.url == address


def test_the_slider_looks_into_another_density_and_back_leads_to_the_one_before(page: Page) -> None:
    start(page, "/pruning?architecture.width=64&epochs=5&seeds.init=2")
    wait_until_done(page)
    expect(chart(page, LAYERS).locator(".note")).to_have_text("Ticket 5%")
    page.get_by_role("slider", name="Weights kept").press("ArrowLeft")
    expect(chart(page, LAYERS).locator(".note")).to_have_text("Ticket 10%")
    page.wait_for_url("**density=0.1*")
    page.get_by_role("radio", name="Random mask", exact=True).click()
    expect(chart(page, LAYERS).locator(".note")).to_have_text("Random mask 10%")
    page.go_back()
    expect(chart(page, LAYERS).locator(".note")).to_have_text("Ticket 10%")


def test_rewinding_points_lie_beside_each_other_or_along_the_axis(page: Page) -> None:
    start(page, "/pruning?architecture.width=32&epochs=4&seeds.init=5&pruning.rewind=0,1")
    wait_until_done(page)
    later, along = "From epoch 1: accuracy and barrier", "Accuracy and barrier against the rewinding point"
    expect(chart(page, later)).to_be_visible()
    page.get_by_role("radio", name="Over the rewinding point k").click()
    wait_for_draws(page, along, 1)
    expect(chart(page, later)).to_have_count(0)
    page.wait_for_url("**over=k*")
    back = page.get_by_role("radio", name="Over the density")
    expect(back).to_have_count(1)  # while a page is drawn anew, what it had before may stand there, too
    back.click()
    wait_for_draws(page, later, 1)
    assert "over=" not in page.url


def test_zoom_survives_updates_while_networks_train(page: Page) -> None:
    start(page, f"{PLATON}&epochs=600&optimizer.lr=0.0001&seeds.init=3&repeats=2")  # so slow that each look finds more
    wait_for_points(page, SPARSITY, 1)
    zoom(page, SPARSITY)
    expect(chart(page, SPARSITY).get_by_role("button", name="Reset zoom")).to_be_visible()
    before = figure(page, SPARSITY)
    assert before is not None
    wait_for_draws(page, SPARSITY, before["draws"] + 2)
    after = figure(page, SPARSITY)
    assert after is not None
    assert (after["x"], after["y"]) == (before["x"], before["y"])
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".lmc-status .headline")).to_have_text("Cancelled")


def test_a_pruning_run_opens_from_the_list_of_runs_and_its_report_opens_without_a_network(page: Page, tmp_path: Path) -> None:
    start(page, "/pruning?architecture.width=32&epochs=3&seeds.init=4&pruning.densities=0.3")
    wait_until_done(page)
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Report (html)").click()
    file = tmp_path / "report.html"
    caught.value.save_as(file)
    run = re.search(r"run=([0-9a-f]{20})", page.url)
    assert run is not None
    open_at(page, f"/?run={run[1]}")
    expect(page.get_by_role("heading", level=1)).to_have_text("How many weights can go?")
    wait_until_done(page)
    page.context.set_offline(True)
    page.goto(file.as_uri())
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg').length >= 2")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("One-shot magnitude pruning"))
