"""`gallery`: make again the packs of finished runs that ship with the project."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lmc_core.command_line.cells import settings_for_cells, train_cells
from lmc_core.command_line.emergence import pretrain
from lmc_core.command_line.one_run import train
from lmc_core.command_line.spec_options import ALL_PRESETS
from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, TwinsSpec
from lmc_core.runs.folder import StoredRun
from lmc_core.runs.gallery import Gallery
from lmc_core.runs.pack import ENDING, write_pack
from lmc_core.runs.store import Store
from lmc_core.settings import REPOSITORY, Settings
from lmc_core.studies.blog import BLOG_STUDIES
from lmc_core.studies.emergence import Emergence
from lmc_core.studies.emergence_presets import EMERGENCE
from lmc_core.sweeps.plan import Plan, checked_size
from lmc_core.sweeps.plans import PLANS
from lmc_core.sweeps.sweep import Cell

DEFAULT = "default"
"""Instead of a preset's name: the settings with which the first page opens."""
SINGLE: dict[str, AnySpec] = {DEFAULT: TwinsSpec(), **{name: preset.spec for name, preset in ALL_PRESETS.items()}}
"""Single runs by name."""
SHIPPED = (
    DEFAULT,
    *("adam_breaks", "adam_gentle", "first", "minimal", "minimal_adam", "minimal_adam_warmup", "linear4_adam"),
    *("first_pruning", "tickets", "tickets_mnist", "iterative", "gradual", "platon", "platon_oscillation", "snip", "random"),
)
"""The presets of single runs whose results ship: twins, then pruning."""
SHIPPED_PLANS = (
    *(f"{preset.name}:sketch" for preset in PLANS.values() if preset.trains),
    *(f"{name}:classroom" for name in ("table1", "table2", "figure1", "figure2")),
    "table1:paper",
    "table2:paper",
    *(f"{name}:sketch" for name in ("spawn_mlp", "spawn_cnn", "spawn_vit", "blocks_mlp")),
    "spawn_mlp:classroom",
)
"""The paper's tables and figures, and studies of emergence without a pretraining, whose results ship, each with its size."""
SHIPPED_PRETRAININGS = ("pretraining_mlp:sketch", "pretraining_cnn:sketch")
"""Studies of emergence whose twins begin with stages of a pretraining: that run ships, too, but not its checkpoints."""
SHIPPED_BOTH = ("connectivity:sketch", "tickets:sketch")
"""The blog's experiments whose results ship: a pretrained and a random run each."""
ALL_SHIPPED = (*SHIPPED, *SHIPPED_PLANS, *SHIPPED_PRETRAININGS, *SHIPPED_BOTH)
GALLERY = REPOSITORY / "cache" / "gallery"
PRESETS_PACK = "presets"
"""The name of the pack of all single runs; each study at a size has its own."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("gallery", help="write the packs of runs that ship with the project", allow_abbrev=False)
    parser.add_argument(
        "presets",
        nargs="*",
        default=ALL_SHIPPED,
        metavar="PRESET",
        help="a run's preset, or a study with its size, such as table2:classroom or connectivity:sketch; "
        f"by default {', '.join(ALL_SHIPPED)}",
    )
    parser.add_argument("--again", action="store_true", help="train also what ships already, unless it is in the cache")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Train what the cache does not hold, nor the gallery unless it is to be trained again; write the packs, without weights."""
    settings = Settings.from_environment().for_command_line()
    store = Store(settings.cache_dir, None if options.again else GALLERY, settings.data_dir)
    blog = {name: both_of(name, settings, store) for name in options.presets if name.partition(":")[0] in BLOG_STUDIES and ":" in name}
    staged = {name: study for name in options.presets if ":" in name and (study := pretraining_of(name))}
    plans = {name: plan_of(name) for name in options.presets if ":" in name and name not in blog and name not in staged}
    unknown = [name for name in options.presets if name not in SINGLE and ":" not in name]
    if unknown:
        raise LMCError(f"There is no preset {unknown[0]}; the presets are {', '.join(SINGLE)} and {', '.join(SHIPPED_PLANS)}.")
    specs: Sequence[AnySpec]
    for path, names in _by_pack(options.presets).items():
        asked: list[AnySpec] = []
        for name in names:
            if plan := plans.get(name):
                _train_missing([cell for cell in plan.cells if store.summary(cell.spec.run_id) is None])
                specs = [cell.spec for cell in plan.cells]
            elif study := staged.get(name):
                specs = _staged(name, study, settings, store)
            else:
                specs = blog.get(name) or [SINGLE[name]]
                for spec in specs:
                    if store.find(spec.run_id) is None:
                        train(spec, settings)
            asked += specs
        _write(path, asked, store)
        print(f"{', '.join(names)}: {_where(asked)}", file=sys.stderr)
    return 0


