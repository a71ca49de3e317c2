"""A chart that is saved as an SVG file, without the page around it: its legend, its names, and which runs it shows."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from lmc_core.experiment import TwinsSpec
from lmc_core.figures import chart_library
from lmc_core.figures.chart import Chart
from lmc_core.figures.grid import grid
from lmc_core.figures.layer_density import layer_density
from lmc_core.figures.sweep import sweep
from lmc_core.figures.tickets import tickets
from lmc_core.ui.live_chart import Row, board
from lmc_core.ui.made_by import made_by_cells, made_by_runs
from tests.figures import pruning_tables
from tests.figures.test_pruning_charts import FAILED, NO_HISTORY
from tests.figures.test_sweep import FLAT, SLOPES, UNLEARNT, small

HOME = "http://charts.test/"
PAGE = """<!doctype html><meta charset="utf-8"><body style="margin: 0; width: 1000px; --st-background-color: #fff"><div id="here"></div>
<script type="module">
import { show } from "/live_chart.js";
const data = new Uint8Array(await (await fetch("/payload")).arrayBuffer());
await show({ data, parentElement: document.getElementById("here") }, "/plotly.min.js", "/chart_file.js");
</script>"""
SPEC = TwinsSpec()
CELLS = [small("depth 1", "719", curves=FLAT, barrier=0.005, outcome="connected"), small("depth 2", "719"),
         small("depth 1", "30000", outcome="learnt nothing"), small("depth 2", "30000", outcome="unstable")]  # fmt: skip
LONG = [(f"encoder.layers.{place}.self_attention.in_projection.query.weight", 40 * place, 1_000_000) for place in range(6)]
CHARTS: dict[str, Callable[[], Chart]] = {
    "grid": lambda: grid(CELLS, "Weight layers", "Batch size"),
    "layer-density": lambda: layer_density(pruning_tables.layers(*LONG), "Ticket at 5%"),
    "sweep": lambda: sweep(UNLEARNT, "Learning rate", "Depth"),
    "plain sweep": lambda: sweep(SLOPES, "Slope", "Depth"),
    "tickets": lambda: tickets(FAILED, NO_HISTORY, pruning_tables.DENSITIES, 0),
}


def saved(browser: Browser, chart: Chart, hidden: str = "") -> str:
    """The file that the button of a chart saves; the entry of the legend with this label is switched off before."""

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(HOME)
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        elif name == "payload":
            route.fulfill(body=board(Row((chart,), (1,))).payload, content_type="application/octet-stream")
        else:
            body = chart_library.script() if name == "plotly.min.js" else files("lmc_core.ui").joinpath(name).read_text()
            route.fulfill(body=body, content_type="text/javascript")

    context = browser.new_context(accept_downloads=True, viewport={"width": 1000, "height": 900})
    try:
        page = context.new_page()
        page.route("**/*", serve)
        page.goto(HOME)
        if hidden:
            page.get_by_role("button", name=hidden, exact=True).click()
        with page.expect_download() as caught:
            page.get_by_role("button", name=f"Save {chart.title} as an SVG file").click()
        return Path(caught.value.path()).read_text()
    finally:
        context.close()


def shown_texts(svg: str) -> list[str]:
    """What one reads in the file."""
    return ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_a_saved_chart_has_the_legend_of_the_page_its_run_its_settings_and_the_command(browser: Browser, make: Callable[[], Chart]) -> None:
    chart = made_by_runs(make(), [SPEC])
    texts = shown_texts(saved(browser, chart))
    assert texts[0] == chart.title
    legend = [text for text in texts if text in {key.label for key in chart.keys}]
    assert [key.label for key in chart.keys if not key.hidden] == legend[: len(chart.keys)]
    read = " ".join(texts)
    assert f"Run {SPEC.run_id}: " in read
    assert "python -m lmc_core twins" in read


def test_the_grid_s_legend_names_verdicts_and_no_setting(browser: Browser) -> None:
    texts = shown_texts(saved(browser, made_by_cells(CHARTS["grid"](), ["0" * 20, "1" * 20], "python -m lmc_core sweep")))
    labels = ["Connected", "Not connected", "Learnt nothing", "Unstable"]
    assert [text for text in texts if text.capitalize() in labels and text[0].isupper()] == labels
    assert not any("719, " in text or ", 719" in text for text in texts)


def test_what_is_hidden_on_the_page_is_in_neither_chart_nor_legend_of_the_file(browser: Browser) -> None:
    chart = CHARTS["plain sweep"]()
    assert "4" not in shown_texts(saved(browser, chart, hidden="4"))[1:3]
    assert "4" in shown_texts(saved(browser, chart))[1:4]


def test_no_text_of_a_saved_chart_lies_outside_of_it_or_upon_another(browser: Browser) -> None:
    for make in CHARTS.values():
        chart = made_by_runs(make(), [SPEC])
        svg = saved(browser, chart)
        page = browser.new_page()
        page.set_content(f'<body style="margin: 0">{svg}</body>')
        boxes = page.evaluate(
            """() => [...document.querySelectorAll("svg text")].filter((part) => part.textContent.trim()).map((part) => {
                 const { left, top, right, bottom } = part.getBoundingClientRect();
                 return { text: part.textContent, left, top, right, bottom };
               })"""
        )
        width, height = (float(re.search(rf'<svg[^>]* {name}="([\d.]+)"', svg)[1]) for name in ("width", "height"))  # type: ignore[index]
        page.close()
        for box in boxes:
            assert box["left"] >= 0, (chart.name, box)
            assert box["right"] <= width, (chart.name, box)
            assert 0 <= box["top"] < box["bottom"] <= height, (chart.name, box)
        head = boxes[: 1 + bool(chart.note) + len(chart.keys)]
        for one in head:
            for other in boxes:
                apart = one["right"] <= other["left"] or other["right"] <= one["left"] or one["bottom"] <= other["top"] + 1
                assert one is other or apart or other["bottom"] <= one["top"] + 1, (chart.name, one, other)


def test_the_description_names_every_run_also_where_the_footer_cannot(browser: Browser) -> None:
    runs = [f"{number:020x}" for number in range(9)]
    svg = saved(browser, made_by_cells(CHARTS["plain sweep"](), runs, "python -m lmc_core sweep --factor a=1,2"))
    assert all(run in svg for run in runs)
    assert "9 runs: " in " ".join(shown_texts(svg))
    assert "and 5 more" in " ".join(shown_texts(svg))


def test_what_is_in_a_chart_s_words_cannot_become_markup_in_the_file(browser: Browser) -> None:
    hostile = replace(CHARTS["plain sweep"](), title="<script>alert(1)</script>", note='"><image href=x>', made=("</svg><a>",))
    svg = saved(browser, hostile)
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
    assert not {"script", "a"} & tags
