"""`gallery`: make again the finished runs that ship with the project."""

import argparse
import sys
from collections.abc import Sequence

from lmc_core.command_line.cells import settings_for_cells, train_cells
from lmc_core.command_line.emergence import pretrain
from lmc_core.command_line.one_run import train
from lmc_core.command_line.spec_options import ALL_PRESETS
from lmc_core.errors import LMCError
from lmc_core.experiments import AnySpec
from lmc_core.settings import REPOSITORY, Settings
from lmc_core.shipping import ship
from lmc_core.spec import TwinsSpec
from lmc_core.store import Store
from lmc_core.studies.blog import BLOG_STUDIES
from lmc_core.studies.emergence import Emergence
from lmc_core.studies.emergence_presets import EMERGENCE
from lmc_core.sweeps.plan import Plan, checked_size
from lmc_core.sweeps.plans import PLANS

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


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("gallery", help="train the runs that ship with the project again", allow_abbrev=False)
    parser.add_argument(
        "presets",
        nargs="*",
        default=ALL_SHIPPED,
        metavar="PRESET",
        help="a run's preset, or a study with its size, such as table2:classroom or connectivity:sketch; "
        f"by default {', '.join(ALL_SHIPPED)}",
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Train what the cache does not hold and put each result, without weights, into the gallery's folder."""
    settings = Settings.from_environment().for_command_line()
    blog = {name: both_of(name, settings) for name in options.presets if name.partition(":")[0] in BLOG_STUDIES and ":" in name}
    staged = {name: study for name in options.presets if ":" in name and (study := pretraining_of(name))}
    plans = {name: plan_of(name) for name in options.presets if ":" in name and name not in blog and name not in staged}
    unknown = [name for name in options.presets if name not in SINGLE and ":" not in name]
    if unknown:
        raise LMCError(f"There is no preset {unknown[0]}; the presets are {', '.join(SINGLE)} and {', '.join(SHIPPED_PLANS)}.")
    store = Store(settings.cache_dir, data_dir=settings.data_dir)
    specs: Sequence[AnySpec]
    for name in options.presets:
        if plan := plans.get(name):
            train_cells(plan.cells, settings_for_cells())
            specs = [cell.spec for cell in plan.cells]
        elif study := staged.get(name):
            specs = _train_stages(name, study, settings)
        else:
            specs = blog.get(name) or [SINGLE[name]]
            for spec in specs:
                if store.find(spec.run_id) is None:
                    train(spec, settings)
        for spec in specs:
            _ship(name, spec, store)
        print(f"{name}: {len(specs)} in {GALLERY}", file=sys.stderr)
    return 0


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


def both_of(text: str, settings: Settings) -> list[AnySpec]:
    """The two runs of one of the blog's experiments, which a text such as `connectivity:sketch` names.

    Raises:
        LMCError: no such size, or the checkpoint is not on this machine.
    """
    name, _, size = text.partition(":")
    both = BLOG_STUDIES[name].make(checked_size(size)).both(settings.data_dir)
    if both.missing:
        raise LMCError(both.missing)
    return list(both.runs.values())


def _train_stages(name: str, study: Emergence, settings: Settings) -> list[AnySpec]:
    """The specs of the pretraining and of the twins that begin with its stages, all of them trained."""
    if study.ready(settings.data_dir) is None:
        pretrain(study)
    cells = study.ready(settings.data_dir)
    if cells is None or study.pretraining is None:
        raise LMCError(f"The pretraining of {name} did not end; the same command tries again.")
    train_cells(cells, settings_for_cells())
    return [study.pretraining, *(cell.spec for cell in cells)]


def _ship(name: str, spec: AnySpec, store: Store) -> None:
    stored = store.find(spec.run_id)
    if stored is None:
        raise LMCError(f"Run {spec.run_id} of preset {name} did not end; the same command tries again.")
    ship(stored, GALLERY)
