"""Networks as folders that others can use: transformers loads a ViT, the classes of this package load the rest."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from huggingface_hub import PyTorchModelHubMixin
from safetensors import SafetensorError
from torch import Tensor

from lmc_core.checkpoints.checkpoint import OWN
from lmc_core.checkpoints.layout import CONFIG
from lmc_core.checkpoints.processor import RESAMPLING
from lmc_core.data.normalisation import CHANNEL_STATISTICS
from lmc_core.data.preprocessing import uncropped
from lmc_core.data.spec import CATALOG
from lmc_core.disk import refusal_in
from lmc_core.experiment import Experiment, canonical
from lmc_core.models.build import module_of
from lmc_core.models.spec import ViT
from lmc_core.overrides import overrides_of

CARD = "README.md"
CARD_TEXT = """---
tags:
- image-classification
- linear-mode-connectivity
---
# A network of run {run_id}

One network of an experiment on linear mode connectivity. Data: {title}. Epochs of training: {epochs}.

```python
from {loader} import {name}

network = {name}.from_pretrained("this/folder")
```

The settings that differ from the defaults of LMC Twins:

| setting | value |
|---|---|
{settings}
"""


def save_pretrained(spec: Experiment, weights: Mapping[str, Tensor], folder: Path, names: Sequence[str] | None = None) -> None:
    """Write a network of the spec as config.json and model.safetensors, a ViT with its image processor; made if need be.

    `transformers.ViTForImageClassification.from_pretrained(folder)` loads a ViT, and for example
    `lmc_core.models.convolutional.Convolutional.from_pretrained(folder)` a CNN; `start.checkpoint` takes either.

    Args:
        spec: the experiment.
        weights: of one network, under the names of `build(spec)`.
        folder: what it holds by the same names is replaced.
        names: of the classes, for a ViT's configuration; None leaves them numbered.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    try:
        if isinstance(spec.architecture, ViT):
            _save_vit(spec, spec.architecture, weights, folder, names)
        else:
            _save_plain(spec, weights, folder)
        (folder / CARD).write_text(_card(spec), encoding="utf-8")
    except SafetensorError as fault:
        raise refusal_in(str(fault)) from fault


def _card(spec: Experiment) -> str:
    """What the network is, in the form of a model card of the hub."""
    module = type(_on_meta(spec))
    loader = "transformers" if isinstance(spec.architecture, ViT) else module.__module__
    name = "ViTForImageClassification" if isinstance(spec.architecture, ViT) else module.__name__
    settings = "\n".join(f"| `{path}` | `{text}` |" for path, text in overrides_of(spec).items())
    facts = {"title": spec.data.title, "epochs": spec.epochs, "run_id": spec.run_id}
    return CARD_TEXT.format(loader=loader, name=name, settings=settings, **facts)


def _on_meta(spec: Experiment) -> torch.nn.Module:
    with torch.device("meta"):
        return module_of(spec.architecture, spec.data)


def _save_plain(spec: Experiment, weights: Mapping[str, Tensor], folder: Path) -> None:
    module = _on_meta(spec)
    module.load_state_dict(dict(weights), assign=True)
    assert isinstance(module, PyTorchModelHubMixin)  # noqa: S101 # every plain module of this package is one
    module.save_pretrained(folder)
    arguments = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    section = {"architecture": canonical(spec.architecture), "dataset": spec.dataset}
    (folder / CONFIG).write_text(json.dumps(arguments | {OWN: section}, indent=2, sort_keys=True), encoding="utf-8")


def _save_vit(spec: Experiment, architecture: ViT, weights: Mapping[str, Tensor], folder: Path, names: Sequence[str] | None) -> None:
    # transformers takes seconds to import
    from transformers import ViTForImageClassification, ViTImageProcessor

    from lmc_core.models.vit import configuration

    data = CATALOG[spec.dataset]
    described = configuration(architecture, architecture.channels(data), data.classes)
    if names is not None:
        described.id2label = dict(enumerate(names))
        described.label2id = {name: label for label, name in enumerate(names)}
    with torch.device("meta"):
        network = ViTForImageClassification(described)
    network.load_state_dict(dict(weights), assign=True)
    network.save_pretrained(folder)
    of_data = CHANNEL_STATISTICS[spec.dataset]
    whole = uncropped(architecture.side, architecture.crop)
    ViTImageProcessor(
        size={"height": whole, "width": whole},
        do_center_crop=architecture.crop < 1,
        crop_size={"height": architecture.side, "width": architecture.side},
        resample={word: number for number, word in RESAMPLING.items()}[architecture.resample],
        image_mean=list(architecture.mean or of_data[0]),
        image_std=list(architecture.std or of_data[1]),
    ).save_pretrained(folder)
