"""What `sweep` and `preset run` share: training many cells at once with one bar, and their report."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Never, Self

from tqdm import tqdm

from lmc_core.command_line.twins import summary_facts
from lmc_core.cost.estimates import parameter_count
from lmc_core.errors import LMCError, plain
from lmc_core.experiment import AnySpec
from lmc_core.figures.numbers import DIVERGED, percent_spread
from lmc_core.jobs.cells import CellState, results_of
from lmc_core.jobs.engine import Engine
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.results import RunResult
from lmc_core.runs.store import Store
from lmc_core.settings import Settings
from lmc_core.studies.block_table import block_spreads
from lmc_core.sweeps.latex import Form, as_latex
from lmc_core.sweeps.published import published_of
from lmc_core.sweeps.report import Heading, report
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.table import as_csv, as_parquet, cells_table, floor_of, spread_of
from lmc_core.sweeps.verdict import verdict_of

if TYPE_CHECKING:
    from lmc_core.ui.cells_drawing import Picture

FAILED = 1
SUFFIXES = (".csv", ".parquet", ".tex", ".html")


@dataclass(frozen=True)
class Telling:
    """How cells are told: the table's form, the words above it, and the charts of a report."""

    form: Form
    heading: Heading
    caption: str
    """Of the LaTeX table."""
    picture: "Callable[[], Picture]"
    """What a report draws."""


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add --json and --write."""
    parser.add_argument("--json", action="store_true", help="print one JSON array of cells on stdout")
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"also write the table, or a report, into a file: {', '.join(SUFFIXES)}")


def checked_output(options: argparse.Namespace, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Refuse a file that could not be written before hours of training.

    Raises:
        LMCError: another ending, or no such folder.
    """
    if options.write is None:
        return
    if options.write.suffix not in suffixes:
        raise LMCError(f"--write takes a file that ends in {', '.join(suffixes)}; {str(options.write)!r} does not.")
    if not options.write.parent.is_dir():
        raise LMCError(f"There is no folder {options.write.parent} to write {options.write.name} into.")
    try:
        options.write.exists()
    except OSError as fault:
        raise LMCError(f"{options.write} cannot be written ({fault.strerror}); give another file.") from None


def settings_for_cells() -> Settings:
    """The command line's settings; runs that ship with the project do not count, as for `twins`."""
    return replace(Settings.from_environment().for_command_line(), gallery_dir=None)


def train_cells(cells: Sequence[Cell[Any]], settings: Settings) -> dict[str, CellState]:
    """Find the cells in the cache and train the others, with a bar on stderr; where each stands in the end, by run id.

    Ctrl-C leaves the runs before it is raised: they write their checkpoints, and the same command goes on from there.

    Raises:
        LMCError: a cell needs more memory than there is, or nothing can train them.
    """
    specs: list[AnySpec] = [cell.spec for cell in cells]
    store = Store(settings.cache_dir, data_dir=settings.data_dir)
    finished = {spec.run_id: found for spec in specs if (found := store.summary(spec.run_id))}
    for damage in store.take_damage():
        print(f"lmc_core: {plain(damage.text)}", file=sys.stderr)
    if all(spec.run_id in finished for spec in specs):
        return {run_id: CellState(run_id, "done", run=run) for run_id, run in finished.items()}
    visitor = f"command line {os.getpid()}"
    with Engine(settings, serve=False) as engine, CellsBar(specs) as bar:
        run_ids = engine.submit_all(specs, visitor)
        try:
            return engine.wait_all(run_ids, on_change=bar.show)
        except KeyboardInterrupt:
            engine.cancel_all(run_ids, visitor)
            raise


class CellsBar:
    """A bar over the epochs of all cells on stderr."""

    def __init__(self, specs: Sequence[AnySpec]) -> None:
        self._epochs = {spec.run_id: spec.epochs for spec in specs}
        self._bar: tqdm[Never] = tqdm(total=sum(self._epochs.values()), unit="epoch", file=sys.stderr, desc="waiting", dynamic_ncols=True)
        self._told: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.close()

    def show(self, states: Mapping[str, CellState]) -> None:
        """Move the bar to where the cells stand."""
        for run_id, state in states.items():
            if state.state == "failed" and run_id not in self._told:
                self._told.add(run_id)
                self._bar.write(f"lmc_core: {run_id} failed: {plain(state.error or 'it does not say why')}", file=sys.stderr)
        done = sum(state.state == "done" for state in states.values())
        self._bar.set_description(f"{done}/{len(states)} cells", refresh=False)
        self._bar.update(sum(self._reached(state) for state in states.values()) - self._bar.n)
        self._bar.refresh()

    def _reached(self, state: CellState) -> int:
        whole = self._epochs[state.run_id]
        return whole if state.ended else min(state.epoch, whole)


