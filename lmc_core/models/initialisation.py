"""Random weights that a network starts from."""

import math

import torch
from torch import Tensor, nn

from lmc_core.data.noise import Purpose, generator
from lmc_core.data.spec import DatasetFacts
from lmc_core.models.build import module_of
from lmc_core.models.spec import ArchitectureSpec, ViT

TOKEN_STD = 0.02
"""Standard deviation of class token and positions, as in ViT (Dosovitskiy et al. 2021, the authors' code); in transformers'
ViT it is that of all weights (`initializer_range`)."""


def drawn(architecture: ArchitectureSpec, data: DatasetFacts, seed: int, pair: int, purpose: Purpose = "init") -> dict[str, Tensor]:
    """Weights under the names of `module_of(architecture, data).state_dict()`, drawn from (seed, pair, purpose) alone.

    The distributions are PyTorch's defaults: weights and biases of linear, convolutional and locally connected layers
    uniform within ±1/√fan-in, norms at one and zero. Class tokens and positions are normal. A vision transformer has
    transformers' own distribution: its weights are normal and its biases zero.

    Args:
        architecture: of the network.
        data: facts of the data set.
        seed: of the initialisation.
        pair: index of the repeat, from 0.
        purpose: what the draw is for; another one gives an initialisation that shares nothing with the first.
    """
    with torch.device("meta"):
        module = module_of(architecture, data)
    is_vit = isinstance(architecture, ViT)
    source = generator(seed, purpose, pair, 0)
    weights: dict[str, Tensor] = {}
    for name, parameter in module.named_parameters():
        owner = module.get_submodule(name.rpartition(".")[0])
        weight = getattr(owner, "weight", None)
        if weight is None or (is_vit and isinstance(owner, nn.Linear | nn.Conv2d) and parameter is weight):
            weights[name] = torch.empty(parameter.shape).normal_(0, TOKEN_STD, generator=source)
        elif isinstance(owner, nn.LayerNorm):
            weights[name] = torch.full(parameter.shape, 1.0 if name.endswith("weight") else 0.0)
        elif is_vit:
            weights[name] = torch.zeros(parameter.shape)
        else:
            bound = 1 / math.sqrt(_fan_in(weight))
            weights[name] = torch.empty(parameter.shape).uniform_(-bound, bound, generator=source)
    return weights


def _fan_in(weight: Tensor) -> int:
    """Inputs of one unit: all of a filter's numbers, whose dimensions stand last (locally connected: after the position)."""
    return math.prod(weight.shape[2:] if weight.ndim == 5 else weight.shape[1:])
