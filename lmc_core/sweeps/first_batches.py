"""Figure 4 as images: the first batches under two seeds, drawn by a process that may import torch, kept as one small file."""

import io
import os
import subprocess
import sys
import uuid
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lmc_core.disk import telling, write_durably
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.batches import Batch
from lmc_core.overrides import with_overrides
from lmc_core.settings import REPOSITORY, Settings
from lmc_core.sweeps.plan import Size

SEEDS = (43, 118)
"""The paper's seeds of order and augmentation (figure 4)."""
DRAWINGS = 3
IMAGES = 16
"""Images of the first batch that are shown: the batch has no more."""
PATIENCE_SECONDS = 600.0
"""Longest time for a drawing; a data set may have to be downloaded first."""


def spec_of(size: Size) -> TwinsSpec:
    """The experiment whose twins see these batches."""
    seeds = ",".join(map(str, SEEDS))
    dataset = "digits" if size == "sketch" else "cifar10"
    settings = {"dataset": dataset, "augmentation": "shift_flip", "seeds.order": seeds, "seeds.augmentation": seeds}
    return with_overrides(settings | {"batch_size": str(IMAGES)})


def file_of(cache_dir: Path, size: Size) -> Path:
    """Where the images of a size are kept."""
    return cache_dir / "first_batches" / f"{spec_of(size).run_id}.npz"


def kept(cache_dir: Path, size: Size) -> list[Batch] | None:
    """The images of a size, by seed and drawing, if they were drawn before and the file is whole."""
    try:
        content = io.BytesIO(file_of(cache_dir, size).read_bytes())
        with np.load(content, allow_pickle=False) as arrays:
            return [Batch(seed, int(draw), arrays[name]) for name in arrays.files for seed, _, draw in [name.partition(" ")]]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def keep(cache_dir: Path, size: Size, batches: Iterable[Batch]) -> None:
    """Write the images of a size, wholly or not at all.

    Raises:
        LMCError: the cache cannot be written.
    """
    content, place = io.BytesIO(), file_of(cache_dir, size)
    arrays = {f"{batch.seed} {batch.draw}": batch.images for batch in batches}
    np.savez_compressed(content, allow_pickle=False, **arrays)
    with telling(cache_dir):
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f".{uuid.uuid4().hex}.partial")
        write_durably(beside, content.getvalue())
        beside.replace(place)


def drawn(settings: Settings, size: Size) -> list[Batch]:
    """The images of a size: the kept ones, or newly drawn by `python -m lmc_core preset run figure4`, which takes seconds.

    Raises:
        LMCError: the data set cannot be had, or the drawing failed; what it said last.
    """
    if (before := kept(settings.cache_dir, size)) is not None:
        return before
    folders = {"LMC_CACHE_DIR": str(settings.cache_dir), "LMC_DATA_DIR": str(settings.data_dir)}
    command = [sys.executable, "-m", "lmc_core", "preset", "run", "figure4", "--size", size, "--json"]
    try:
        ended = subprocess.run(  # noqa: S603 - nothing in the command comes from a user
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            cwd=REPOSITORY,
            env=os.environ | folders,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise LMCError(f"The first batches were not drawn within {PATIENCE_SECONDS:.0f} s; try again.") from None
    if (after := kept(settings.cache_dir, size)) is not None:
        return after
    last = ended.stderr.strip().splitlines()[-1:] or [f"exit status {ended.returncode}"]
    raise LMCError(f"The first batches could not be drawn: {last[0].removeprefix('lmc_core: ')}")
