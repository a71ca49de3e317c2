"""`twins`: run or find one experiment and report it."""

import argparse
import json
import os
import sys
from types import TracebackType
from typing import Never, Self

from tqdm import tqdm

from lmc_core.command_line.spec_options import add_spec_options, spec_from
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.results import CONNECTED_BELOW, RunResult, Spread, SummaryOfSplit
from lmc_core.settings import Settings
from lmc_core.spec import TwinsSpec
from lmc_core.store import Store, StoredRun

FAILED = 1


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("twins", help="run or find one experiment", allow_abbrev=False)
    add_spec_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Find the run in the cache or train it, with a progress bar on stderr, and print its report.

    Runs that ship with the project do not count: they have no weights and were made on another machine.
    """
    spec = spec_from(options)
    settings = Settings.from_environment().for_command_line()
    store = Store(settings.cache_dir)
    stored = store.find(spec.run_id)
    for damage in store.take_damage():
        print(f"lmc_core: {damage.text}", file=sys.stderr)
    cached = stored is not None
    if stored is None:
        ended = train(spec, settings)
        stored = ended.run
        if stored is None:
            print(f"lmc_core: {ended.error or f'The run is {ended.state}.'}", file=sys.stderr)
            return FAILED
    print(json.dumps(report(stored, cached=cached)) if options.json else sentences(stored.result, stored.run_id))
    return 0


def train(spec: TwinsSpec, settings: Settings) -> Snapshot:
    """Submit the run as this process's own visitor and wait for its end; Ctrl-C leaves the run before it is raised."""
    visitor = f"command line {os.getpid()}"
    with Engine(settings, serve=False) as engine, ProgressBar(spec) as bar:
        run_id = engine.submit(spec, visitor)
        try:
            return engine.wait(run_id, on_change=bar.show)
        except KeyboardInterrupt:
            engine.cancel(run_id, visitor)
            raise


class ProgressBar:
    """A bar of optimiser steps on stderr that follows snapshots."""

    def __init__(self, spec: TwinsSpec) -> None:
        self._bar: tqdm[Never] = tqdm(total=spec.total_steps, unit="step", file=sys.stderr, desc="waiting", dynamic_ncols=True)
        self._notices = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.close()

    def show(self, snapshot: Snapshot) -> None:
        """Move the bar to where the run stands."""
        for notice in snapshot.notices[self._notices :]:
            self._bar.write(f"lmc_core: {notice}", file=sys.stderr)
        self._notices = len(snapshot.notices)
        waiting = f"queue position {snapshot.queue_position}" if snapshot.queue_position is not None else str(snapshot.state)
        self._bar.set_description(waiting if snapshot.state == "queued" else f"epoch {snapshot.progress.epoch}", refresh=False)
        self._bar.update(snapshot.progress.step - self._bar.n)
        self._bar.refresh()


def report(stored: StoredRun, *, cached: bool) -> dict[str, object]:
    """The JSON object that scripts read; its keys are stable."""
    return {
        "run_id": stored.run_id,
        "cached": cached,
        "spec": stored.spec.model_dump(mode="json"),
        **stored.result.model_dump(mode="json"),
    }


def sentences(result: RunResult, run_id: str) -> str:
    """The report for people: the verdict, then both splits."""
    summary = result.summary
    if summary.connected is None:
        verdict = f"No verdict: {summary.diverged_pairs} of {len(result.pairs)} pairs diverged (*)."
    else:
        state = "Connected" if summary.connected else "Not connected"
        verdict = f"{state}: test error barrier {_percent(summary.test.error)} against {CONNECTED_BELOW:.0%}."
    return "\n".join([f"run {run_id}", verdict, _row("train", summary.train), _row("test", summary.test)])


def _row(name: str, split: SummaryOfSplit) -> str:
    barriers = f"barrier {_percent(split.error)}, normalised {_percent(split.normalized)}, loss barrier {_number(split.loss)}"
    return f"{name:5s} {barriers}, accuracy {_percent(split.accuracy)}"


def _percent(spread: Spread) -> str:
    if spread.mean is None:
        return "-"
    return f"{100 * spread.mean:.2f}%" + (f" ± {100 * spread.std:.2f}" if spread.n > 1 and spread.std is not None else "")


def _number(spread: Spread) -> str:
    return "-" if spread.mean is None else f"{spread.mean:.4f}"
