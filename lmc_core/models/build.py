"""From an architecture to its plain module."""

from importlib import import_module
from typing import Any

from torch import nn

from lmc_core.data.spec import DatasetFacts
from lmc_core.models.spec import Architecture


def module_of(architecture: Architecture, data: DatasetFacts) -> nn.Module:
    """The plain torch.nn module of an architecture, for images and classes such as the data set's.

    It maps normalised images [B, C, H, W] to logits [B, classes] and knows nothing of twins, seeds or training. Its own
    weights are PyTorch's defaults; `drawn` gives those that a run starts from.
    """
    module: nn.Module = imported(architecture.module)(*architecture.arguments(data))
    return module


def imported(name: str) -> Any:
    """What a text such as `package.module:name` names."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