def _by_pack(names: Sequence[str]) -> dict[Path, list[str]]:
    found: dict[Path, list[str]] = {}
    for name in names:
        found.setdefault(pack_of(name), []).append(name)
    return found


def _where(specs: Sequence[AnySpec]) -> str:
    """In which packs runs are, as in `24 in table1-sketch.zip`."""
    _, packs = Gallery(GALLERY).packs()
    counts = Counter(packs[run_id].path.name for run_id in {spec.run_id for spec in specs})
    return ", ".join(f"{count} in {name}" for name, count in counts.most_common())


def pack_of(name: str) -> Path:
    """The file that holds what ships of a preset or study, such as table1-paper.zip for table1:paper."""
    return GALLERY / f"{PRESETS_PACK if name in SINGLE else name.replace(':', '-')}{ENDING}"


def _write(path: Path, specs: Sequence[AnySpec], store: Store) -> None:
    """Put the runs of these specs into the packs that have them, and those that none has into the pack at a path.

    What else is in a pack stays, but in a study's own pack, which holds the study's runs alone.
    """
    _, packs = Gallery(GALLERY).packs()
    asked = dict.fromkeys(spec.run_id for spec in specs)
    new = [run_id for run_id in asked if run_id not in packs]
    for place in dict.fromkeys([*(packs[run_id].path for run_id in asked if run_id in packs), *([path] if new else [])]):
        there = [run_id for run_id, pack in packs.items() if pack.path == place]
        if place == path and path != pack_of(DEFAULT):
            there = [run_id for run_id in asked if run_id in there or run_id in new]
        elif place == path:
            there += new
        write_pack(place, [_finished(run_id, store) if run_id in asked else packs[run_id].run(run_id) for run_id in there])


def _finished(run_id: str, store: Store) -> StoredRun:
    if run := store.find(run_id):
        return run
    raise LMCError(f"Run {run_id} did not end; the same command tries again.")


def pretraining_of(text: str) -> Emergence | None:
    """The study with a pretraining that a text such as `pretraining_mlp:sketch` names; None for all other texts.

    Raises:
        LMCError: no such size.
    """
    name, _, size = text.partition(":")
    study = EMERGENCE[name].make(checked_size(size)) if name in EMERGENCE else None
    return study if study and study.pretraining else None


def plan_of(text: str) -> Plan:
    """The plan that a text such as `table2:sketch` or `spawn_mlp:classroom` names.

    Raises:
        LMCError: no such preset or size.
    """
    name, _, size = text.partition(":")
    if study := EMERGENCE.get(name):
        asked = checked_size(size)
        return Plan(name, asked, study.settings[asked], study.make(asked).cells)
    if name not in PLANS or not PLANS[name].trains:
        raise LMCError(f"There is no preset {name} with runs that could ship; there are {', '.join(SHIPPED_PLANS)}.")
    return PLANS[name].plan(checked_size(size))


def both_of(text: str, settings: Settings, store: Store) -> list[AnySpec]:
    """The two runs of one of the blog's experiments, which a text such as `connectivity:sketch` names.

    Raises:
        LMCError: no such size, or there is no result and the checkpoint is not on this machine.
    """
    name, _, size = text.partition(":")
    both = BLOG_STUDIES[name].make(checked_size(size)).both(settings.data_dir)
    if both.missing and not all(store.summary(spec.run_id) for spec in both.runs.values()):
        raise LMCError(both.missing)
    return list(both.runs.values())


def _train_missing(cells: Sequence[Cell]) -> None:
    if cells:
        train_cells(cells, settings_for_cells())


def _staged(name: str, study: Emergence, settings: Settings, store: Store) -> list[AnySpec]:
    """The specs of the pretraining and of the twins that begin with its stages, all of them trained."""
    known = study.known(run.spec for run in store.list())
    if known and study.pretraining and store.summary(study.pretraining.run_id) and all(store.summary(cell.spec.run_id) for cell in known):
        return [study.pretraining, *(cell.spec for cell in known)]
    if study.ready(settings.data_dir) is None:
        pretrain(study)
    cells = study.ready(settings.data_dir)
    if cells is None or study.pretraining is None:
        raise LMCError(f"The pretraining of {name} did not end; the same command tries again.")
    _train_missing(cells)
    return [study.pretraining, *(cell.spec for cell in cells)]
