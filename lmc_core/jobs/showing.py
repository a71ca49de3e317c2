"""From what the journal and the store know to what a page or a command is shown."""

from collections.abc import Callable, Collection, Iterable

from lmc_core.experiment import read_spec
from lmc_core.jobs.journal import Job
from lmc_core.jobs.outlook import Place
from lmc_core.jobs.snapshot import QueueEntry, RunListing, Snapshot
from lmc_core.jobs.view import Seen
from lmc_core.runs.store import RunSummary, StoredRun


def finished_snapshot(stored: StoredRun, notices: tuple[str, ...]) -> Snapshot:
    """A run that is in the store."""
    return Snapshot(
        run_id=stored.run_id,
        version=f"done {stored.created.isoformat()} {len(notices)}",
        state="done",
        spec=stored.spec,
        progress=stored.progress,
        run=stored,
        notices=notices,
    )


def unfinished_snapshot(run_id: str, seen: Seen, place: Place | None, word: str | None) -> Snapshot:
    """A run that is not in the store.

    Args:
        run_id: the run.
        seen: what the journal tells of it.
        place: where it stands in the queue, if it does.
        word: why nothing runs at the moment, if that is so; told to those who wait.
    """
    job = seen.job
    if job is None or job.state == "done":
        return Snapshot(run_id, f"unknown {len(seen.notices)}", "unknown", notices=seen.notices)
    place = place if job.state in ("queued", "running") else None
    position = place.position if place and job.state == "queued" else None
    notices = (*seen.notices, *seen.progress.notices, *([word] if word and place else []))
    return Snapshot(
        run_id=run_id,
        version=f"{job.state} {job.generation}.{job.change}.{seen.last} {position} {seen.watchers} {len(notices)}",
        state=job.state,
        spec=read_spec(job.spec),
        progress=seen.progress,
        queue_position=position,
        seconds_left=place.seconds_left if place else None,
        paused=job.state == "queued" and job.paused,
        stopping=job.stopping,
        error=job.error,
        notices=notices,
        watchers=seen.watchers,
    )


def queue_entries(places: Iterable[Place], mine: Collection[str], watchers: Callable[[str], int]) -> list[QueueEntry]:
    """The queue as a visitor sees it who asked for the runs in `mine`."""
    return [
        QueueEntry(
            run_id=place.job.run_id,
            spec=read_spec(place.job.spec),
            state="running" if place.position is None else "queued",
            position=place.position,
            mine=place.job.run_id in mine,
            seconds_left=place.seconds_left,
            watchers=watchers(place.job.run_id),
        )
        for place in places
    ]


def run_listings(finished: Iterable[RunSummary], jobs: Iterable[Job]) -> list[RunListing]:
    """Runs of the store and of the journal, each once, the newest first."""
    listings = {
        run.run_id: RunListing(run.run_id, run.spec, "done", run.created.timestamp(), run.result, None, run.shipped) for run in finished
    }
    for job in jobs:
        if job.state in ("queued", "running") or (job.state != "done" and job.run_id not in listings):
            spec, when = read_spec(job.spec), job.finished or job.submitted
            listings[job.run_id] = RunListing(job.run_id, spec, job.state, when, None, job.error, shipped=False)
    return sorted(listings.values(), key=lambda run: run.when, reverse=True)
