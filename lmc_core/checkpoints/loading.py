"""Weights of a checkpoint in the place of drawn ones."""

import math
from collections.abc import Mapping
from pathlib import Path

from safetensors import safe_open
from torch import Tensor
from torch.nn import functional as F

from lmc_core.checkpoints.checkpoint import read_checkpoint
from lmc_core.checkpoints.resolve import refusal
from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment

POSITIONS = "vit.embeddings.position_embeddings"


def started(spec: Experiment, drawn: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights under the names of `build(spec)`: those of the folder `spec.start.checkpoint`, and the drawn classifier.

    The classifier is another one for each data set, so it is drawn even where the checkpoint has one of the same size. A ViT
    may see images of another side than the checkpoint's; its positions are then interpolated, as transformers does it.

    Args:
        spec: the experiment, its checkpoint a folder, as `lmc_core.checkpoints.resolve.located` gives it.
        drawn: the weights of the same network without a checkpoint.

    Raises:
        LMCError: the folder holds no such weights.
    """
    found = read_checkpoint(spec.start.checkpoint, Path(spec.start.checkpoint))
    if reason := refusal(found, spec):
        raise LMCError(reason)
    loaded: dict[str, Tensor] = {}
    for path in dict.fromkeys(place.file for place in found.places.values()):
        with safe_open(path, framework="pt") as file:
            loaded |= {name: file.get_tensor(place.key).float() for name, place in found.places.items() if place.file == path}
    if POSITIONS in loaded:
        loaded[POSITIONS] = resized_positions(loaded[POSITIONS], drawn[POSITIONS].shape[1] - 1)
    return {name: loaded.get(name, weight) for name, weight in drawn.items()}


def resized_positions(positions: Tensor, patches: int) -> Tensor:
    """Position embeddings [1, 1 + patches, d] for another number of patches; the class token's stays as it is.

    Args:
        positions: [1, 1 + n, d], patches row by row in a square.
        patches: a square number; n returns the positions themselves.
    """
    n, d = positions.shape[1] - 1, positions.shape[2]
    if n == patches:
        return positions
    before, after = math.isqrt(n), math.isqrt(patches)
    grid = positions[:, 1:].reshape(1, before, before, d).permute(0, 3, 1, 2)
    moved = F.interpolate(grid, size=(after, after), mode="bicubic", align_corners=False).permute(0, 2, 3, 1)
    return F.pad(moved.reshape(1, patches, d), (0, 0, 1, 0)).index_copy(1, positions.new_zeros(1).long(), positions[:, :1])
