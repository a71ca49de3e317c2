"""Sizes of a network in closed form: parameters, products, what is kept of an image. Imports no torch."""

from dataclasses import dataclass
from itertools import pairwise

from lmc_core.data.spec import DatasetFacts
from lmc_core.models.spec import CNN, MLP, ArchitectureSpec, Attention, LinearNet, LocallyConnected, ViT

FLOAT = 4
"""Bytes of a float32."""
KEPT_IMAGES = 2**30
"""Most bytes of memory that the images of a split, made ready for the network, may take beside their original bytes."""


@dataclass(frozen=True)
class Network:
    """Sizes of an architecture on a data set."""

    parameters: int
    products: int
    """Multiply-adds of one image's forward pass."""
    units: int
    """Numbers that one image's forward pass keeps for the backward pass."""
    widest: int
    """Numbers that one image has at the widest place."""
    stem: int = 0
    """Of the parameters, those of the first layer, whose output on a line between two networks is linear in alpha."""
    tensors: int = 4
    """In which the parameters lie."""


def network(architecture: ArchitectureSpec, data: DatasetFacts) -> Network:
    """The sizes of an architecture on a data set (paper, table 3); its parameters are those of `module_of(architecture, data)`."""
    match architecture:
        case LinearNet(depth=depth, width=width) | MLP(depth=depth, width=width):
            sizes = [data.features, *[width] * (depth - 1), data.classes]
            products = sum(inputs * outputs for inputs, outputs in pairwise(sizes))
            widest = max(data.features, width if depth > 1 else 0)
            return Network(products + sum(sizes[1:]), products, sum(sizes), widest, (sizes[0] + 1) * sizes[1], 2 * depth)
        case CNN(filters=filters, kernel=kernel):
            return _convolutional(filters, kernel, data.side, data.channels, data.classes, own_kernels=1)
        case LocallyConnected(filters=filters, kernel=kernel):
            positions = (data.side // kernel) ** 2
            return _convolutional(filters, kernel, data.side, data.channels, data.classes, own_kernels=positions)
        case Attention(patch=side, heads=heads, head_dim=head_dim):
            return _attention((data.side // side) ** 2, data.channels * side**2, heads, heads * head_dim, data.classes)
        case ViT() as vit:
            return _vit(vit, vit.channels(data), data.classes)


def input_numbers(architecture: ArchitectureSpec, data: DatasetFacts) -> int:
    """Numbers of one image as the network sees it."""
    match architecture:
        case ViT() as vit:
            return vit.channels(data) * vit.side**2
    return data.features


def _convolutional(filters: int, kernel: int, side: int, channels: int, classes: int, own_kernels: int) -> Network:
    positions, patch = (side // kernel) ** 2, channels * kernel**2
    classifier, stem = filters * positions * classes, own_kernels * filters * (patch + 1)
    products = filters * positions * patch + classifier
    widest = max(channels * side**2, filters * positions)
    return Network(stem + classifier + classes, products, positions * (filters + patch), widest, stem)


def _attention(patches: int, patch: int, heads: int, d: int, classes: int) -> Network:
    tokens = patches + 1
    embedding, norms, matrices = patch * d + d, 3 * 2 * d, 4 * (d * d + d)
    parameters = embedding + d + tokens * d + norms + matrices + d * classes + classes
    products = patches * patch * d + 4 * tokens * d * d + 2 * tokens * tokens * d + d * classes
    return Network(parameters, products, 10 * tokens * d + 2 * heads * tokens * tokens, tokens * d, embedding, 20)


def _vit(vit: ViT, channels: int, classes: int) -> Network:
    tokens, d, patch = (vit.side // vit.patch) ** 2 + 1, vit.width, channels * vit.patch**2
    block = 4 * (d * d + d) + 2 * 2 * d + 2 * d * vit.mlp + vit.mlp + d
    parameters = patch * d + d + d + tokens * d + vit.layers * block + 2 * d + d * classes + classes
    products_of_block = tokens * (4 * d * d + 2 * d * vit.mlp) + 2 * tokens * tokens * d
    products = (tokens - 1) * patch * d + vit.layers * products_of_block + d * classes
    units = vit.layers * (tokens * (10 * d + 2 * vit.mlp) + 2 * vit.heads * tokens * tokens)
    widest = max(tokens * vit.mlp, tokens * tokens * vit.heads, channels * vit.side**2)
    return Network(parameters, products, units, widest, tensors=16 * vit.layers + 8)
