"""A sweep on digits in a real browser: live cells, a click that opens a run, back, reload, what is downloaded."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watching import chart, wait_for_draws, wait_for_words

pytestmark = pytest.mark.browser

CHART, GRID = "Error barrier against Leaky-ReLU slope p", "The line of every cell"
LINK = "/sweeps?architecture.width=16&repeats=2&factor=architecture.slope%3D0,0.5,1&factor2=architecture.depth%3D2,4"

POINT = """name => {
  const figure = [...document.querySelectorAll('.lmc-chart')].find(one => one.querySelector('h3').textContent === name);
  const plot = figure.querySelector('.js-plotly-plot');
  const trace = plot._fullData.find(one => one.customdata && one.mode === 'lines+markers');
  const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
  return {
    run: trace.customdata[1],
    x: box.x + xaxis._offset + xaxis.d2p(trace.x[1]),
    y: box.y + yaxis._offset + yaxis.d2p(trace.y[1]),
  };
}"""


def train(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name=re.compile("^.*Train all 6 cells")).click()
    expect(page.get_by_role("button", name="Stop all")).to_be_visible()


def wait_until_done(page: Page) -> None:
    expect(page.locator(".lmc-status .headline")).to_have_text("All cells are done", timeout=90_000)


def test_the_chart_fills_in_as_cells_finish_and_a_point_opens_its_run_from_which_back_leads_here(page: Page) -> None:
    train(page, f"{LINK}&epochs=20&seeds.init=1")
    wait_until_done(page)
    wait_for_draws(page, GRID, 1)
    wait_for_words(page, CHART, r"2 layers: from .* 4 layers: from (?!.*not finished)")
    chart(page, CHART).scroll_into_view_if_needed()
    point = page.evaluate(POINT, CHART)
    page.mouse.move(point["x"], point["y"])
    expect(chart(page, CHART)).to_have_class(re.compile("opens"))
    page.mouse.click(point["x"], point["y"])
    page.wait_for_url(f"**/?*run={point['run']}")
    assert "repeats=2" in page.url
    assert "architecture.slope=0.5&" in page.url  # a setting of this cell alone; what is as by default needs no words
    expect(page.get_by_role("heading", level=1)).to_have_text("Do twins end in the same valley?")
    expect(page.get_by_text(f"Run {point['run']}")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sweeps")
    wait_until_done(page)
    page.reload()
    wait_until_done(page)
    expect(page.get_by_role("textbox", name="Values or a range").first).to_have_value("0, 0.5, 1")


def test_a_selected_row_opens_its_run(page: Page) -> None:
    train(page, f"{LINK}&epochs=3&seeds.init=2")
    wait_until_done(page)
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 15, box["y"] + 53)
    page.wait_for_url("**/?*run=*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Do twins end in the same valley?")


def test_a_stopped_sweep_goes_on_where_it_was(page: Page) -> None:
    train(page, f"{LINK}&epochs=1500&measurement.every=100&seeds.init=3")
    expect(page.locator(".lmc-status .sentence")).to_have_text(re.compile(r"^[1-9]\d* cells? in training"), timeout=60_000)
    page.get_by_role("button", name="Stop all").click()
    again = page.get_by_role("button", name=re.compile("Train (all 6 cells|the other)"))
    expect(again).to_be_enabled(timeout=60_000)
    again.click()
    expect(page.get_by_role("button", name="Stop all")).to_be_visible()
    page.get_by_role("button", name="Stop all").click()
    expect(again).to_be_enabled(timeout=60_000)


def test_the_report_is_one_file_that_opens_without_a_network(page: Page, tmp_path: Path) -> None:
    train(page, f"{LINK}&epochs=3&seeds.init=4")
    wait_until_done(page)
    page.get_by_role("tab", name="Download").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Report (html)").click()
    file = tmp_path / "report.html"
    caught.value.save_as(file)
    page.context.set_offline(True)
    page.goto(file.as_uri())
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg').length >= 2")
    expect(page.get_by_role("heading", level=1)).to_have_text("A sweep of linear mode connectivity")
