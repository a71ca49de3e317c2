"""Thirty sessions that watch live runs while one trains: `python -m benchmarks.sessions`.

With `--come-and-go MINUTES` sessions (60 unless told otherwise) come, train, watch and leave, and memory is looked at meanwhile.

Sessions are websockets that speak Streamlit's protocol, not browsers: thirty browsers would take the two cores that are measured.
A page update is the time from a session's asking until the last byte of the answer was received and parsed.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.coming_and_going import come_and_go
from benchmarks.serving import machine, serving, wait_until_up
from benchmarks.visitor_session import Visitor
from lmc_core.jobs.journal import Journal
from lmc_core.ui.link import read_link

SESSIONS = 30
BROWSERS = 60
WATCH_SECONDS = 20.0
CLICKS = 5
"""Clicks whose time to the first live point is measured."""
LONG = "epochs=4000&measurement.every=2"
WARM_UP_SECONDS = 10.0
"""Until the workers have torch in memory, as they have when a class begins; a click before that takes the rest of it longer."""


async def click_to_point(port: int, seed: int) -> float:
    """Seconds from a click on a digits experiment that nobody ran to the first live point in the session."""
    visitor = await Visitor.arrive(port, f"click{seed}", f"epochs=200&seeds.init={seed}")
    visitor.points = 0
    start = time.perf_counter()
    await visitor.click("Train the twins")
    while visitor.points == 0:
        fragment, pause = next(iter(visitor.polls.items()))
        await asyncio.sleep(pause)
        await visitor.run(fragment=fragment)
    seconds = time.perf_counter() - start
    await visitor.click("Cancel")
    await visitor.leave()
    return seconds


async def measure(port: int, cache: Path, sessions: int, seconds: float) -> dict[str, str]:
    """All figures, with their names."""
    up = wait_until_up(port)
    page = (await Visitor.arrive(port, "first", "")).arrival
    await asyncio.sleep(WARM_UP_SECONDS)
    points = [await click_to_point(port, seed) for seed in range(CLICKS)]
    visitors = await asyncio.gather(*(Visitor.arrive(port, f"watcher{place:02}", LONG) for place in range(sessions)))
    await asyncio.gather(*(visitor.click("Train the twins") for visitor in visitors))
    run_id = read_link({"epochs": "4000", "measurement.every": "2"}).spec.run_id
    await asyncio.gather(*(visitor.watch(time.monotonic() + seconds) for visitor in visitors))
    journal = Journal(cache / "journal.sqlite")
    job, watchers = journal.job(run_id), journal.watchers(run_id)
    trained = [other for other in journal.jobs() if other.run_id == run_id]
    journal.close()
    updates = sorted(update for visitor in visitors for update in visitor.updates)
    await asyncio.gather(*(visitor.click("Cancel") for visitor in visitors))
    await asyncio.gather(*(visitor.leave() for visitor in visitors))
    return {
        "server up after": f"{up:.2f} s",
        "first page of all, after the server is up": f"{page:.2f} s",
        "click to first live point, digits": f"median {statistics.median(points):.2f} s, longest {max(points):.2f} s of {CLICKS}",
        f"{sessions} clicks on one experiment": f"{len(trained)} training, attempt {job.attempt if job else 0}, {watchers} watchers",
        "page updates": f"{len(updates)} in {seconds:.0f} s",
        "page update, median": f"{1000 * statistics.median(updates):.0f} ms",
        "page update, 95th percentile": f"{1000 * updates[int(0.95 * len(updates))]:.0f} ms",
    }


def has_torch(pid: int) -> bool:
    """Whether a process has torch's library in its memory (Linux)."""
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, help=f"{SESSIONS}, or {BROWSERS} that come and go")
    parser.add_argument("--come-and-go", type=float, metavar="MINUTES")
    parser.add_argument("--seconds", type=float, default=WATCH_SECONDS)
    parser.add_argument("--port", type=int, default=8599)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), options.port) as pid:
        if options.come_and_go:
            sessions = options.sessions or BROWSERS
            wait_until_up(options.port)
            figures = asyncio.run(come_and_go(options.port, pid, sessions, 60 * options.come_and_go))
        else:
            sessions = options.sessions or SESSIONS
            figures = asyncio.run(measure(options.port, Path(folder), sessions, options.seconds))
        figures["torch in the web process"] = "yes" if has_torch(pid) else "no"
    print(f"{sessions} sessions, {machine()}")
    for name, value in figures.items():
        print(f"  {name:<45} {value}")


if __name__ == "__main__":
    main()
