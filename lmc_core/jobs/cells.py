"""A sweep's cells as a page sees them: where each stands, and what all of them take."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lmc_core.cost.estimates import Cost, duration
from lmc_core.cost.estimates import refusal as run_refusal
from lmc_core.experiment import AnySpec, TwinsSpec, read_spec
from lmc_core.jobs.journal import Job, Journal
from lmc_core.jobs.outlook import Place
from lmc_core.jobs.snapshot import ENDED, State
from lmc_core.jobs.view import Seen
from lmc_core.packing import networks_key, networks_of, share_of_steps
from lmc_core.runs.folder import RunSummary
from lmc_core.runs.progress import Progress
from lmc_core.runs.results import RunResult
from lmc_core.runs.used_data import asked_images, lacking_images
from lmc_core.settings import Settings

FRESH_SECONDS = 0.3
"""Who looks at a cell again so soon gets what was read last, whoever looked then."""
FINISHED_FRESH_SECONDS = 2.0
"""The same for a cell that is in the store: it changes only when somebody deletes it or damages its files."""
KEPT_CELLS = 4_000


@dataclass(frozen=True)
class TwinsSummary(RunSummary):
    """What is known of a finished run of twins."""

    spec: TwinsSpec
    result: RunResult


def twins_summary(run: RunSummary | None) -> TwinsSummary | None:
    """The same where it is a run of twins."""
    return TwinsSummary(**vars(run)) if run and isinstance(run.result, RunResult) else None


@dataclass(frozen=True)
class CellState:
    """A cell at one moment; two that are equal look the same."""

    run_id: str
    state: State
    epoch: int = 0
    """Finished epochs."""
    epochs: int | None = None
    """Epochs in all; None where the state is unknown."""
    barrier: float | None = None
    """Mean over pairs of the test error barrier, as last measured; None before the first measurement or where it is not finite."""
    run: RunSummary | None = None
    """Spec and result; set exactly when the state is done."""
    error: str | None = None
    """The sentence that says why it failed."""
    stopping: bool = False
    seconds_left: float | None = None
    """Estimated seconds to its end, waiting included; None where it has ended."""

    @property
    def twins(self) -> TwinsSummary | None:
        """The finished run where it is one of twins."""
        return twins_summary(self.run)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come unless somebody asks again."""
        return self.state in ENDED


def results_of(states: Mapping[str, CellState]) -> dict[str, RunResult]:
    """What the finished cells of twins found, by run id."""
    return {run_id: state.twins.result for run_id, state in states.items() if state.twins}


@dataclass(frozen=True)
class SweepCost:
    """What a sweep will take; what is finished takes nothing."""

    cells: int
    """Different runs."""
    to_train: int
    """Those of them that are not finished."""
    networks: int
    """Networks that are to be trained, those that several runs have in common once."""
    parameters: int
    """Of these networks together."""
    seconds: float
    """From start to end, when all workers are at it."""
    memory_bytes: int
    """Of the largest run."""
    disk_bytes: int = 0
    """Of all runs that are to be trained."""


class Cells:
    """Reads many runs at a time, each at most every FRESH_SECONDS, for all who look.

    Args:
        journal: where those stand that are not finished.
        stored: a finished run, or None.
        seen: what a run has told so far.
        places: the queue.
    """

    def __init__(
        self,
        journal: Journal,
        stored: Callable[[str], RunSummary | None],
        seen: Callable[[str], Seen],
        places: Callable[[], Mapping[str, Place]],
    ) -> None:
        self._journal = journal
        self._stored = stored
        self._seen = seen
        self._places = places
        self._lock = threading.RLock()  # a look at a damaged run makes it stale
        self._kept: dict[str, tuple[float, CellState]] = {}
        self._epochs: dict[str, int] = {}

    def states(self, run_ids: Iterable[str]) -> dict[str, CellState]:
        """The cells in the order given, each run once."""
        with self._lock:
            wanted, now = dict.fromkeys(run_ids), time.monotonic()
            found = {run_id: cell for run_id in wanted if (cell := self._fresh(run_id, now))}
            if old := [run_id for run_id in wanted if run_id not in found]:
                if len(self._kept) > KEPT_CELLS:
                    self._kept.clear()
                    self._epochs.clear()
                jobs = self._journal.jobs_of(old)
                places = self._places() if any(job.state in ("queued", "running") for job in jobs.values()) else {}
                for run_id in old:
                    found[run_id] = self._look(run_id, jobs.get(run_id), places.get(run_id))
                    self._kept[run_id] = now, found[run_id]
            return {run_id: found[run_id] for run_id in wanted}

    def stale(self, run_ids: Iterable[str]) -> None:
        """Read these anew when next asked: something was just written."""
        with self._lock:
            for run_id in run_ids:
                self._kept.pop(run_id, None)

    def _fresh(self, run_id: str, now: float) -> CellState | None:
        at, cell = self._kept.get(run_id, (0.0, None))
        return cell if cell and now - at < (FINISHED_FRESH_SECONDS if cell.state == "done" else FRESH_SECONDS) else None

    def _look(self, run_id: str, job: Job | None, place: Place | None) -> CellState:
        if job is None or job.state not in ("queued", "running"):
            if run := self._stored(run_id):
                twins = twins_summary(run)
                test = twins.result.summary.test.error.mean if twins else None
                return CellState(run_id, "done", run.spec.epochs, run.spec.epochs, test, run)
            if job is None or job.state == "done":
                return CellState(run_id, "unknown")
        if run_id not in self._epochs:
            self._epochs[run_id] = read_spec(job.spec).epochs
        progress = self._seen(run_id).progress if job.attempt else None
        return CellState(
            run_id,
            job.state,
            epoch=progress.epoch_of(self._epochs[run_id]) if progress else 0,
            epochs=self._epochs[run_id],
            barrier=progress.test_barrier if isinstance(progress, Progress) else None,
            error=job.error,
            stopping=job.stopping,
            seconds_left=place.seconds_left if place and job.state in ("queued", "running") else None,
        )


