"""`preset`: the paper's tables and figures."""

import argparse
import hashlib
import json
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lmc_core.command_line.cells import (
    Telling,
    add_output_options,
    cell_json,
    checked_output,
    settings_for_cells,
    tell,
    train_cells,
    write,
)
from lmc_core.cost.estimates import duration
from lmc_core.errors import LMCError
from lmc_core.figures.batches import Batch
from lmc_core.jobs.cells import results_of
from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings
from lmc_core.sweeps.claims import counts_of
from lmc_core.sweeps.first_batches import DRAWINGS, keep, spec_of
from lmc_core.sweeps.latex import Form
from lmc_core.sweeps.plan import SIZES, PaperPreset, Plan, checked_size, with_rounding_twins
from lmc_core.sweeps.plans import PLANS, preset_of
from lmc_core.sweeps.report import Heading
from lmc_core.sweeps.verdict import order_of, verdict_of

if TYPE_CHECKING:
    from lmc_core.ui.cells_drawing import Picture


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("preset", help="the paper's tables and figures", allow_abbrev=False)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list them, with how long each size takes here", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(command=show)
    running = actions.add_parser("run", help="train one and report it beside what the paper prints", allow_abbrev=False)
    running.add_argument("name", metavar="NAME", help=", ".join(PLANS))
    running.add_argument("--size", default=SIZES[0], metavar="SIZE", help=f"{', '.join(SIZES)}; {SIZES[0]} unless given")
    running.add_argument(
        "--rounding-twins", action="store_true", help="also train a copy of each twin A with other rounding: the floor of every barrier"
    )
    add_output_options(running)
    running.set_defaults(command=run)


def show(options: argparse.Namespace) -> int:
    """List the presets."""
    engine = Engine(settings_for_cells(), serve=False)
    if options.json:
        print(json.dumps([_described(preset, engine) for preset in PLANS.values()]))
        return 0
    for preset in PLANS.values():
        plans = [preset.plan(size) for size in SIZES if preset.trains]
        sizes = [f"{plan.size} {len(plan.cells)} cells, {duration(_seconds(plan, engine))}" for plan in plans]
        print(f"{preset.name:10}  {preset.title}\n{'':10}  {'; '.join(sizes) or 'nothing to train'}")
    return 0


def run(options: argparse.Namespace) -> int:
    """Train what the cache does not hold and report every cell."""
    preset, size = preset_of(options.name), checked_size(options.size)
    checked_output(options)
    plan = preset.plan(size)
    if preset.chart == "images":
        return _draw(options, plan)
    if options.rounding_twins and plan.trains:
        plan = replace(plan, cells=with_rounding_twins(plan.cells))
    caption = f"{preset.title}. {plan.setting}"
    telling = Telling(Form.of_preset(preset), Heading.of_preset(preset, plan), caption, partial(_picture, preset, plan))
    if not plan.trains:
        return _count(options, plan, telling)
    print(caption, file=sys.stderr)
    states = train_cells(plan.cells, settings_for_cells())
    status = tell(options, plan.cells, states, telling)
    results = results_of(states)
    order = order_of(preset.name, plan.cells, results)
    sentences = [order.text] if order.pairs else []
    sentences += [count.sentence for count in counts_of(preset.name, plan.cells, results)]
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return status


def _picture(preset: PaperPreset, plan: Plan) -> "Picture":
    from lmc_core.ui.paper_page import Shown

    return Shown(preset, plan.size, plan.setting, plan.cells).picture


def _count(options: argparse.Namespace, plan: Plan, telling: Telling) -> int:
    """Report cells that need no training: parameters."""
    if options.write is not None:
        write(options.write, plan.cells, {}, telling)
    described = [cell_json(cell, None, plan.name) for cell in plan.cells]
    if options.json:
        print(json.dumps(described))
        return 0
    for cell, row in zip(plan.cells, described, strict=True):
        verdict = verdict_of(plan.name, cell, None)
        print(f"{cell.name:8}  {row['parameters']:>12,}  {verdict.text if verdict else ''}".rstrip())
    return 0


def _draw(options: argparse.Namespace, plan: Plan) -> int:
    """Draw the first batches anew, keep them for the page, and report whether the drawings of a seed are the same."""
    from lmc_core.data.load import load  # torch is slow to import: only where a command needs it
    from lmc_core.training.first_batches import first_batches

    if options.write is not None:
        raise LMCError("figure4 is images and has no table to write; the page shows them.")
    print(plan.setting, file=sys.stderr)
    settings, spec = Settings.from_environment(), spec_of(plan.size)
    dataset = load(spec.dataset, settings.data_dir, tell=lambda sentence: print(sentence, file=sys.stderr))
    batches = [Batch(str(seed), draw, images) for seed, draw, images in first_batches(spec, dataset, DRAWINGS)]
    keep(settings.cache_dir, plan.size, batches)
    rows = [
        {
            "factors": {"seeds.order": int(batch.seed), "seeds.augmentation": int(batch.seed)},
            "drawing": batch.draw,
            "sha256": hashlib.sha256(batch.images.tobytes()).hexdigest(),
        }
        for batch in batches
    ]
    if options.json:
        print(json.dumps(rows))
        return 0
    for batch, row in zip(batches, rows, strict=True):
        print(f"seed {batch.seed:>3}, drawing {batch.draw}: {len(batch.images)} images, sha256 {row['sha256']}")
    return 0


def _described(preset: PaperPreset, engine: Engine) -> dict[str, object]:
    return {
        "name": preset.name,
        "title": preset.title,
        "caption": preset.caption,
        "choices": list(preset.choices),
        "sizes": {
            plan.size: {
                "setting": plan.setting,
                "cells": len(plan.cells),
                "estimated_seconds": round(_seconds(plan, engine), 1) if plan.trains else 0.0,
            }
            for plan in map(preset.plan, SIZES)
        },
    }


def _seconds(plan: Plan, engine: Engine) -> float:
    return engine.estimate_all([cell.spec for cell in plan.cells]).seconds
