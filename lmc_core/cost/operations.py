"""What networks compute, counted and not timed: calls of operations, multiply-adds, numbers moved. Imports no torch."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import Experiment
from lmc_core.models.sizes import FLOAT, KEPT_IMAGES, input_numbers, network
from lmc_core.models.spec import CNN, MLP, Attention, LinearNet, LocallyConnected, ViT
from lmc_core.optim.spec import Adam, AdamW

THIN = 24
"""A product whose shortest side is so long takes twice the time of its multiply-adds; a processor's kernels are larger."""
MATRIX_CALLS = 0.2
"""Calls that each matrix of a stack of products counts as."""
TANGLED = 3
"""How often autograd's passes and the gradients' copies repeat the calls of a forward pass."""
SCORES = 1 << 18
"""Scores of attention that are computed at a time, as in `lmc_core.models.stacked.attended`."""


FRESH_BYTES = 32 * 2**20
"""A batch of more than so many bytes is given new memory by the system at each step."""
FRESH_NUMBERS = 14
"""How many numbers moved one number in new memory counts as."""
PATCHED = 14
"""Likewise one of an image that is cut into patches by a convolution."""


@dataclass(frozen=True)
class Load:
    """An amount of computing."""

    calls: float = 0.0
    """Operations, each of which takes a time of its own however small it is."""
    products: float = 0.0
    """Multiply-adds; those of thin matrices count for more."""
    numbers: float = 0.0
    """Numbers read or written besides the products."""

    def __add__(self, other: Self) -> "Load":
        return Load(self.calls + other.calls, self.products + other.products, self.numbers + other.numbers)

    def __mul__(self, times: float) -> "Load":
        return Load(self.calls * times, self.products * times, self.numbers * times)

    @property
    def without_calls(self) -> "Load":
        """What each further member of a stack adds."""
        return Load(0.0, self.products, self.numbers)


NOTHING = Load()


def product(rows: float, inner: float, columns: float, count: float = 1) -> Load:
    """A product of matrices, or of a stack of them."""
    multiply_adds = count * rows * inner * columns
    numbers = count * (rows * inner + inner * columns + rows * columns)
    return Load(1 + MATRIX_CALLS * (count - 1), multiply_adds * (1 + THIN / min(rows, inner, columns)), numbers)