def tell(options: argparse.Namespace, cells: Sequence[Cell], states: Mapping[str, CellState], telling: Telling) -> int:
    """Print the cells, write the file that was asked for; the exit status."""
    results, form = results_of(states), telling.form
    if options.write is not None:
        write(options.write, cells, states, telling)
    if options.json:
        print(json.dumps([cell_json(cell, results.get(cell.spec.run_id), form.preset) for cell in cells]))
    else:
        print("\n".join(_lines(cells, states, form.preset)))
    return status_of(states)


def cell_json(cell: Cell, result: RunResult | None, preset: str = "") -> dict[str, object]:
    """A cell as scripts read it; its keys are stable, and None stands for a result or a printed value that is not there.

    A cell that was asked for lines of blocks also has `blocks`.
    """
    published = published_of(preset, cell)
    verdict = verdict_of(preset, cell, result)
    return {
        "factors": {path: value_at(cell.spec, path) for path in cell.factors},
        "summary": summary_facts(result, cell.spec.dataset) if result else None,
        "run_id": cell.spec.run_id,
        "published": published.as_json() if published else None,
        "verdict": {"agrees": verdict.agrees, "text": verdict.text} if verdict else None,
        "name": cell.label,
        "parameters": parameter_count(cell.spec),
        **({"blocks": block_spreads(result) if result else None} if cell.spec.measurement.blocks else {}),
    }


def value_at(spec: AnySpec, path: str) -> object:
    """The value of a field as JSON has it."""
    value: Any = spec.model_dump(mode="json")
    for part in path.split("."):
        value = value[part]
    return value


def write(file: Path, cells: Sequence[Cell], states: Mapping[str, CellState], telling: Telling) -> None:
    """Write the cells' table in the form that the file's ending names.

    Raises:
        LMCError: the file cannot be written.
    """
    results = results_of(states)
    match file.suffix:
        case ".tex":
            content = as_latex(cells, results, telling.form, telling.caption).encode()
        case ".html":
            # streamlit is slow to import: only where a command draws
            from lmc_core.ui.cells_drawing import drawing_of
            from lmc_core.ui.wording import field_title

            charts = list(drawing_of(telling.picture(), states).charts.values()) if states else []
            content = report(telling.heading, cells, results, charts, field_title).encode()
        case suffix:
            table = cells_table(
                cells, results, preset=telling.form.preset, states={run_id: state.state for run_id, state in states.items()}
            )
            content = as_csv(table) if suffix == ".csv" else as_parquet(table)
    put(file, content)


def put(file: Path, content: bytes) -> None:
    """Write a file that was asked for.

    Raises:
        LMCError: it cannot be written.
    """
    try:
        file.write_bytes(content)
    except OSError as fault:
        raise LMCError(f"{file} cannot be written ({fault.strerror or fault}); give another file.") from None


def status_of(states: Mapping[str, CellState]) -> int:
    """The exit status, once stderr says which runs have no result and why."""
    missing = [state for state in states.values() if state.run is None]
    for state in missing:
        print(f"lmc_core: run {state.run_id} is {state.state}{f': {plain(state.error)}' if state.error else '.'}", file=sys.stderr)
    return FAILED if missing else 0


def _lines(cells: Sequence[Cell], states: Mapping[str, CellState], preset: str) -> list[str]:
    width = max(len(cell.label) for cell in cells)
    printed = any(published_of(preset, cell) for cell in cells)
    floors = any(state.twins and state.twins.result.summary.rounding for state in states.values())
    titles = ["test barrier", "train barrier", "accuracy", *(["rounding floor"] if floors else [])]
    end = f"{'the paper':9}  beside it" if printed else "run"
    lines = [f"{'':{width}}  {'verdict':14}  {'  '.join(f'{title:18}' for title in titles)}  {end}"]
    for cell in cells:
        state = states[cell.spec.run_id]
        result = state.twins.result if state.twins else None
        if result is None:
            lines.append(f"{cell.label:{width}}  {state.state}")
            continue
        outcome = outcome_of(result, cell.spec.dataset)
        mark = DIVERGED if outcome.connected is None else ""
        spreads = [spread_of(result, *place) for place in (("test", "error"), ("train", "error"), ("test", "accuracy"))]
        texts = [percent_spread(spread) + mark for spread in spreads] + ([percent_spread(floor_of(result, "test"))] if floors else [])
        verdict = verdict_of(preset, cell, result)
        published = published_of(preset, cell)
        end = f"{published.test_words if published else '':9}  {verdict.text if verdict else ''}" if printed else cell.spec.run_id
        lines.append(f"{cell.label:{width}}  {outcome.word:14}  {'  '.join(f'{text:18}' for text in texts)}  {end}".rstrip())
    return lines
