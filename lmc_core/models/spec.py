"""The architectures that can be asked for, what is known of each before it is built, and the weights that they begin with."""

import math
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from lmc_core.data.spec import DatasetFacts
from lmc_core.frozen import Frozen
from lmc_core.models.facts import Sizes, TensorFacts, layer, norm
from lmc_core.models.load import MATRIX_CALLS, NOTHING, PATCHED, SCORES, TANGLED, Load, dense, product

MOST_CHANNELS = 16
"""Channels of an image that a network can be told of."""

Precision = Literal["float32", "bfloat16"]
"""Of products; what is not a product stays in float32."""


def activation(slope: float) -> str:
    """Leaky-ReLU in a word."""
    return "ReLU" if slope == 0 else "linear" if slope == 1 else f"Leaky-ReLU {slope:g}"


def _patches(data: DatasetFacts, side: int) -> tuple[int, int]:
    """How many patches of a side an image has, and how many numbers each of them has."""
    return (data.side // side) ** 2, data.channels * side**2


def _kernel_problem(kernel: int, data: DatasetFacts, dataset: str) -> str | None:
    if kernel > data.side:
        return f"‹architecture.kernel› is {kernel} but the images of {dataset} are {data.side} pixels wide"
    return None


class Architecture(Frozen):
    """A network that can be asked for.

    A further one says its fields, title, words, tensors and module; the rest follows from its tensors unless it knows better. It
    then runs as a module, one network after the other, with autograd's gradients.

    In all methods `data` are the facts of the data set, and `images` is the number of images in a batch.
    """

    title: ClassVar[str]
    """As a heading or a choice names it."""
    module: ClassVar[str]
    """What makes its torch.nn module from `arguments(data)`, as `package.module:name`."""
    large_by: ClassVar[str] = "width"
    """The field that makes it large."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Libraries that it needs beside torch."""
    stacks: ClassVar[bool] = False
    """Whether several networks run as one stack of products; others run one after the other."""
    in_parts: ClassVar[bool] = False
    """Whether a batch may pass through it in parts (`accumulation`)."""
    fits_any_side: ClassVar[bool] = False
    """Whether its weights fit images of any side."""

    @property
    def words(self) -> str:
        """The network in a few words, as in: MLP, 1 hidden layer of 512, ReLU."""
        return self.title

    @property
    def engine_words(self) -> str:
        """What a run records of how it is computed, beginning with a comma; empty where there is nothing to say."""
        return ""

    @property
    def collapsed_depth(self) -> int | None:
        """The number of layers of a network that is one matrix; None for others."""
        return None

    @property
    def deep(self) -> int:
        """Layers whose outputs are kept for the backward pass of a stack."""
        return 2

    def arguments(self, data: DatasetFacts) -> tuple[object, ...]:
        """What the module is called with."""
        raise NotImplementedError

    def tensors(self, data: DatasetFacts) -> list[TensorFacts]:
        """All parameter tensors, in the module's order."""
        raise NotImplementedError

    def blocks(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the blocks, from the input to the classifier, each with what the names of its parameters begin with.

        Every parameter belongs to exactly one block: a weight layer with its bias, an encoder layer of a vision transformer with
        its norms, or what stands below and above those.
        """
        raise NotImplementedError

    @property
    def block_lines(self) -> int:
        """How many lines with only some blocks there are besides the one on which all of them move."""
        blocks = len(self.blocks())
        return 3 * blocks - 4 if blocks > 1 else 0

    def problem(self, data: DatasetFacts, dataset: str) -> str | None:  # noqa: ARG002
        """Why it does not fit a data set of this name, as a part of a sentence; None if it does."""
        return None

    def at_side(self, side: int | None) -> "Architecture | None":  # noqa: ARG002
        """It for images resized to about so many pixels, None: as it is; None where it takes images as they are."""
        return None

    def input_numbers(self, data: DatasetFacts) -> int:
        """Numbers of one image as the network sees it."""
        return data.features

    def sizes(self, data: DatasetFacts) -> Sizes:
        """Its sizes on a data set (paper, table 3)."""
        weights = [tensor for tensor in self.tensors(data) if tensor.role == "weight"]
        outputs = [tensor.outputs * tensor.places for tensor in weights]
        products = sum(tensor.size * tensor.places for tensor in weights)
        return self._sizes(data, products, data.features + sum(outputs), max(data.features, *outputs))

    def _sizes(self, data: DatasetFacts, products: int, units: int, widest: int, stem: int = 0) -> Sizes:
        tensors = self.tensors(data)
        return Sizes(sum(tensor.size for tensor in tensors), products, units, widest, stem, len(tensors))

    def numbers_of_an_image(self, data: DatasetFacts) -> int:
        """Numbers that an image of a batch takes on its way through the network and back."""
        return 3 * (self.sizes(data).units + data.features)

    def stacked_products(self, data: DatasetFacts, images: int) -> int | None:  # noqa: ARG002
        """Multiply-adds of a step of one network, where a CPU may train several as one stack; None where it never does."""
        return None

    def stem(self, data: DatasetFacts, images: float) -> Load:  # noqa: ARG002
        """The first layer, as far as its output is linear in alpha between two networks."""
        return NOTHING

    def trunk(self, data: DatasetFacts, images: float) -> Load:
        """The rest of the forward pass."""
        total = NOTHING
        for tensor in self.tensors(data):
            if tensor.role == "weight":
                rows = images * tensor.places
                total = total + product(rows, tensor.inputs, tensor.outputs) + Load(2, 0, 2 * rows * tensor.outputs)
        return total

    def gradients(self, data: DatasetFacts, images: float) -> Load:
        """Forward and backward pass."""
        passes = self.stem(data, images) * 2 + self.trunk(data, images) * TANGLED
        return passes + Load(0, 0, 3 * self.sizes(data).parameters)


class Stack(Architecture):
    """An architecture whose gradients are written by hand, for several networks at once."""

    stacks = True

    def gradients(self, data: DatasetFacts, images: float) -> Load:
        """Forward and backward pass; the images themselves need no gradient."""
        return self.stem(data, images) * 2 + self.trunk(data, images) * 3 + Load(4)


class Dense(Stack):
    """Weight layers one after the other, as many as `depth`, all hidden ones of the same width."""

    module = "lmc_core.models.fully_connected:FullyConnected"

    @property
    def deep(self) -> int:
        """All its layers."""
        return self._shape[0]

    @property
    def _shape(self) -> tuple[int, int]:
        """Depth and width, which a descendant has as fields, each with words of its own."""
        return getattr(self, "depth"), getattr(self, "width")  # noqa: B009 # this class has no such field

    def widths(self, data: DatasetFacts) -> list[int]:
        """Numbers of an image from the input to the logits."""
        depth, width = self._shape
        return [data.features, *[width] * (depth - 1), data.classes]

    def tensors(self, data: DatasetFacts) -> list[TensorFacts]:
        """Weight and bias of each layer."""
        pairs = list(pairwise(self.widths(data)))
        return [
            tensor
            for place, (inputs, outputs) in enumerate(pairs)
            for tensor in layer(f"layers.{place}", inputs, outputs, classifier=place == len(pairs) - 1)
        ]

    def blocks(self) -> Mapping[str, tuple[str, ...]]:
        """A layer each."""
        return {f"layer {place + 1}": (f"layers.{place}.",) for place in range(self.deep)}

    def sizes(self, data: DatasetFacts) -> Sizes:
        """Its sizes on a data set."""
        widths = self.widths(data)
        products = sum(inputs * outputs for inputs, outputs in pairwise(widths))
        return self._sizes(data, products, sum(widths), max(widths[:-1]), (widths[0] + 1) * widths[1])


class LinearNet(Dense):
    """Weight layers without activation; depth 1 is logistic regression (paper, section 3)."""

    name: Literal["linear"] = "linear"
    depth: int = Field(1, ge=1, le=32, description="Weight layers: 1 is logistic regression. The paper uses 1, 2, 4, 8 (table 1).")
    width: int = Field(512, ge=1, le=65_536, description="Hidden units of each layer but the last; unused at depth 1.")

    title = "Linear net"

    @property
    def words(self) -> str:
        """As in: Linear net, 4 layers of 512."""
        return "Logistic regression" if self.depth == 1 else f"Linear net, {self.depth} layers of {self.width:,}"

    @property
    def collapsed_depth(self) -> int:
        """It is one matrix, whatever its depth."""
        return self.depth

    def arguments(self, data: DatasetFacts) -> tuple[object, ...]:
        """With the identity as activation."""
        return data.features, self.depth, self.width, data.classes, 1.0

    def numbers_of_an_image(self, data: DatasetFacts) -> int:
        """It trains through its product."""
        return 2 * data.features + 4 * data.classes

    def stacked_products(self, data: DatasetFacts, images: int) -> int:
        """It trains through its product."""
        return data.classes * (data.features * images + self.sizes(data).products)

    def trunk(self, data: DatasetFacts, images: float) -> Load:
        """All layers."""
        return dense(self.widths(data), images)

    def gradients(self, data: DatasetFacts, images: float) -> Load:
        """Through its product, which has a row a class."""
        if self.depth == 1:
            return self.trunk(data, images) * 2 + Load(4)
        side = math.sqrt(self.sizes(data).parameters / self.depth)
        long = product(images, data.features, data.classes) * 2
        short = product(data.classes, side, side) * (3 * self.depth)
        return long + short + Load(8 * self.depth, 0, 2 * images * data.features)


class MLP(Dense):
    """Fully connected layers with Leaky-ReLU between them; depth 2 is the paper's minimal model."""

    name: Literal["mlp"] = "mlp"
    depth: int = Field(2, ge=1, le=32, description="Weight layers: 2 is one hidden layer, the paper's minimal model.")
    width: int = Field(512, ge=1, le=65_536, description="Hidden units of each layer. The paper does not print its width.")
    slope: float = Field(
        0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity (paper, figure 1)."
    )

    title = "MLP"

    @property
    def words(self) -> str:
        """As in: MLP, 1 hidden layer of 512, ReLU."""
        if self.depth == 1:
            return "MLP without hidden layer"
        layers = "1 hidden layer" if self.depth == 2 else f"{self.depth - 1:,} hidden layers"
        return f"MLP, {layers} of {self.width:,}, {activation(self.slope)}"

    def arguments(self, data: DatasetFacts) -> tuple[object, ...]:
        """With Leaky-ReLU as activation."""
        return data.features, self.depth, self.width, data.classes, self.slope

    def stacked_products(self, data: DatasetFacts, images: int) -> int:
        """All of them."""
        return self.sizes(data).products * images

    def stem(self, data: DatasetFacts, images: float) -> Load:
        """The first layer."""
        return product(images, *self.widths(data)[:2])

    def trunk(self, data: DatasetFacts, images: float) -> Load:
        """The layers after the first."""
        return dense(self.widths(data)[1:], images)


class CNN(Stack):
    """One convolution with kernel = stride and no padding, Leaky-ReLU, classifier (paper, appendix D)."""

    name: Literal["cnn"] = "cnn"
    filters: int = Field(128, ge=1, le=4_096, description="Output channels of the hidden layer; 128 gives the paper's table 3.")
    kernel: int = Field(4, ge=1, le=64, description="Kernel side, equal to the stride. The paper uses 4.")
    slope: float = Field(0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity.")

    title = "CNN"
    module = "lmc_core.models.convolutional:Convolutional"
    large_by = "filters"
    fits_any_side = True

    @property
    def words(self) -> str:
        """As in: CNN, 128 filters of 4×4, ReLU."""
        return f"{self.title}, {self.filters:,} filters of {self.kernel}×{self.kernel}, {activation(self.slope)}"

    def problem(self, data: DatasetFacts, dataset: str) -> str | None:
        """A kernel has to fit into an image."""
        return _kernel_problem(self.kernel, data, dataset)

    def arguments(self, data: DatasetFacts) -> tuple[object, ...]:
        """As the module has them."""
        return data.channels, data.side, self.filters, self.kernel, data.classes, self.slope

    def tensors(self, data: DatasetFacts) -> list[TensorFacts]:
        """Hidden layer and classifier."""
        positions, patch = _patches(data, self.kernel)
        hidden = layer("hidden", patch, self.filters, places=positions)
        return [*hidden, *layer("classifier", self.filters * positions, data.classes, classifier=True)]

    def blocks(self) -> Mapping[str, tuple[str, ...]]:
        """Hidden layer and classifier."""
        return {"convolution": ("hidden.",), "classifier": ("classifier.",)}

    def sizes(self, data: DatasetFacts) -> Sizes:
        """Its sizes on a data set."""
        positions, patch = _patches(data, self.kernel)
        products = self.filters * positions * (patch + data.classes)
        stem = self.filters * (patch + 1)
        return self._sizes(data, products, positions * (self.filters + patch), max(data.features, self.filters * positions), stem)

    def stem(self, data: DatasetFacts, images: float) -> Load:
        """The hidden layer."""
        positions, patch = _patches(data, self.kernel)
        return product(images * positions, patch, self.filters) + Load(2, 0, images * positions * self.filters)

    def trunk(self, data: DatasetFacts, images: float) -> Load:
        """The classifier."""
        positions, _ = _patches(data, self.kernel)
        return dense([self.filters * positions, data.classes], images)


class LocallyConnected(Stack):
    """The CNN with another kernel at each position: locality without weight sharing (paper, appendix D)."""

    name: Literal["lc_cnn"] = "lc_cnn"
    filters: int = Field(128, ge=1, le=4_096, description="Output channels at each position; 128 gives the paper's table 3.")
    kernel: int = Field(4, ge=1, le=64, description="Kernel side, equal to the stride. The paper uses 4.")
    slope: float = Field(0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity.")

    title = "Locally connected CNN"
    module = "lmc_core.models.locally_connected:LocallyConnectedNet"
    large_by = "filters"

    @property
    def words(self) -> str:
        """As in: CNN, 128 filters of 4×4, ReLU."""
        return f"{self.title}, {self.filters:,} filters of {self.kernel}×{self.kernel}, {activation(self.slope)}"

    def problem(self, data: DatasetFacts, dataset: str) -> str | None:
        """A kernel has to fit into an image."""
        return _kernel_problem(self.kernel, data, dataset)

    def arguments(self, data: DatasetFacts) -> tuple[object, ...]:
        """As the module has them."""
        return data.channels, data.side, self.filters, self.kernel, data.classes, self.slope

    def tensors(self, data: DatasetFacts) -> list[TensorFacts]:
        """Hidden layer and classifier."""
        positions, patch = _patches(data, self.kernel)
        hidden = layer("hidden", patch, positions * self.filters)
        return [*hidden, *layer("classifier", self.filters * positions, data.classes, classifier=True)]

    def blocks(self) -> Mapping[str, tuple[str, ...]]:
        """Hidden layer and classifier."""
        return {"local layer": ("hidden.",), "classifier": ("classifier.",)}

    def sizes(self, data: DatasetFacts) -> Sizes:
        """Its sizes on a data set."""
        positions, patch = _patches(data, self.kernel)
        products = self.filters * positions * (patch + data.classes)
        stem = positions * self.filters * (patch + 1)
        return self._sizes(data, products, positions * (self.filters + patch), max(data.features, self.filters * positions), stem)

    def stem(self, data: DatasetFacts, images: float) -> Load:
        """The hidden layer."""
        positions, patch = _patches(data, self.kernel)
        return product(images, patch, self.filters, positions) + Load(3, 0, 2 * images * data.features)

    def trunk(self, data: DatasetFacts, images: float) -> Load:
        """The classifier."""
        positions, _ = _patches(data, self.kernel)
        moved = Load(3 + MATRIX_CALLS * positions, 0, images * positions * self.filters)
        return dense([self.filters * positions, data.classes], images) + moved


class Attention(Architecture):
    """One attention layer with ViT's patch embedding, norms and classifier; no skip, no MLP (paper, appendix D)."""

    name: Literal["attention"] = "attention"
    patch: int = Field(4, ge=1, le=64, description="Patch side; must divide the image. The paper uses 4.")
    heads: int = Field(8, ge=1, le=64, description="Attention heads. The paper uses 8.")
    head_dim: int = Field(48, ge=1, le=512, description="Dimension of a head. The paper uses 48.")

    title = "One attention layer"
    module = "lmc_core.models.attention:SingleAttention"
    large_by = "heads"
    stacks = True

    @property
    def words(self) -> str:
        """As in: One attention layer, 8 heads of 48, patches of 4×4."""
        return f"One attention layer, {self.heads} heads of {self.head_dim}, patches of {self.patch}×{self.patch}"

    def problem(self, data: DatasetFacts, dataset: str) -> str | None:
        """Patches have to cover an image."""
        if data.side % self.patch:
            return f"‹architecture.patch› is {self.patch}, which does not divide the {data.side} pixels of {dataset}"
        return None

    def arguments(self, data: DatasetFacts) -> tuple[object, ...]:
        """As the module has them."""
        return data.channels, data.side, self.patch, self.heads, self.head_dim, data.classes

    def tensors(self, data: DatasetFacts) -> list[TensorFacts]:
        """Embedding with class token and positions, attention, norms, classifier."""
        (patches, patch), d = _patches(data, self.patch), self.heads * self.head_dim
        free = [TensorFacts("class_token", d, "embedding"), TensorFacts("positions", (patches + 1) * d, "embedding")]
        matrices = [tensor for name in ("query", "key", "value", "output") for tensor in layer(name, d, d, places=patches + 1)]
        norms = [*norm("norm1", d), *matrices, *norm("norm2", d), *norm("final_norm", d)]
        return [*free, *layer("embedding", patch, d, places=patches), *norms, *layer("classifier", d, data.classes, classifier=True)]

    def blocks(self) -> Mapping[str, tuple[str, ...]]:
        """Embeddings, attention, classifier."""
        return {
            "embeddings": ("class_token", "positions", "embedding."),
            "attention": ("norm1.", "query.", "key.", "value.", "output.", "norm2."),
            "classifier": ("final_norm.", "classifier."),
        }

    def sizes(self, data: DatasetFacts) -> Sizes:
        """Its sizes on a data set."""
        (patches, patch), heads, d = _patches(data, self.patch), self.heads, self.heads * self.head_dim
        tokens = patches + 1
        products = patches * patch * d + 4 * tokens * d * d + 2 * tokens * tokens * d + d * data.classes
        return self._sizes(data, products, 10 * tokens * d + 2 * heads * tokens * tokens, tokens * d, patch * d + d)

    def stem(self, data: DatasetFacts, images: float) -> Load:
        """The embedding."""
        (patches, patch), d = _patches(data, self.patch), self.heads * self.head_dim
        return product(images * patches, patch, d) + Load(4, 0, 3 * images * patches * d)

    def trunk(self, data: DatasetFacts, images: float) -> Load:
        """The rest, as `lmc_core.models.stacked.attention` computes it."""
        (patches, _), heads, d = _patches(data, self.patch), self.heads, self.heads * self.head_dim
        scores = product(images * patches, d, heads) + product(heads, patches, d, images)
        rest = product(images, d, self.head_dim, heads) + product(images, d, d) + product(images, d, data.classes)
        return scores + rest + Load(60, 0, images * (8 * patches * d + 24 * patches * heads + 60 * d))


class ViT(Architecture):
    """Vision transformer: transformers' own ViTForImageClassification (Dosovitskiy et al. 2021), with any of its configurations."""

    neutral_additions = frozenset({"crop"})

    name: Literal["vit"] = "vit"
    side: int = Field(32, ge=2, le=1_024, description="Pixels to which each image is resized before the network sees it.")
    patch: int = Field(4, ge=1, le=256, description="Patch side; must divide the resized image.")
    width: int = Field(64, ge=2, le=4_096, description="Dimension of a token; a multiple of the heads.")
    layers: int = Field(4, ge=1, le=64, description="Blocks of attention and MLP.")
    heads: int = Field(4, ge=1, le=64, description="Attention heads of a block.")
    mlp: int = Field(128, ge=1, le=32_768, description="Hidden units of a block's MLP.")
    mean: tuple[float, ...] | None = Field(
        None, max_length=MOST_CHANNELS, description="Mean of each channel that images are normalised with; empty takes the data's."
    )
    std: tuple[Annotated[float, Field(gt=0)], ...] | None = Field(
        None,
        max_length=MOST_CHANNELS,
        description="Standard deviation of each channel that images are normalised with; empty takes the data's.",
    )
    resample: Literal["bilinear", "bicubic", "lanczos"] = Field("bilinear", description="How images are resized.")
    crop: float = Field(
        1.0,
        ge=0.1,
        le=1,
        description="Part of each side that is cut out of the middle of the resized image; DeiT sees 224 of 256 pixels, 0.875.",
    )
    attention: Literal["eager", "sdpa"] = Field("eager", description="The implementation of attention; they differ by rounding.")
    norm_epsilon: float = Field(1e-12, gt=0, le=1e-3, description="What norms add to the variance; transformers' default is 1e-12.")

    title = "Vision transformer"
    module = "lmc_core.models.vit:vision_transformer"
    packages = ("transformers",)
    in_parts = True
    fits_any_side = True

    @property
    def words(self) -> str:
        """As in: ViT, 4 blocks of width 64, patches of 4×4 at 32×32."""
        blocks = "1 block" if self.layers == 1 else f"{self.layers:,} blocks"
        return f"ViT, {blocks} of width {self.width}, patches of {self.patch}×{self.patch} at {self.side}×{self.side}"

    @property
    def engine_words(self) -> str:
        """Which attention."""
        return f", {self.attention} attention"

    def problem(self, data: DatasetFacts, dataset: str) -> str | None:
        """Patches have to cover an image, heads to share the width, and channels to be the data's."""
        if self.side % self.patch:
            return f"‹architecture.patch› is {self.patch}, which does not divide the {self.side} pixels of ‹architecture.side›"
        if self.width % self.heads:
            return f"‹architecture.width› is {self.width}, which is no multiple of the {self.heads} of ‹architecture.heads›"
        if data.channels not in (1, self.channels(data)):
            seen = self.channels(data)
            return f"‹architecture.mean› is for {seen}-channel images, but {dataset} has {data.channels}-channel ones"
        return None

    def arguments(self, data: DatasetFacts) -> tuple[object, ...]:
        """The architecture itself, from which the module makes the configuration of transformers."""
        return self, self.channels(data), data.classes

    def at_side(self, side: int | None) -> "ViT":
        """With the side that is the next lower multiple of the patch."""
        return self if side is None else self.model_copy(update={"side": max(side - side % self.patch, self.patch)})

    def input_numbers(self, data: DatasetFacts) -> int:
        """Those of the resized image."""
        return self.channels(data) * self.side**2

    def tensors(self, data: DatasetFacts) -> list[TensorFacts]:
        """As transformers names them."""
        d, patches, patch = self.width, (self.side // self.patch) ** 2, self.channels(data) * self.patch**2
        tokens = patches + 1
        free = [("cls_token", d), ("position_embeddings", tokens * d)]
        found = [TensorFacts(f"vit.embeddings.{name}", size, "embedding") for name, size in free]
        found += layer("vit.embeddings.patch_embeddings.projection", patch, d, places=patches)
        for place in range(self.layers):
            block = f"vit.layers.{place}"
            for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
                found += layer(f"{block}.attention.{name}", d, d, places=tokens)
            found += [*norm(f"{block}.layernorm_before", d), *norm(f"{block}.layernorm_after", d)]
            found += layer(f"{block}.mlp.fc1", d, self.mlp, places=tokens) + layer(f"{block}.mlp.fc2", self.mlp, d, places=tokens)
        return [*found, *norm("vit.layernorm", d), *layer("classifier", d, data.classes, classifier=True)]

    def blocks(self) -> Mapping[str, tuple[str, ...]]:
        """Embeddings, encoder layers, classifier."""
        encoder = {f"encoder layer {place + 1}": (f"vit.layers.{place}.",) for place in range(self.layers)}
        return {"embeddings": ("vit.embeddings.",), **encoder, "classifier": ("vit.layernorm.", "classifier.")}

    def sizes(self, data: DatasetFacts) -> Sizes:
        """Its sizes on a data set."""
        channels, tokens, d = self.channels(data), (self.side // self.patch) ** 2 + 1, self.width
        products_of_block = tokens * (4 * d * d + 2 * d * self.mlp) + 2 * tokens * tokens * d
        products = (tokens - 1) * channels * self.patch**2 * d + self.layers * products_of_block + d * data.classes
        units = self.layers * (tokens * (10 * d + 2 * self.mlp) + 2 * self.heads * tokens * tokens)
        widest = max(tokens * self.mlp, tokens * tokens * self.heads, channels * self.side**2)
        return self._sizes(data, products, units, widest)

    def numbers_of_an_image(self, data: DatasetFacts) -> int:
        """Autograd lets go of a block's numbers as it passes."""
        return self.sizes(data).units + self.input_numbers(data)

    def trunk(self, data: DatasetFacts, images: float) -> Load:
        """All of it, as `lmc_core.models.stacked.vision` computes it: of its last layer the class token alone."""
        tokens, d, heads, patch = (self.side // self.patch) ** 2 + 1, self.width, self.heads, self.channels(data) * self.patch**2
        rows, scores = images * tokens, images * heads * tokens * tokens
        parts = math.ceil(images / max(1, SCORES // (heads * tokens * tokens)))
        attended = product(tokens, d // heads, tokens, images * heads) * 2 + Load(10 * parts, 0, 4 * scores)
        projected = product(rows, d, 3 * d) + product(rows, d, d) + product(rows, d, self.mlp) * 2
        block = projected + attended + Load(36, 0, rows * (16 * d + 8 * self.mlp))
        single = product(images, d, d) * 2 + product(images, d, self.mlp) * 2 + product(heads, d, tokens, images) * 2
        last = single + Load(50, 0, 6 * rows * d)
        embedded = product(images * (tokens - 1), patch, d) + Load(30, 0, 6 * rows * d + PATCHED * images * (tokens - 1) * patch)
        return embedded + block * (self.layers - 1) + last + product(images, d, data.classes)

    def channels(self, data: DatasetFacts) -> int:
        """Channels that the network sees: one for each mean; grey images are repeated in all of them."""
        return data.channels if self.mean is None else len(self.mean)

    @model_validator(mode="after")
    def _mean_and_std_belong_together(self) -> Self:
        mean, std = (None if numbers is None else len(numbers) for numbers in (self.mean, self.std))
        if mean != std or mean == 0:
            raise ValueError(
                f"‹architecture.mean› and ‹architecture.std› need one number for each channel, and they have {mean or 0} and {std or 0}; "
                "give as many of each, or leave both empty"
            )
        return self


class Start(Frozen):
    """Weights to begin with instead of drawn ones: a folder written by `save_pretrained`, or a name on the Hugging Face hub."""

    checkpoint: str = Field(
        "",
        max_length=500,
        description="A name in the models' folder or on the Hugging Face hub; empty draws the initialisation from the seed.",
    )
    fingerprint: str = Field(
        "",
        pattern="^([0-9a-f]{20})?$",
        description="The weights' own hash, filled in when the checkpoint is found: a folder with other weights is another run.",
    )

    @field_validator("checkpoint")
    @classmethod
    def _name_can_be_written(cls, name: str) -> str:
        if any(unicodedata.category(letter) == "Cc" for letter in name):
            raise ValueError("‹start.checkpoint› has a control character, which no name of a checkpoint has")
        return name


ArchitectureSpec = Annotated[LinearNet | MLP | CNN | LocallyConnected | Attention | ViT, Field(discriminator="name")]
ARCHITECTURES: dict[str, type[Architecture]] = {
    model.model_fields["name"].default: model for model in get_args(get_args(ArchitectureSpec)[0])
}
"""All architectures by name."""


@lru_cache(maxsize=4_096)
def sizes_of(architecture: Architecture, data: DatasetFacts) -> Sizes:
    """An architecture's sizes on a data set, remembered: pages ask many times a second."""
    return architecture.sizes(data)
