"""Checkpoints as others write them."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

TINY: dict[str, Any] = {
    "image_size": 8,
    "patch_size": 4,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "num_labels": 3,
}
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)


def tiny_vit(**settings: object) -> ViTForImageClassification:
    """A small ViT of transformers' whose every weight is another number."""
    network = ViTForImageClassification(ViTConfig(**TINY | settings))
    source = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.3, generator=source)
    return network.eval()


def save_tiny_vit(folder: Path, **settings: object) -> Path:
    """The folder, with such a network and its image processor in it."""
    tiny_vit(**settings).save_pretrained(folder)
    side = (TINY | settings)["image_size"]
    ViTImageProcessor(size={"height": side, "width": side}, resample=3, image_mean=list(MEAN), image_std=list(STD)).save_pretrained(folder)
    return folder


def changed_copy(original: Path, folder: Path, file: str = "config.json", **values: object) -> Path:
    """A copy of a checkpoint with other values in one of its JSON files; None takes a value out."""
    shutil.copytree(original, folder)
    content = json.loads((folder / file).read_text()) | values
    (folder / file).write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return folder
