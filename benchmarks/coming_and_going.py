"""Browsers that come and go: each opens a page, now and then has something trained, watches for a while, leaves and comes again."""

import asyncio
import os
import random
import statistics
import time
from pathlib import Path

from benchmarks.visitor_session import Visitor

RUNS = [f"epochs={epochs}&seeds.init={seed}" for epochs in (20, 60, 200) for seed in range(100)]
"""What they look at, some the same: small experiments on digits, so many that some train at every moment."""
OPENING_SECONDS = 30.0
"""In these a server that has just started meets all browsers at once."""
STAY_SECONDS = (20.0, 60.0)
AWAY_SECONDS = (1.0, 10.0)
CLICKING = 0.4
"""Share of the visits in which the experiment is trained."""
SAMPLE_SECONDS = 5.0
WARM_SHARE = 0.3
"""Part of the time after which memory should not grow any more: caches are full, and Streamlit forgets who left two minutes ago."""
LABEL = "Train the twins"


async def come_and_go(port: int, pid: int, browsers: int, seconds: float) -> dict[str, str]:
    """Figures of so many browsers over so many seconds, with their names.

    Args:
        port: of the server.
        pid: of its web process.
        browsers: how many there are at a time.
        seconds: for which they come and go.
    """
    start, updates, arrivals, faults = time.monotonic(), list[tuple[float, float]](), list[float](), list[str]()
    until = start + seconds
    samples = asyncio.create_task(_sampled(pid, until))
    await asyncio.gather(*(_one(port, place, until, updates, arrivals, faults) for place in range(browsers)))
    memory = await samples
    warm = memory[int(WARM_SHARE * len(memory)) :] or memory
    tenth = max(1, len(warm) // 10)
    opening = [took for at, took in updates if at < start + OPENING_SECONDS]
    later = [took for at, took in updates if at >= start + OPENING_SECONDS]
    return {
        "browsers, visits": f"{browsers} at a time, {len(arrivals)} visits in {seconds / 60:.1f} min",
        "visits that failed": f"{len(faults)}" + (f", the first: {faults[0]}" if faults else ""),
        "first page of a visit, median": f"{1000 * statistics.median(arrivals):.0f} ms",
        "first page of a visit, 95th percentile": f"{1000 * _percentile(arrivals, 0.95):.0f} ms",
        "page updates": f"{len(updates)}",
        "page update, median": f"{1000 * statistics.median([*opening, *later]):.0f} ms",
        "page update, 95th percentile": f"{1000 * _percentile([*opening, *later], 0.95):.0f} ms",
        f"of {len(opening)} in the first {OPENING_SECONDS:g} s": f"{1000 * _percentile(opening, 0.95):.0f} ms",
        f"of {len(later)} after them": f"{1000 * _percentile(later, 0.95):.0f} ms",
        "web process, warm": f"{statistics.mean(warm[:tenth]):.0f} MB",
        "web process, at the end": f"{statistics.mean(warm[-tenth:]):.0f} MB",
        "web process, at most": f"{max(memory):.0f} MB",
    }


async def _one(port: int, place: int, until: float, updates: list[tuple[float, float]], arrivals: list[float], faults: list[str]) -> None:
    """One browser; what it measures and what goes wrong is appended."""
    chance = random.Random(place)  # no secret
    await asyncio.sleep(chance.uniform(*AWAY_SECONDS))
    while time.monotonic() < until:
        try:
            visitor = await Visitor.arrive(port, f"browser{place:03}", chance.choice(RUNS))
            arrivals.append(visitor.arrival)
            if LABEL in visitor.buttons and chance.random() < CLICKING:
                await visitor.click(LABEL)
            stay = min(until, time.monotonic() + chance.uniform(*STAY_SECONDS))
            await visitor.watch(stay)
            await asyncio.sleep(max(0.0, stay - time.monotonic()))
            updates += zip(visitor.updated, visitor.updates, strict=True)
            await visitor.leave()
        except (OSError, TimeoutError) as fault:
            faults.append(f"{type(fault).__name__}: {fault}")
        await asyncio.sleep(chance.uniform(*AWAY_SECONDS))


async def _sampled(pid: int, until: float) -> list[float]:
    """MB of memory that a process has in use, every SAMPLE_SECONDS until a moment (Linux)."""
    samples = []
    while time.monotonic() < until:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        samples.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        await asyncio.sleep(SAMPLE_SECONDS)
    return samples


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0
