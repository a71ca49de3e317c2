"""`emergence`: when linear mode connectivity emerges, by spawn point, by pretraining, or where in the network."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from lmc_core.checkpoints.naming import models_folder
from lmc_core.command_line.cells import FAILED, Telling, add_output_options, checked_output, settings_for_cells, tell, train_cells
from lmc_core.command_line.one_run import train
from lmc_core.command_line.spec_options import add_spec_options, pairs, spec_from, spec_on
from lmc_core.cost.estimates import duration, estimate
from lmc_core.errors import plain
from lmc_core.experiment import TwinsSpec, canonical
from lmc_core.settings import Settings
from lmc_core.studies.emergence import WAYS, Emergence, command_of_study, doubling, heading_of, left_out, parse_values, stages_in
from lmc_core.studies.emergence_presets import EMERGENCE, NETWORKS
from lmc_core.studies.presets import PRESETS
from lmc_core.studies.study import study_of
from lmc_core.sweeps.latex import Form
from lmc_core.sweeps.plan import SIZES, checked_size
from lmc_core.sweeps.sweep import Cell

if TYPE_CHECKING:
    from lmc_core.ui.cells_drawing import Picture


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("emergence", help="find out when connectivity emerges, and where in the network", allow_abbrev=False)
    parser.add_argument("--by", choices=WAYS, required=True, help="what twins share, or what moves on the line between them")
    parser.add_argument(
        "--network", choices=tuple(NETWORKS), help="start from this network's study; mlp if only --size is given, or nothing"
    )
    parser.add_argument("--size", choices=SIZES, help=f"of that study; {SIZES[0]} unless given")
    parser.add_argument(
        "--values",
        metavar="MOMENTS",
        help="spawn points, as in '0, 50 steps, 1, 2' with bare numbers for epochs; by pretraining its epochs, 0 being a random start",
    )
    parser.add_argument(
        "--checkpoints", metavar="FOLDER", help="by pretraining: checkpoints made elsewhere, one in each folder of this one"
    )
    parser.add_argument(
        "--pretrain",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="by pretraining: its settings that differ from the twins",
    )
    add_spec_options(parser, PRESETS)
    add_output_options(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Train what the cache does not hold and report every cell."""
    checked_output(options)
    study, settings = study_from(options), settings_for_cells()
    cells = study.ready(settings.data_dir, anywhere=True)
    if cells is None and (status := pretrain(study)):
        return status
    cells = cells or study.ready(settings.data_dir, anywhere=True)
    if cells is None:
        print(f"lmc_core: the pretraining is done, but its checkpoints are not in {models_folder(settings.data_dir)}.", file=sys.stderr)
        return FAILED
    print(f"{study.x_title}: {len(cells)} cells, about {_seconds(cells)}. {command_of_study(study)}", file=sys.stderr)
    telling = Telling(Form((), ()), heading_of(study), "", partial(_picture, study, cells))
    return tell(options, cells, train_cells(cells, settings), telling)


def study_from(options: argparse.Namespace) -> Emergence:
    """The study that the options describe: a network's at a size, or one of the user's own, with --set and --values on top.

    Raises:
        LMCError: something in them does not fit, as one sentence.
    """
    folder, own = options.checkpoints or "", [*options.settings, options.spec, options.preset, options.values, options.checkpoints]
    source = pairs(options.pretrain, "--pretrain")
    if options.network or options.size or not any(own):
        preset = study_of(f"{options.by}_{options.network or 'mlp'}", EMERGENCE).make(checked_size(options.size or SIZES[0]))
        base, values, source = spec_on(canonical(preset.base), options.settings, TwinsSpec), preset.values, {**preset.source, **source}
    else:
        base = spec_from(options, TwinsSpec)
        values = doubling(base.epochs)
    data_dir = Settings.from_environment().data_dir
    stages = stages_in(folder, data_dir, anywhere=True) if folder else ()
    if folder and (said := left_out(folder, data_dir, anywhere=True)):
        print(f"lmc_core: {said}", file=sys.stderr)
    return Emergence(options.by, base, parse_values(options.values) if options.values else values, source, folder, stages)


def pretrain(study: Emergence) -> int:
    """Train the network that makes the checkpoints; the exit status."""
    if study.pretraining is None:
        return 0
    print(f"Pretraining first, about {duration(estimate(study.pretraining).seconds)}.", file=sys.stderr)
    ended = train(study.pretraining, Settings.from_environment().for_command_line())
    if ended.run is None:
        print(f"lmc_core: {plain(ended.error or f'The pretraining is {ended.state}.')}", file=sys.stderr)
        return FAILED
    return 0


def _seconds(cells: Sequence[Cell]) -> str:
    return duration(sum(estimate(cell.spec).seconds for cell in cells))


def _picture(study: Emergence, cells: Sequence[Cell]) -> "Picture":
    from lmc_core.ui.emergence_drawing import picture_of

    return picture_of(study, tuple(cells))
