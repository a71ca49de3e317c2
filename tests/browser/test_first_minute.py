"""What a visitor meets in the first minute, in a real browser: a page that stands still, shows its answer at once and cuts nothing off."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from lmc_core.ui.addresses import TITLES, tab_title
from tests.browser.server import Server
from tests.browser.watching import LINE, chart, figure, open_at, wait_for_draws, wait_until_there, zoom

pytestmark = pytest.mark.browser

CHARTS = {name: 0 if name == "runs" else 1 for name in TITLES}
"""The pages by their names in the address, each with the number of charts that it has at least."""
SMALL = {"width": 1024, "height": 768}

SHIFTS = """
window.lmcShift = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.lmcShift += entry.value; })
  .observe({type: "layout-shift", buffered: true});
"""
CUT = """() => [...document.querySelectorAll('.stMain *, .stHeader *')].filter((part) => {
  const style = getComputedStyle(part);
  if (!part.checkVisibility({visibilityProperty: true, opacityProperty: true}) || part.clientWidth < 20) return false;
  if (part.closest('svg, .katex, .stDataFrame, .rc-overflow-item') || part.tagName === 'INPUT') return false;
  return part.scrollWidth > part.clientWidth + 2 && style.overflowX !== 'visible' && !part.matches('.lmc-paper, .plot.wide');
}).map((part) => `${part.dataset.testid || part.className}: ${part.textContent.slice(0, 40)}`)"""
CONTRAST = """(part) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const over = (below, colour) => {
    canvas.fillStyle = `rgb(${below.join(',')})`; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const around = [];
  for (let one = part; one; one = one.parentElement) around.unshift(getComputedStyle(one).backgroundColor);
  const ground = around.reduce(over, [255, 255, 255]);
  const hasText = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const words = [part, ...part.querySelectorAll('*')].filter(hasText);
  return Math.min(...words.map((one) => {
    const [a, b] = [light(over(ground, getComputedStyle(one).color)), light(ground)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }));
}"""


def open_page(page: Page, name: str) -> None:
    open_at(page, f"/{name}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
    page.wait_for_function(
        "charts => document.querySelectorAll('.lmc-chart[data-draws]').length >= charts", arg=CHARTS[name], timeout=60_000
    )


@pytest.mark.parametrize("name", ["", "sweeps"])
def test_nothing_jumps_while_a_page_loads(page: Page, name: str) -> None:
    page.add_init_script(SHIFTS)
    open_page(page, name)
    assert page.evaluate("window.lmcShift") < 0.1


@pytest.mark.parametrize("name", TITLES)
def test_on_a_small_screen_verdict_and_main_chart_are_seen_at_once_and_nothing_is_cut_off(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    open_page(page, name)
    expect(page).to_have_title(tab_title(name))
    for title in TITLES.values():
        expect(page.get_by_role("navigation").get_by_role("link", name=title, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stTopNavSection")).to_have_count(0)
    if name != "runs":
        answer = page.locator(".lmc-status").first.bounding_box()
        picture = page.locator(".stMain .lmc-paper" if name == "paper" else ".lmc-chart").first.bounding_box()
        assert answer is not None
        assert picture is not None
        assert answer["y"] + answer["height"] <= SMALL["height"]
        least = 150 if name == "paper" else picture["height"]  # of a table its head and first rows
        assert picture["y"] + least <= SMALL["height"]
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("name", ["", "emergence", "about"])
def test_on_a_telephone_nothing_is_cut_off(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, name)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_selected_segments_and_the_main_button_are_read_easily(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    open_page(page, "")
    chosen = page.locator('[data-variant="segmented_control"][data-selected]')
    assert chosen.count() >= 2
    for part in (*chosen.all(), page.get_by_role("button", name="Train the twins")):
        assert part.evaluate(CONTRAST) >= 4.5


def test_a_live_run_is_announced_and_its_end_with_the_verdict(page: Page) -> None:
    open_at(page, "/?epochs=12&seeds.init=21")
    announced = page.locator('[aria-live="polite"]#lmc-announcer')
    expect(announced).to_have_text("", timeout=60_000)
    page.get_by_role("button", name="Train the twins").click()
    expect(announced).to_have_text(re.compile("queue|ready|Training"), timeout=60_000)
    expect(announced).to_have_text(re.compile(r"[Cc]onnected\. On the straight line"), timeout=120_000)


def test_the_result_is_there_before_streamlit_is(page: Page) -> None:
    page.route("**/_stcore/**", lambda route: route.abort())
    page.goto("/")
    expect(page.locator(".lmc-status .headline")).to_have_text("Connected")
    wait_for_draws(page, LINE, 1)
    expect(page.get_by_role("button", name="Train the twins")).to_have_count(0)


def test_the_charts_that_came_with_the_page_are_the_ones_that_stay(page: Page) -> None:
    open_at(page, "/")
    seen = figure(page, LINE)
    assert seen is not None
    assert seen["draws"] == 1
    expect(page.locator(".lmc-chart")).to_have_count(4)
    expect(page.locator(".lmc-status")).to_have_count(1)
    assert page.locator("#lmc-wait").inner_html() == ""
    zoom(page, LINE)
    expect(chart(page, LINE).get_by_role("button", name="Reset zoom")).to_be_visible()
    with page.expect_download() as file:
        chart(page, LINE).get_by_role("button", name="SVG").click()
    assert file.value.suggested_filename.endswith(".svg")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_the_result_stays_where_it_is_when_the_page_takes_its_place(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.route("**/_stcore/stream**", lambda route: route.abort())
    places = []
    for path in ("/", "/?measure=error"):
        if places:
            page.unroute_all()
        page.goto(path)
        if places:
            wait_until_there(page)
        wait_for_draws(page, LINE, 1)
        box = chart(page, LINE).bounding_box()
        assert box is not None
        places.append((box["x"], box["y"], box["width"], box["height"]))
    assert places[1] == pytest.approx(places[0], abs=3)


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server, with what it was asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LOAD = """async (place) => {
  const tried = (element, source) => new Promise((done) => {
    const part = document.createElement(element);
    part.onload = part.onerror = done;
    part[element === "link" ? "href" : "src"] = `${place}/${element}`;
    if (element === "link") part.rel = "stylesheet";
    document.body.append(part);
  });
  await Promise.all(["img", "script", "link"].map((element) => tried(element)));
  document.body.style.backgroundImage = `url(${place}/background)`;
  return fetch(`${place}/fetch`).then(() => "answered", () => "refused");
}"""


def test_whatever_is_put_into_a_page_asks_no_other_server_for_anything(page: Page, server: Server) -> None:
    with elsewhere() as (place, asked):
        open_page(page, "")
        assert page.evaluate(LOAD, place) == "refused"
        assert asked == []
        blank = page.context.new_page()
        blank.goto(f"{place}/control")
        assert asked[0] == "/control"


def test_a_first_visit_is_two_megabytes_and_the_chart_library_is_asked_for_before_the_page_is_there(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(base_url=server.address)
    page = context.new_page()
    open_page(page, "")
    wait_for_draws(page, LINE, 1)
    files = page.evaluate(
        "performance.getEntriesByType('resource').map(file => ({name: file.name, start: file.startTime, bytes: file.transferSize}))"
    )
    assert sum(file["bytes"] for file in files) < 3_500_000
    library = next(file["start"] for file in files if "plotly" in file["name"])
    connected = next(file["start"] for file in files if "_stcore/health" in file["name"])
    assert library < connected
    context.close()
