"""An engine for page tests: the public shape of the real one, with runs made of formulas instead of training."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from lmc_core.checkpoints.naming import path_refusal
from lmc_core.connectivity.results import (
    CONNECTED_BELOW,
    Barrier,
    Barriers,
    BlockLine,
    Curve,
    Curves,
    Distance,
    Distances,
    Height,
    PairMeasurement,
)
from lmc_core.cost.estimates import Cost
from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.jobs import cells
from lmc_core.jobs.cells import CellState, SweepCost
from lmc_core.jobs.snapshot import QueueEntry, RunListing, Snapshot, State
from lmc_core.optim.spec import SGD
from lmc_core.runs.events import CurveMeasured, EpochDone, Event, MemberEpoch, Started
from lmc_core.runs.folder import RunSummary, StoredRun
from lmc_core.runs.progress import Progress
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.runs.results import Environment, PairResult, RunResult, Spread, Summary, SummaryOfSplit, Timing
from lmc_core.runs.store import checked_run_id
from lmc_core.settings import Fetching, Settings
from tests.ui.fake_pruning import pruning_events, stored_pruning

PARAMETERS = 38_922
TOKEN = "owner"
TOLD_BY = {"twins": (Progress, lambda spec, epochs: events(spec, epochs)), "prune": (PruningProgress, pruning_events)}


def told(spec: AnySpec, epochs: int) -> Progress | PruningProgress:
    """What a run of any kind has told up to the end of so many epochs."""
    progress, tell = TOLD_BY[spec.kind]
    return progress.of(tell(spec, epochs))


def finished(spec: AnySpec) -> StoredRun:
    """A finished run of any kind as the store would read it."""
    return stored_pruning(spec) if isinstance(spec, PruneSpec) else stored(spec)


def height(spec: TwinsSpec, pair: int, epoch: float) -> float:
    """The final height of the test error barrier that a fake run comes to: low under SGD, high under Adam."""
    top = 0.004 if isinstance(spec.optimizer, SGD) else 0.35
    return top * (1 + 0.3 * math.sin(5 * pair + 1)) * (1 - math.exp(-3 * epoch / spec.epochs))


def measurement(spec: TwinsSpec, pair: int, epoch: int, diverged: bool = False) -> PairMeasurement:
    alphas = alphas_of(spec)
    if diverged:
        nothing = Curve(error=[None] * len(alphas), loss=[None] * len(alphas))
        none = Barrier(error=None, normalized=None, loss=None, error_chord_gap=None, loss_chord_gap=None)
        far = Distance(l2=None, cosine=None)
        return PairMeasurement(
            pair=pair,
            curves=Curves(train=nothing, test=nothing),
            barriers=Barriers(train=none, test=none),
            distances=Distances(twins=far, init_a=far, init_b=far),
        )
    rise = height(spec, pair, epoch)
    curves, barriers = {}, {}
    for split, floor in (("train", 0.001), ("test", 0.025)):
        end = floor + 0.87 * math.exp(-1.1 * epoch)
        error = [end + (rise if split == "test" else 0.9 * rise) * 4 * alpha * (1 - alpha) for alpha in alphas]
        curves[split] = Curve(error=error, loss=[3 * value for value in error])
        top = max(error) - end
        barriers[split] = Barrier(error=top, normalized=top / (1 - end), loss=3 * top, error_chord_gap=top, loss_chord_gap=3 * top)
    near = Distance(l2=0.1 + 0.2 * epoch, cosine=0.01 * epoch)
    return PairMeasurement(
        pair=pair, curves=Curves(**curves), barriers=Barriers(**barriers), distances=Distances(twins=near, init_a=near, init_b=near)
    )


def alphas_of(spec: TwinsSpec) -> list[float]:
    last = spec.measurement.alphas - 1
    return [place / last for place in range(last + 1)]


def events(spec: TwinsSpec, epochs: int, diverged: tuple[int, ...] = ()) -> Iterator[Event]:
    """What a run tells up to the end of so many epochs."""
    steps = spec.steps_per_epoch
    yield Started(step=0, total_steps=spec.total_steps, parameters=PARAMETERS, engine="formula")
    for epoch in range(epochs + 1):
        if epoch:
            members = [
                MemberEpoch(
                    pair=pair,
                    twin=twin,
                    train_loss=2.3 * math.exp(-epoch / 2) + 0.004,
                    train_error=0.9 * math.exp(-1.3 * epoch) + 0.001,
                    test_loss=2.2 * math.exp(-epoch / 2) + (0.09 if twin == "a" else 0.11),
                    test_error=0.87 * math.exp(-1.1 * epoch) + 0.025,
                )
                for pair in range(spec.repeats)
                for twin in ("a", "b")
            ]
            yield EpochDone(epoch=epoch, step=epoch * steps, lr=spec.optimizer.lr, members=members, train_seconds=0.1 * epoch)
        pairs = [measurement(spec, pair, epoch, pair in diverged and epoch > 1) for pair in range(spec.repeats)]
        yield CurveMeasured(epoch=epoch, step=epoch * steps, alphas=alphas_of(spec), pairs=pairs)


def block_lines(spec: TwinsSpec, pair: int, diverged: bool = False) -> list[BlockLine]:
    """Lines of blocks that rise by a part of the whole barrier, the more blocks move the higher."""
    names = list(spec.architecture.blocks())
    moving: list[tuple[Literal["alone", "from_bottom", "from_top"], list[str]]] = [
        *(("alone", [name]) for name in names),
        *(("from_bottom", names[:count]) for count in range(1, len(names) + 1)),
        *(("from_top", names[-count:]) for count in range(1, len(names) + 1)),
    ]
    top = height(spec, pair, spec.epochs) / len(names)
    heights = [Height(error=top * len(blocks), loss=3 * top * len(blocks)) for _, blocks in moving]
    lines = [BlockLine(which=which, blocks=blocks, train=rise, test=rise) for (which, blocks), rise in zip(moving, heights, strict=True)]
    return [] if diverged else lines


def result_of(spec: TwinsSpec, diverged: tuple[int, ...] = ()) -> RunResult:
    pairs = [
        PairResult(
            **vars(measurement(spec, pair, spec.epochs, pair in diverged)),
            diverged=pair in diverged,
            diverged_at=(None, None),
            blocks=block_lines(spec, pair, pair in diverged) if spec.measurement.blocks else None,
        )
        for pair in range(spec.repeats)
    ]
    kept = [pair for pair in pairs if not pair.diverged]

    def spread(values: list[float | None]) -> Spread:
        known = [value for value in values if value is not None]
        if not known:
            return Spread(mean=None, std=None, n=0)
        mean = sum(known) / len(known)
        return Spread(mean=mean, std=math.sqrt(sum((value - mean) ** 2 for value in known) / max(len(known) - 1, 1)), n=len(known))

    def split(name: str) -> SummaryOfSplit:
        barriers = [getattr(pair.barriers, name) for pair in kept]
        quantities = {part: spread([getattr(barrier, part) for barrier in barriers]) for part in Barrier.model_fields}
        return SummaryOfSplit(**quantities, accuracy=spread([1 - (getattr(pair.curves, name).error[0] or 0) for pair in kept]))

    test = split("test")
    connected = None if test.error.mean is None else test.error.mean < CONNECTED_BELOW
    return RunResult(
        parameters=PARAMETERS,
        alphas=alphas_of(spec),
        pairs=pairs,
        summary=Summary(train=split("train"), test=test, diverged_pairs=len(diverged), connected=connected),
        timing=Timing(train_seconds=2.1, evaluate_seconds=0.4),
        environment=Environment(
            device="cpu",
            processor="A processor",
            threads=2,
            engine="formula",
            versions={"torch": "2.14.1", "numpy": "2.4.6"},
            dataset={"sha256": "0" * 64, "mean": [0.3]},
        ),
    )


def stored(spec: TwinsSpec, diverged: tuple[int, ...] = (), shipped: bool = False, weights: tuple[str, ...] = ("pair0.a",)) -> StoredRun:
    """A finished run as the store would read it."""
    progress = Progress.of(events(spec, spec.epochs, diverged))
    return StoredRun(
        run_id=spec.run_id,
        spec=spec,
        result=result_of(spec, diverged),
        tables={name: getattr(progress, name) for name in progress.tables},
        created=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        command="python -m lmc_core twins --set epochs=20",
        hardware="cpu; made up; 2 threads",
        versions={"torch": "2.14.1"},
        reread=lambda name: getattr(progress, name),
        path=Path("nowhere"),
        shipped=shipped,
        weights=weights,
    )


@dataclass
class FakeStore:
    runs: dict[str, StoredRun] = field(default_factory=dict)

    def find(self, run_id: str) -> StoredRun | None:
        return self.runs.get(checked_run_id(run_id))

    def list(self) -> list[StoredRun]:
        return list(self.runs.values())

    def archive(self, run_id: str) -> bytes:
        return b"PK"


@dataclass
class FakeEngine:
    """Runs end at once (`seconds_per_epoch=0`), take their time, or stay in the state that a test puts into `held`."""

    settings: Settings
    seconds_per_epoch: float = 0.0
    refused: str | None = None
    cancel_works: bool = True
    store: FakeStore = field(default_factory=FakeStore)
    held: dict[str, Snapshot] = field(default_factory=dict)
    started: dict[str, tuple[AnySpec, float]] = field(default_factory=dict)
    submitted: list[tuple[str, str]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    owner_token: str = TOKEN

    def estimate(self, spec: AnySpec) -> Cost:
        return Cost(parameters=PARAMETERS, seconds=4.2, memory_bytes=25_000_000)

    def refusal(self, spec: AnySpec) -> str | None:
        return self.refused

    def fetching(self, token: str | None = None) -> Fetching:
        """A visitor's models, fetched at once."""
        return Fetching() if token == TOKEN else Fetching(names=self.settings.hub_models)

    def submit(self, spec: AnySpec, visitor: str, token: str | None = None, address: str | None = None) -> str:
        if token != TOKEN and (reason := path_refusal(spec.start.checkpoint)):
            raise LMCError(reason)
        self.submitted.append((spec.run_id, visitor))
        if self.seconds_per_epoch == 0:
            self.store.runs[spec.run_id] = finished(spec)
        self.started.setdefault(spec.run_id, (spec, time.monotonic()))
        self.held.pop(spec.run_id, None)
        return spec.run_id

    def cancel(self, run_id: str, visitor: str, token: str | None = None) -> bool:
        self.cancelled.append(run_id)
        if self.cancel_works:
            spec, _ = self.started[run_id]
            self.held[run_id] = replace(self.snapshot(run_id), state="cancelled", version="cancelled", spec=spec)
        return self.cancel_works

    def snapshot(self, run_id: str, visitor: str | None = None) -> Snapshot:
        if run_id in self.held:
            return self.held[run_id]
        run = self.store.find(run_id)
        if run and not (run.shipped and run_id in self.started):
            return Snapshot(run_id, "done", "done", run.spec, run.progress, run)
        if run_id not in self.started:
            return Snapshot(run_id, "unknown", "unknown")
        spec, since = self.started[run_id]
        epoch = int((time.monotonic() - since) / self.seconds_per_epoch)
        if epoch >= spec.epochs:
            self.store.runs[run_id] = finished(spec)
            return self.snapshot(run_id)
        left = spec.epochs * self.seconds_per_epoch - (time.monotonic() - since)
        return Snapshot(run_id, f"epoch {epoch}", "running", spec, told(spec, epoch), seconds_left=left, watchers=1)

    def estimate_all(self, specs: Sequence[TwinsSpec]) -> SweepCost:
        different = {spec.run_id: spec for spec in specs}
        to_train = [(spec, self.estimate(spec)) for run_id, spec in different.items() if run_id not in self.store.runs]
        return cells.total(len(different), to_train, workers=1)

    def refusal_all(self, specs: Sequence[TwinsSpec]) -> str | None:
        return self.refused

    def submit_all(self, specs: Sequence[TwinsSpec], visitor: str, token: str | None = None, address: str | None = None) -> list[str]:
        if self.refused:
            raise LMCError(self.refused)
        return [self.submit(spec, visitor, token) for spec in specs if spec.run_id not in self.store.runs]

    def cancel_all(self, run_ids: Iterable[str], visitor: str) -> int:
        return sum(self.cancel(run_id, visitor) for run_id in run_ids)

    def states(self, run_ids: Iterable[str]) -> dict[str, CellState]:
        return {run_id: self._state(self.snapshot(run_id)) for run_id in dict.fromkeys(run_ids)}

    def _state(self, seen: Snapshot) -> CellState:
        epochs = seen.spec.epochs if seen.spec else None
        if seen.run is None:
            barrier = height(seen.spec, 0, seen.progress.epoch) if seen.spec and seen.progress.epoch else None
            more = {"error": seen.error, "seconds_left": seen.seconds_left}
            return CellState(seen.run_id, seen.state, seen.progress.epoch, epochs, barrier, **more)  # type: ignore[arg-type]
        run = RunSummary(seen.run_id, seen.run.spec, seen.run.result, seen.run.created, seen.run.shipped)
        return CellState(seen.run_id, "done", run.spec.epochs, epochs, run.result.summary.test.error.mean, run)

    def queue(self, visitor: str | None = None) -> list[QueueEntry]:
        return []

    def runs(self) -> list[RunListing]:
        found = [
            RunListing(run.run_id, run.spec, "done", run.created.timestamp(), run.result, None, run.shipped) for run in self.store.list()
        ]
        kept = [(snapshot, snapshot.spec) for snapshot in self.held.values() if snapshot.spec is not None]
        return found + [
            RunListing(snapshot.run_id, spec, snapshot.state, 0.0, None, snapshot.error, shipped=False) for snapshot, spec in kept
        ]

    def demand_owner(self, token: str, guesser: str = "") -> None:
        if not self.is_owner(token):
            raise LMCError("That is not the owner's token; it was printed where the server was started.")

    def delete(self, run_id: str, token: str, guesser: str = "") -> None:
        if token != TOKEN:
            raise LMCError("Only the one who started this server can delete runs; this is not the token that it printed.")
        self.deleted.append(run_id)
        self.store.runs.pop(run_id)

    def is_owner(self, token: str) -> bool:
        return token == TOKEN

    def close(self) -> None:
        pass


def held(spec: AnySpec, state: State, epochs: int = 0, **more: object) -> Snapshot:
    """A run that stays in a state, after so many epochs."""
    progress = told(spec, epochs) if epochs else TOLD_BY[spec.kind][0]()
    return Snapshot(spec.run_id, f"{state} {epochs}", state, spec, progress, **more)  # type: ignore[arg-type]
