"""`sweep`: one or two factors of any experiment, as cells that are ordinary runs."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lmc_core.checkpoints.resolve import with_start
from lmc_core.command_line.cells import Telling, add_output_options, checked_output, settings_for_cells, tell, train_cells
from lmc_core.command_line.spec_options import add_spec_options, spec_from
from lmc_core.experiment import TwinsSpec
from lmc_core.studies.presets import PRESETS
from lmc_core.sweeps.latex import Form
from lmc_core.sweeps.report import Heading
from lmc_core.sweeps.sweep import Cell, Sweep, parse_factor

if TYPE_CHECKING:
    from lmc_core.ui.cells_drawing import Picture


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
    add_spec_options(parser, PRESETS)
    add_output_options(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Train what the cache does not hold and report every cell."""
    checked_output(options)
    sweep, settings = Sweep(spec_from(options, TwinsSpec), tuple(map(parse_factor, options.factors))), settings_for_cells()
    cells = [replace(cell, spec=with_start(cell.spec, settings.data_dir, anywhere=True)) for cell in sweep.cells]
    telling = Telling(Form.of_sweep(sweep), Heading.of_sweep(sweep), "", partial(_picture, sweep, cells))
    return tell(options, cells, train_cells(cells, settings), telling)


def _picture(sweep: Sweep, cells: Sequence[Cell]) -> "Picture":
    from lmc_core.ui.cell_points import Axes
    from lmc_core.ui.cells_drawing import Picture

    first, *second = [factor.path for factor in sweep.factors]
    return Picture("sweep", tuple(cells), Axes((first,), tuple(second)), command=sweep.command)