def stem(spec: Experiment, images: float) -> Load:
    """The first layer of one network on a batch, as far as its output is linear in alpha between two networks."""
    data = CATALOG[spec.dataset]
    match spec.architecture:
        case MLP(depth=depth, width=width):
            return product(images, data.features, width if depth > 1 else data.classes)
        case CNN(filters=filters, kernel=kernel):
            positions, patch = (data.side // kernel) ** 2, data.channels * kernel**2
            return product(images * positions, patch, filters) + Load(2, 0, images * positions * filters)
        case LocallyConnected(filters=filters, kernel=kernel):
            positions, patch = (data.side // kernel) ** 2, data.channels * kernel**2
            return product(images, patch, filters, positions) + Load(3, 0, 2 * images * data.features)
        case Attention(patch=side, heads=heads, head_dim=head_dim):
            patches, d = (data.side // side) ** 2, heads * head_dim
            return product(images * patches, data.channels * side**2, d) + Load(4, 0, 3 * images * patches * d)
    return NOTHING


def trunk(spec: Experiment, images: float) -> Load:
    """The rest of one network on a batch."""
    data = CATALOG[spec.dataset]
    match spec.architecture:
        case LinearNet(depth=depth, width=width):
            return _layers([data.features, *[width] * (depth - 1), data.classes], images)
        case MLP(depth=depth, width=width):
            return _layers([*[width] * (depth - 1), data.classes], images) if depth > 1 else NOTHING
        case CNN(filters=filters, kernel=kernel):
            return _layers([filters * (data.side // kernel) ** 2, data.classes], images)
        case LocallyConnected(filters=filters, kernel=kernel):
            positions = (data.side // kernel) ** 2
            return _layers([filters * positions, data.classes], images) + Load(
                3 + MATRIX_CALLS * positions, 0, images * positions * filters
            )
        case Attention(patch=side, heads=heads, head_dim=head_dim):
            return _attention((data.side // side) ** 2, heads, head_dim, data.classes, images)
        case ViT() as vit:
            return _vit(vit, vit.channels(data) * vit.patch**2, data.classes, images)


def step(spec: Experiment, images: float) -> Load:
    """One member's gradients of a batch, and its optimiser's step."""
    data, sizes = CATALOG[spec.dataset], network(spec.architecture, spec.data)
    loss = Load(14, 0, 12 * images * data.classes)
    match spec.architecture:
        case LinearNet(depth=depth) if depth > 1:  # through its product, which has a row a class
            long = product(images, data.features, data.classes) * 2
            short = product(data.classes, math.sqrt(sizes.parameters / depth), math.sqrt(sizes.parameters / depth)) * (3 * depth)
            gradients = long + short + Load(8 * depth, 0, 2 * images * data.features)
        case LinearNet() | MLP() | CNN() | LocallyConnected():
            first, rest = stem(spec, images), trunk(spec, images)
            if isinstance(spec.architecture, LinearNet):
                first, rest = rest, first
            gradients = first * 2 + rest * 3 + Load(4)
        case Attention() | ViT():
            gradients = stem(spec, images) * 2 + trunk(spec, images) * TANGLED + Load(0, 0, 3 * sizes.parameters)
    return batch(spec, images) + gradients + loss + optimizer_step(spec, sizes.parameters)


def optimizer_step(spec: Experiment, parameters: int) -> Load:
    """The passes of an update rule over the parameters."""
    optimizer = spec.optimizer
    clipping = Load(5, 0, 3 * parameters) if optimizer.clip_norm else NOTHING
    decay = Load(1, 0, 3 * parameters) if optimizer.weight_decay else NOTHING
    match optimizer:
        case Adam() | AdamW():
            return Load(9, 0, 21 * parameters) + decay + clipping
        case _:
            momentum = Load(1 + optimizer.nesterov, 0, (3 + 3 * optimizer.nesterov) * parameters) if optimizer.momentum else NOTHING
            return Load(1, 0, 3 * parameters) + momentum + decay + clipping


def batch(spec: Experiment, images: float) -> Load:
    """A batch drawn and made ready: gathered, or cut, moved, coloured, resized and normalised anew."""
    numbers = images * input_numbers(spec.architecture, spec.data)
    fresh = FRESH_NUMBERS if numbers * FLOAT > FRESH_BYTES else 0
    gathered = Load(26, 0, (3 + fresh) * numbers)
    features = CATALOG[spec.dataset].features
    match spec.augmentation:
        case "none":
            return gathered if keeps_images(spec, spec.samples) else gathered + prepared(spec, images)
        case "shift_flip":
            return gathered + Load(30, 0, 24 * images * features) + prepared(spec, images)
        case _:
            return gathered + Load(160, 0, 240 * images * features) + prepared(spec, images)


def prepared(spec: Experiment, images: float) -> Load:
    """Images made ready for the network from bytes."""
    seen, own = input_numbers(spec.architecture, spec.data), CATALOG[spec.dataset].features
    resized = Load(12, 0, 30 * images * seen) if isinstance(spec.architecture, ViT) and seen != own else NOTHING
    return Load(8, 0, 6 * images * seen) + resized


def keeps_images(spec: Experiment, images: int) -> bool:
    """Whether a split of so many images is kept ready for the network."""
    return images * input_numbers(spec.architecture, spec.data) * FLOAT <= KEPT_IMAGES


def _layers(sizes: list[int], images: float) -> Load:
    """Dense layers one after the other, with their activations."""
    total = NOTHING
    for inputs, outputs in pairwise(sizes):
        total = total + product(images, inputs, outputs) + Load(2, 0, 2 * images * inputs)
    return total


def _attention(patches: int, heads: int, head_dim: int, classes: int, images: float) -> Load:
    """The single attention layer behind its embedding, as `lmc_core.models.stacked.attention` computes it."""
    d = heads * head_dim
    scores = product(images * patches, d, heads) + product(heads, patches, d, images)
    rest = product(images, d, head_dim, heads) + product(images, d, d) + product(images, d, classes)
    return scores + rest + Load(60, 0, images * (8 * patches * d + 24 * patches * heads + 60 * d))


def _vit(vit: ViT, patch: int, classes: int, images: float) -> Load:
    """A vision transformer as `lmc_core.models.stacked.vision` computes it: of its last layer the class token alone."""
    tokens, d, heads = (vit.side // vit.patch) ** 2 + 1, vit.width, vit.heads
    rows, scores = images * tokens, images * heads * tokens * tokens
    parts = math.ceil(images / max(1, SCORES // (heads * tokens * tokens)))
    attended = product(tokens, d // heads, tokens, images * heads) * 2 + Load(10 * parts, 0, 4 * scores)
    dense = product(rows, d, 3 * d) + product(rows, d, d) + product(rows, d, vit.mlp) * 2
    layer = dense + attended + Load(36, 0, rows * (16 * d + 8 * vit.mlp))
    single = product(images, d, d) * 2 + product(images, d, vit.mlp) * 2 + product(heads, d, tokens, images) * 2
    last = single + Load(50, 0, 6 * rows * d)
    embedded = product(images * (tokens - 1), patch, d) + Load(30, 0, 6 * rows * d + PATCHED * images * (tokens - 1) * patch)
    return embedded + layer * (vit.layers - 1) + last + product(images, d, classes)