def total(number: int, to_train: Sequence[tuple[AnySpec, Cost]], workers: int) -> SweepCost:
    """What a sweep takes.

    Args:
        number: of its different runs.
        to_train: those that are not finished, each with its cost.
        workers: how many runs are trained at a time.
    """
    crews: dict[str, list[tuple[AnySpec, Cost]]] = {}
    for spec, cost in to_train:
        crews.setdefault(networks_key(spec), []).append((spec, cost))
    seconds = [own for crew in crews.values() for own in _seconds(crew)]
    networks = {key: networks_of([spec for spec, _ in crew]) for key, crew in crews.items()}
    return SweepCost(
        cells=number,
        to_train=len(to_train),
        networks=sum(networks.values()),
        parameters=sum(networks[key] * crew[0][1].parameters for key, crew in crews.items()),
        seconds=max(sum(seconds) / workers, max(seconds, default=0.0)),
        memory_bytes=max((cost.memory_bytes for _, cost in to_train), default=0),
        disk_bytes=sum(cost.disk_bytes for _, cost in to_train),
    )


def _seconds(crew: Sequence[tuple[AnySpec, Cost]]) -> list[float]:
    """What each of the runs with one twin A takes when the networks that they have in common are trained once."""
    share = share_of_steps([spec for spec, _ in crew])
    return [cost.seconds - cost.train_seconds * (1 - share) for _, cost in crew]


def refusal(specs: Sequence[AnySpec], to_train: Sequence[tuple[AnySpec, Cost]], settings: Settings, workers: int) -> str | None:
    """The sentence that says which limit a sweep or one of its runs would pass; None if none.

    Args:
        specs: all its cells, by whose differences the sentence names one.
        to_train: as in `total`; what is under way need not be among them.
        settings: the limits.
        workers: as in `total`.
    """
    cost = total(len(specs), to_train, workers)
    if cost.to_train > settings.max_cells:
        return (
            f"This sweep has {cost.to_train:,} runs to train, and {settings.max_cells:,} is the most for one sweep (LMC_MAX_CELLS); "
            "take fewer values."
        )
    images = {asked_images(spec): spec for spec, _ in to_train}
    lacking = {asked: lacking_images(spec, settings.data_dir) for asked, spec in images.items()}
    for spec, single in to_train:
        reason = run_refusal(spec, single, settings.max_seconds, settings.max_memory_gib, settings.max_disk_gib)
        if reason := reason or lacking[asked_images(spec)]:
            return f"{cell_name(specs, spec)}: {reason}"
    if cost.seconds > settings.max_seconds:
        return (
            f"This sweep would take about {duration(cost.seconds)}, and {duration(settings.max_seconds)} is the most (LMC_MAX_SECONDS); "
            "take fewer values, epochs, repeats or training samples."
        )
    return None


def cell_name(specs: Sequence[AnySpec], spec: AnySpec) -> str:
    """Which cell of a sweep it is, for a sentence: its number, and the fields in which it differs from others."""
    tables = [_leaves("", other.model_dump(mode="json")) for other in specs]
    place = specs.index(spec)
    own = tables[place]
    apart = [f"{path}={value}" for path, value in own.items() if any(table.get(path) != value for table in tables)]
    number = f"Cell {place + 1} of {len(specs)}"
    return f"{number} ({' '.join(apart)})" if apart else number


def _leaves(prefix: str, values: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in values.items():
        found |= _leaves(f"{prefix}{name}.", value) if isinstance(value, Mapping) else {prefix + name: value}
    return found
