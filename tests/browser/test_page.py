"""What only a browser can tell: links, history, keyboard, themes, narrow screens, nothing from elsewhere."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from lmc_core.figures.palette import PALETTE
from lmc_core.studies.presets import PRESETS
from tests.browser.server import Server
from tests.browser.watching import ACCURACY, BARRIER, LINE, chart, figure, open_at, reload, wait_for_draws

pytestmark = pytest.mark.browser

PATHS = {"/": 4, "/pruning": 4, "/sweeps": 1, "/paper": 1, "/paper?show=figure4": 1, "/runs": 0, "/about": 2}
"""The pages, each with the number of charts that it has at least."""


def test_the_first_page_shows_a_finished_run_before_anyone_trains(page: Page) -> None:
    open_at(page, "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Do twins end in the same valley?")
    expect(page.get_by_text("These results come with the app")).to_be_visible()
    wait_for_draws(page, LINE, 1)
    seen = figure(page, LINE)
    assert seen is not None
    assert {trace["group"] for trace in seen["traces"]} >= {"test", "train"}


@pytest.mark.parametrize("path", PATHS)
def test_no_page_asks_another_server_for_anything_or_logs_a_fault(page: Page, server: Server, path: str) -> None:
    elsewhere: list[str] = []
    faults: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((server.address, "data:", "blob:", server.address.replace("http", "ws"))):
            elsewhere.append(request.url)

    page.on("request", note)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    open_at(page, path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("charts => document.querySelectorAll('.lmc-chart[data-draws]').length >= charts", arg=PATHS[path])
    expect(page.get_by_role("alert")).to_have_count(0)
    assert elsewhere == []
    assert faults == []


def test_the_back_button_takes_the_last_change_back_and_forward_brings_it_again(page: Page) -> None:
    open_at(page, "/?epochs=30")
    epochs = page.get_by_label("Epochs", exact=True)
    expect(epochs).to_have_value("30")
    epochs.fill("31")
    epochs.press("Enter")
    page.wait_for_url("**/?epochs=31")
    epochs.fill("32")
    epochs.press("Enter")
    page.wait_for_url("**/?epochs=32")
    page.go_back()
    expect(epochs).to_have_value("31")
    page.go_back()
    expect(epochs).to_have_value("30")
    page.go_forward()
    expect(epochs).to_have_value("31")
    reload(page)
    expect(epochs).to_have_value("31")


def test_going_to_another_page_and_back_keeps_the_experiment(page: Page) -> None:
    open_at(page, "/?epochs=30&repeats=2")
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("30")
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("All runs")
    page.get_by_role("link", name="Twins", exact=True).click()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("30")
    page.wait_for_url("**/?epochs=30&repeats=2")


def test_an_experiment_of_the_paper_opens_from_the_explanation(page: Page) -> None:
    open_at(page, "/?epochs=30")
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("30")
    page.get_by_role("link", name="What is LMC?").click()
    page.get_by_role("link", name="Logistic regression").click()
    expect(page.get_by_text("Logistic regression on MNIST").first).to_be_visible()
    expect(page.get_by_label("Epochs", exact=True)).to_have_value(str(PRESETS["logistic"].spec.epochs))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is linear mode connectivity?")


def test_the_legend_and_the_zoom_work_from_the_keyboard(page: Page) -> None:
    open_at(page, "/")
    wait_for_draws(page, LINE, 1)
    legend = chart(page, LINE).get_by_role("button", name="Train", exact=True)
    legend.focus()
    page.keyboard.press("Enter")
    expect(legend).to_have_attribute("aria-pressed", "false")
    plot = chart(page, LINE).locator(".plot")
    plot.focus()
    page.keyboard.press("+")
    zoomed = figure(page, LINE)
    assert zoomed is not None
    assert zoomed["x"] == pytest.approx([0.068, 0.932])
    page.keyboard.press("0")
    whole = figure(page, LINE)
    assert whole is not None
    assert whole["x"] == [-0.04, 1.04]


def test_a_chart_says_in_words_what_it_shows(page: Page) -> None:
    open_at(page, "/")
    wait_for_draws(page, BARRIER, 1)
    words = chart(page, BARRIER).locator(".plot").get_attribute("aria-label")
    assert words is not None
    assert words.startswith("Error barrier on the test set over training:")


def test_one_click_saves_a_chart_as_svg(page: Page, tmp_path: Path) -> None:
    open_at(page, "/")
    wait_for_draws(page, ACCURACY, 1)
    with page.expect_download() as caught:
        chart(page, ACCURACY).get_by_role("button", name="Save Accuracy of each twin as an SVG file").click()
    caught.value.save_as(tmp_path / "chart.svg")
    content = (tmp_path / "chart.svg").read_text()
    assert caught.value.suggested_filename == "accuracy.svg"
    assert content.startswith("<svg")
    assert "Accuracy of each twin" in content


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_take_the_colours_of_the_pages_theme(browser: Browser, server: Server, theme: str) -> None:
    context = browser.new_context(base_url=server.address, color_scheme="dark" if theme == "dark" else "light")
    page = context.new_page()
    open_at(page, "/")
    wait_for_draws(page, ACCURACY, 1)
    seen = figure(page, ACCURACY)
    assert seen is not None
    colours = {trace["group"]: trace["colour"] for trace in seen["traces"]}
    assert colours["a-test"] == PALETTE[theme]["a"]  # type: ignore[index]
    assert colours["b-test"] == PALETTE[theme]["b"]  # type: ignore[index]
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_on_a_telephone_nothing_runs_over_the_side(browser: Browser, server: Server, path: str) -> None:
    context = browser.new_context(base_url=server.address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_at(page, path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("charts => document.querySelectorAll('.lmc-chart[data-draws]').length >= charts", arg=PATHS[path])
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('.lmc-chart, h1, .lmc-tiles')].map(e => e.getBoundingClientRect().right))"
    )
    assert widest <= 390
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    context.close()


def test_a_chart_fills_the_page_when_the_sidebar_is_closed(page: Page) -> None:
    open_at(page, "/")
    wait_for_draws(page, LINE, 1)
    before = chart(page, LINE).locator(".main-svg").first.bounding_box()
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    assert before is not None
    page.wait_for_function(
        "width => document.querySelector('.lmc-chart .main-svg').getBoundingClientRect().width > width + 40", arg=before["width"]
    )
