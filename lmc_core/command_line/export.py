"""`export`: a run's weights, curves and spec as plain files."""

import argparse
import json
from pathlib import Path

from lmc_core.data.class_names import class_names
from lmc_core.errors import LMCError
from lmc_core.runs.store import Store
from lmc_core.settings import Settings

IMAGES = "images.json"
MASK = "mask"
"""The last part of a network's name that is none, but says which weights of one stay."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("export", help="write a run's weights, curves and spec into a folder", allow_abbrev=False)
    parser.add_argument("run_id", metavar="RUN_ID")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--pretrained",
        action="store_true",
        help="write each network instead as a folder of save_pretrained, such as DIR/pair0/a, which transformers, huggingface_hub and "
        "start.checkpoint take",
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Export into the folder."""
    settings = Settings.from_environment()
    store = Store(settings.cache_dir, settings.gallery_dir)
    if options.pretrained:
        _export_networks(store, options.run_id, options.folder, settings.data_dir)
    else:
        store.export(options.run_id, options.folder)
        _export_places(store, options.run_id, options.folder)
    return 0


def _export_places(store: Store, run_id: str, folder: Path) -> None:
    """Write which images the run used, where it used some of them: `images.json` with their places from 0 in the whole data set."""
    run = store.find(run_id)
    if run is None or (run.spec.train_samples is None and run.spec.test_samples is None):
        return

    from lmc_core.data.subset import chosen_places  # torch is slow to import: only where a command needs it

    places = chosen_places(run.spec.dataset, run.spec.train_samples, run.spec.test_samples)
    try:
        (folder / IMAGES).write_text(json.dumps(places), encoding="utf-8")
    except OSError as fault:
        raise LMCError(f"{folder} cannot be written ({fault.strerror or fault}); give another folder.") from fault


def _export_networks(store: Store, run_id: str, folder: Path, data_dir: Path) -> None:
    run = store.find(run_id)
    if run is None:
        raise LMCError(f"There is no finished run {run_id}; `python -m lmc_core runs` lists the runs there are.")
    networks = [network for network in run.weights if network.rpartition(".")[2] != MASK]
    if not networks:
        raise LMCError(f"Run {run_id} ships with the program without its weights; train it here with: {run.command}.")

    from torch import from_numpy  # slow to import: only where a command needs it

    from lmc_core.checkpoints.saving import save_pretrained

    for network in networks:
        weights = {name: from_numpy(array) for name, array in store.weights(run_id, network).items()}
        try:
            save_pretrained(run.spec, weights, folder.joinpath(*network.split(".")), class_names(run.spec.dataset, data_dir))
        except OSError as fault:
            raise LMCError(f"{folder} cannot be written ({fault.strerror or fault}); give another folder.") from fault
