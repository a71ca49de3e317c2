"""What `twins` and `prune` share: one run is found in the cache or trained with a bar, and told."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Never, Self

import pandas as pd
from tqdm import tqdm

from lmc_core.checkpoints.kept import missing
from lmc_core.data.spec import DatasetName
from lmc_core.errors import plain
from lmc_core.experiment import AnySpec
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.runs.store import Store, StoredRun
from lmc_core.settings import Settings

FAILED = 1


@dataclass(frozen=True)
class Report:
    """How the finished runs of one kind are told; each function takes a result of that kind and the data set of the run."""

    facts: Callable[[Any, DatasetName, Mapping[str, pd.DataFrame]], dict[str, object]]
    """What scripts get of the result and the tables, besides the run id, the spec and whether it was in the cache."""
    text: Callable[[Any, DatasetName], str]
    """Lines for people."""
    headline: Callable[[Any, DatasetName], str]
    """A few words for a list of runs."""
    brief: Callable[[Any, DatasetName], dict[str, object]]
    """What scripts get in a list of runs."""


def report_run(spec: AnySpec, report: Report, *, as_json: bool) -> int:
    """Find the run in the cache or train it, with a progress bar on stderr, and print its report; the exit status.

    Runs that ship with the project do not count: they have no weights and were made on another machine.
    """
    found = find_or_train(spec)
    if found is None:
        return FAILED
    if as_json:
        print(json.dumps(found.facts(report), allow_nan=False))
    else:
        print(f"run {found.run.run_id}\n{report.text(found.run.result, found.run.spec.dataset)}")
    return 0


@dataclass(frozen=True)
class Found:
    """A finished run, and whether it was in the cache."""

    run: StoredRun
    cached: bool

    def facts(self, report: Report) -> dict[str, object]:
        """The run as scripts read it."""
        head = {"run_id": self.run.run_id, "cached": self.cached, "spec": self.run.spec.model_dump(mode="json")}
        tables = {name: self.run.whole(name) for name in self.run.tables}
        return head | report.facts(self.run.result, self.run.spec.dataset, tables)


def find_or_train(spec: AnySpec) -> Found | None:
    """The run from the cache, or trained with a progress bar on stderr; None where it failed, and stderr says why."""
    settings = Settings.from_environment().for_command_line()
    store = Store(settings.cache_dir, data_dir=settings.data_dir)
    stored = store.find(spec.run_id)
    for damage in store.take_damage():
        print(f"lmc_core: {plain(damage.text)}", file=sys.stderr)
    if stored is not None and not missing(stored.run_id, stored.weights, settings.data_dir):
        return Found(stored, cached=True)
    ended = train(spec, settings)
    if ended.run is None:
        print(f"lmc_core: {plain(ended.error or f'The run is {ended.state}.')}", file=sys.stderr)
        return None
    return Found(ended.run, cached=stored is not None)


def train(spec: AnySpec, settings: Settings) -> Snapshot:
    """Submit the run as this process's own visitor and wait for its end; Ctrl-C leaves the run before it is raised."""
    visitor = f"command line {os.getpid()}"
    with Engine(settings, serve=False) as engine, ProgressBar() as bar:
        run_id = engine.submit(spec, visitor)
        try:
            return engine.wait(run_id, on_change=bar.show)
        except KeyboardInterrupt:
            engine.cancel(run_id, visitor)
            raise


class ProgressBar:
    """A bar of optimiser steps on stderr that follows snapshots."""

    def __init__(self) -> None:
        self._bar: tqdm[Never] = tqdm(unit="step", file=sys.stderr, desc="waiting", dynamic_ncols=True)
        self._notices = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.close()

    def show(self, snapshot: Snapshot) -> None:
        """Move the bar to where the run stands."""
        for notice in snapshot.notices[self._notices :]:
            self._bar.write(f"lmc_core: {plain(notice)}", file=sys.stderr)
        self._notices = len(snapshot.notices)
        waiting = f"queue position {snapshot.queue_position}" if snapshot.queue_position is not None else str(snapshot.state)
        self._bar.set_description(waiting if snapshot.state == "queued" else snapshot.progress.stage, refresh=False)
        self._bar.total = snapshot.progress.total_steps or None
        self._bar.update(snapshot.progress.step - self._bar.n)
        self._bar.refresh()
