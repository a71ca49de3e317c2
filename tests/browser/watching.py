"""What a visitor sees of charts, for tests."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

FIGURE = """name => {
  const figure = [...document.querySelectorAll('.lmc-chart')].find(one => one.querySelector('h3').textContent === name);
  if (!figure || !figure.dataset.draws) return null;
  const plot = figure.querySelector('.js-plotly-plot');
  return {
    draws: Number(figure.dataset.draws),
    note: figure.querySelector('.note').textContent,
    revision: String(plot._fullLayout.uirevision),
    x: plot._fullLayout.xaxis.range.slice(),
    y: plot._fullLayout.yaxis.range.slice(),
    traces: plot._fullData.map(trace =>
      ({group: trace.legendgroup, visible: trace.visible, points: trace.x.length, colour: trace.line && trace.line.color})),
  };
}"""


def open_at(page: Page, address: str) -> None:
    """Go to an address, and wait until the page itself is there, beyond the result that was sent ahead of it."""
    page.goto(address)
    wait_until_there(page)


def reload(page: Page) -> None:
    """Load the page again, and wait until it is there."""
    page.reload()
    wait_until_there(page)


def wait_until_there(page: Page) -> None:
    """Wait until the page has taken the place of what was sent ahead of it."""
    page.wait_for_selector("html[data-there]", state="attached", timeout=60_000)


LINE, BARRIER = "Error on the line from A to B", "Error barrier over training"
ACCURACY, LOSS = "Accuracy of each twin", "Loss of each twin"


def figure(page: Page, name: str) -> dict[str, Any] | None:
    """What plotly shows in a chart at the moment; None before its first drawing."""
    seen: dict[str, Any] | None = page.evaluate(FIGURE, name)
    return seen


def points(page: Page, name: str) -> int:
    """How many points the longest trace of a chart has."""
    seen = figure(page, name)
    return max((trace["points"] for trace in seen["traces"]), default=0) if seen else 0


def chart(page: Page, name: str) -> Locator:
    """The chart with this title."""
    return page.locator("figure.lmc-chart").filter(has=page.get_by_role("heading", name=name, exact=True))


def wait_for_points(page: Page, name: str, number: int) -> None:
    """Wait until a chart shows so many points on a line, of the run in the address: another may stand there until that one starts."""
    page.wait_for_function(
        f"""number => {{
          const seen = ({FIGURE})({name!r}), run = new URLSearchParams(location.search).get('run');
          return seen && seen.revision.startsWith(`${{run}}-`) && seen.traces.some(trace => trace.points >= number);
        }}""",
        arg=number,
        timeout=60_000,
    )


def wait_for_words(page: Page, name: str, pattern: str) -> None:
    """Wait until a chart's description says something: a chart is drawn a moment after the words above it."""
    expect(chart(page, name).locator(".plot")).to_have_attribute("aria-label", re.compile(pattern))


def wait_for_draws(page: Page, name: str, number: int) -> None:
    """Wait until a chart was drawn so many times."""
    page.wait_for_function(f"number => {{ const seen = ({FIGURE})({name!r}); return seen && seen.draws >= number; }}", arg=number)


def zoom(page: Page, name: str) -> None:
    """Drag over the middle of a chart, as one zooms with a mouse."""
    area = chart(page, name).locator(".nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.7, steps=5)
    page.mouse.up()
