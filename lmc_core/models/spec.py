"""The architectures that can be asked for, and the weights that they begin with."""

import unicodedata
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from lmc_core.data.spec import DatasetFacts
from lmc_core.frozen import Frozen

MOST_CHANNELS = 16
"""Channels of an image that a network can be told of."""

Precision = Literal["float32", "bfloat16"]
"""Of products; what is not a product stays in float32."""


class LinearNet(Frozen):
    """Weight layers without activation; depth 1 is logistic regression (paper, section 3)."""

    name: Literal["linear"] = "linear"
    depth: int = Field(1, ge=1, le=32, description="Weight layers: 1 is logistic regression. The paper uses 1, 2, 4, 8 (table 1).")
    width: int = Field(512, ge=1, le=65_536, description="Hidden units of each layer but the last; unused at depth 1.")


class MLP(Frozen):
    """Fully connected layers with Leaky-ReLU between them; depth 2 is the paper's minimal model."""

    name: Literal["mlp"] = "mlp"
    depth: int = Field(2, ge=1, le=32, description="Weight layers: 2 is one hidden layer, the paper's minimal model.")
    width: int = Field(512, ge=1, le=65_536, description="Hidden units of each layer. The paper does not print its width.")
    slope: float = Field(
        0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity (paper, figure 1)."
    )


class CNN(Frozen):
    """One convolution with kernel = stride and no padding, Leaky-ReLU, classifier (paper, appendix D)."""

    name: Literal["cnn"] = "cnn"
    filters: int = Field(128, ge=1, le=4_096, description="Output channels of the hidden layer; 128 gives the paper's table 3.")
    kernel: int = Field(4, ge=1, le=64, description="Kernel side, equal to the stride. The paper uses 4.")
    slope: float = Field(0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity.")


class LocallyConnected(Frozen):
    """The CNN with another kernel at each position: locality without weight sharing (paper, appendix D)."""

    name: Literal["lc_cnn"] = "lc_cnn"
    filters: int = Field(128, ge=1, le=4_096, description="Output channels at each position; 128 gives the paper's table 3.")
    kernel: int = Field(4, ge=1, le=64, description="Kernel side, equal to the stride. The paper uses 4.")
    slope: float = Field(0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity.")


class Attention(Frozen):
    """One attention layer with ViT's patch embedding, norms and classifier; no skip, no MLP (paper, appendix D)."""

    name: Literal["attention"] = "attention"
    patch: int = Field(4, ge=1, le=64, description="Patch side; must divide the image. The paper uses 4.")
    heads: int = Field(8, ge=1, le=64, description="Attention heads. The paper uses 8.")
    head_dim: int = Field(48, ge=1, le=512, description="Dimension of a head. The paper uses 48.")


class ViT(Frozen):
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
