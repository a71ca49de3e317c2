"""Cells that begin with a checkpoint: known by its weights before they are trained."""

import shlex
from dataclasses import replace
from pathlib import Path

from lmc_core.checkpoints.resolve import at_hand, with_start
from lmc_core.errors import LMCError
from lmc_core.overrides import short
from lmc_core.sweeps.sweep import Cell, text_at


def started(cell: Cell, data_dir: Path, *, anywhere: bool = False) -> Cell:
    """The cell with its checkpoint's fingerprint; one that has it is known already, whether the checkpoint is here or not.

    Args:
        cell: of a sweep or a study.
        data_dir: the folder of data sets, in which `models` is.
        anywhere: whether its checkpoint may be in any folder of this machine.

    Raises:
        LMCError: the checkpoint is not on this machine, is not fit for the cell, or must not be looked for.
    """
    start = cell.spec.start
    if not start.checkpoint or start.fingerprint:
        return cell
    if at_hand(start.checkpoint, data_dir, anywhere=anywhere) is None:
        fetch = shlex.join(["python", "-m", "lmc_core", "describe", "--set", f"start.checkpoint={start.checkpoint}"])
        raise LMCError(f"{short(start.checkpoint)} is not on this machine; if it is on the Hugging Face hub, `{fetch}` fetches it.")
    spec = with_start(cell.spec, data_dir, anywhere=anywhere)
    return replace(cell, spec=spec, factors={path: text_at(spec, path) for path in cell.factors})
