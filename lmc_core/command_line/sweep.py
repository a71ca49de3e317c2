"""`sweep`: one or two factors of any experiment, twins or pruning, as cells that are ordinary runs."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lmc_core.checkpoints.resolve import with_start
from lmc_core.command_line.cells import (
    Telling,
    add_output_options,
    checked_output,
    put,
    settings_for_cells,
    status_of,
    tell,
    train_cells,
    value_at,
)
from lmc_core.command_line.prune import brief, sentences
from lmc_core.command_line.spec_options import ALL_PRESETS, add_spec_options, spec_from
from lmc_core.cost.estimates import parameter_count
from lmc_core.experiment import SPECS, PruneSpec, TwinsSpec
from lmc_core.jobs.cells import CellState
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.sweeps.latex import Form
from lmc_core.sweeps.report import Heading
from lmc_core.sweeps.sweep import TWINS, Cell, Sweep, parse_factor
from lmc_core.sweeps.table import as_csv, as_parquet, levels_table

if TYPE_CHECKING:
    from lmc_core.ui.cells_drawing import Picture


OF_LEVELS = (".csv", ".parquet")
"""Files that a sweep of pruning runs is written as."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("sweep", help="train an experiment at the values of one or two factors", allow_abbrev=False)
    parser.add_argument(
        "--factor",
        dest="factors",
        action="append",
        required=True,
        metavar="KEY=VALUES",
        help="a field and its values, such as architecture.slope=0,0.1,0.5 or architecture.slope=0..1/11; once or twice",
    )
    parser.add_argument("--kind", choices=tuple(SPECS), default=TWINS, help="of runs; twins unless given")
    add_spec_options(parser, ALL_PRESETS)
    add_output_options(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Train what the cache does not hold and report every cell."""
    if options.kind != TWINS:
        return _run_pruning(options)
    checked_output(options)
    settings = settings_for_cells()
    sweep = Sweep(spec_from(options, TwinsSpec), tuple(map(parse_factor, options.factors)))
    cells = [replace(cell, spec=with_start(cell.spec, settings.data_dir, anywhere=True)) for cell in sweep.cells]
    telling = Telling(Form.of_sweep(sweep), Heading.of_sweep(sweep), "", partial(_picture, sweep, cells))
    return tell(options, cells, train_cells(cells, settings), telling)


def _picture(sweep: Sweep, cells: Sequence[Cell]) -> "Picture":
    from lmc_core.ui.cell_points import Axes
    from lmc_core.ui.cells_drawing import Picture

    first, *second = [factor.path for factor in sweep.factors]
    return Picture("sweep", tuple(cells), Axes((first,), tuple(second)), command=sweep.command)


def _run_pruning(options: argparse.Namespace) -> int:
    """Train what the cache does not hold and report the levels of every cell."""
    checked_output(options, OF_LEVELS)
    settings = settings_for_cells()
    sweep = Sweep(spec_from(options, PruneSpec), tuple(parse_factor(text, PruneSpec) for text in options.factors))
    cells = [replace(cell, spec=with_start(cell.spec, settings.data_dir, anywhere=True)) for cell in sweep.cells]
    states = train_cells(cells, settings)
    results = {run_id: state.run.result for run_id, state in states.items() if state.run and isinstance(state.run.result, PruneResult)}
    if options.write is not None:
        table = levels_table(cells, results)
        put(options.write, as_csv(table) if options.write.suffix == ".csv" else as_parquet(table))
    if options.json:
        print(json.dumps([levels_json(cell, results.get(cell.spec.run_id)) for cell in cells], allow_nan=False))
    else:
        print("\n\n".join(_sections(cells, states, results)))
    return status_of(states)


def levels_json(cell: Cell[PruneSpec], result: PruneResult | None) -> dict[str, object]:
    """A cell as scripts read it; its keys are stable, and None stands for a result that is not there."""
    return {
        "factors": {path: value_at(cell.spec, path) for path in cell.factors},
        "summary": brief(result, cell.spec.dataset) if result else None,
        "run_id": cell.spec.run_id,
        "name": cell.label,
        "parameters": parameter_count(cell.spec),
    }


def _sections(cells: Sequence[Cell[PruneSpec]], states: Mapping[str, CellState], results: Mapping[str, PruneResult]) -> list[str]:
    """The report of each cell below its factors."""
    told = [(cell, results.get(cell.spec.run_id)) for cell in cells]
    return [
        f"{cell.label}, run {cell.spec.run_id}\n" + (sentences(result, cell.spec.dataset) if result else states[cell.spec.run_id].state)
        for cell, result in told
    ]
