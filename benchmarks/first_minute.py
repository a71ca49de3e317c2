"""The first minute of a visitor, in a real browser: `python -m benchmarks.first_minute`.

A browser opens the first page as often as asked: as a new browser on a fresh server, as a new browser on a server that has had visitors,
and as one that comes back. Times count from the start of the navigation, in the browser's own clock.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright, ViewportSize, sync_playwright

from benchmarks.serving import machine, serving, wait_until_up
from lmc_core.settings import REPOSITORY

REPEATS = 5
VIEWPORT = ViewportSize(width=1440, height=900)
QUIET_SECONDS = 1.0
"""How long nothing may move before a visit counts as over."""
WATCH = """
const seen = (window.lmcSeen = { shift: 0, quiet: performance.now() });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    seen.shift += entry.value;
    seen.quiet = performance.now();
  }
}).observe({ type: "layout-shift", buffered: true });
const SHOWN = { visibilityProperty: true, opacityProperty: true };
const look = () => {
  const words = document.querySelector(".lmc-status .headline");
  if (words && words.checkVisibility(SHOWN) && seen.verdict === undefined) seen.verdict = performance.now();
  const line = document.querySelector(".lmc-chart .js-plotly-plot path.js-line");
  const box = line && line.getBoundingClientRect();
  if (box && box.width > 0 && box.top < window.innerHeight && line.checkVisibility(SHOWN)) seen.curve ??= performance.now();
  if (seen.curve && document.documentElement.dataset.there !== undefined) seen.whole = seen.quiet = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
READ = """() => {
  const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const library = files.find((file) => file.name.includes("plotly"));
  return {
    curve: window.lmcSeen.curve,
    verdict: window.lmcSeen.verdict,
    whole: window.lmcSeen.whole,
    shift: window.lmcSeen.shift,
    bytes: files.reduce((sum, file) => sum + file.transferSize, 0),
    files: files.filter((file) => file.transferSize > 0).length,
    asked: library ? library.startTime : 0,
    library: library ? library.responseEnd : 0,
  };
}"""
SETTLED = f"() => window.lmcSeen && window.lmcSeen.whole && performance.now() - window.lmcSeen.quiet > {1000 * QUIET_SECONDS}"


@dataclass(frozen=True)
class Visit:
    """What one visit took.

    Attributes:
        curve: seconds to the first line of a chart within the window.
        verdict: seconds to the verdict in words.
        whole: seconds until the controls are there too.
        asked: seconds to the request for the chart library.
        library: seconds until the chart library was there.
        shift: sum of all layout shifts.
        bytes: that came over HTTP.
        files: that came over HTTP.
    """

    curve: float
    verdict: float
    whole: float
    asked: float
    library: float
    shift: float
    bytes: float
    files: float


def visit(context: BrowserContext, address: str) -> Visit:
    """Open the page and wait until the first curve is there and nothing moves."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    page.wait_for_function(SETTLED, timeout=60_000)
    seen = page.evaluate(READ)
    page.close()
    times = {name: seen.pop(name) / 1000 for name in ("curve", "verdict", "whole", "asked", "library")}
    return Visit(**times, **seen)


@contextmanager
def new_browser(playwright: Playwright) -> Iterator[BrowserContext]:
    """A browser that has never been anywhere, with a profile of its own, as people have: what it fetched and compiled it keeps."""
    names = ("chromium", "chromium-browser", "google-chrome")
    installed = os.environ.get("LMC_CHROMIUM") or next((found for name in names if (found := shutil.which(name))), None)
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(profile, executable_path=installed, args=flags, viewport=VIEWPORT)
        yield context
        context.close()


def measure(playwright: Playwright, checkout: Path, port: int, path: str, repeats: int) -> dict[str, list[Visit]]:
    """The visits of each kind."""
    visits: dict[str, list[Visit]] = {"new browser, fresh server": [], "new browser": [], "comes back": []}
    address = f"http://127.0.0.1:{port}{path}"
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), port, checkout):
        wait_until_up(port)
        with new_browser(playwright) as browser:
            visits["new browser, fresh server"].append(visit(browser, address))
        for _ in range(repeats):
            with new_browser(playwright) as browser:
                visits["new browser"].append(visit(browser, address))
                visit(browser, address)
                visits["comes back"].append(visit(browser, address))
    return visits


def table(visits: Mapping[str, Sequence[Visit]]) -> str:
    """Medians, a row for each kind of visit."""
    head = "| visit | first curve | verdict | whole page | chart library asked for, there | layout shift | received | files |"
    rows = [head, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, some in visits.items():
        middle = {field: statistics.median(getattr(one, field) for one in some) for field in vars(some[0])}
        rows.append(
            f"| {name} | {middle['curve']:.2f} s | {middle['verdict']:.2f} s | {middle['whole']:.2f} s "
            f"| {middle['asked']:.2f}, {middle['library']:.2f} s "
            f"| {middle['shift']:.3f} | {middle['bytes'] / 1e6:.2f} MB | {middle['files']:.0f} |"
        )
    return "\n".join(rows)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--port", type=int, default=8598)
    parser.add_argument("--path", default="/", help="the page that is opened")
    parser.add_argument("--checkout", type=Path, default=REPOSITORY, help="serve another checkout of this program, to compare with")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        visits = measure(playwright, options.checkout, options.port, options.path, options.repeats)
    print(f"{options.path}, medians of {options.repeats}, {machine()}\n\n{table(visits)}")


if __name__ == "__main__":
    main()
