"""transformers' vision transformer as a plain module of this program."""

from typing import cast

from torch import Tensor
from transformers import ViTConfig, ViTForImageClassification
from typing_extensions import override

from lmc_core.models.spec import ViT


class VisionTransformer(ViTForImageClassification):  # type: ignore[no-untyped-call] # transformers is not annotated throughout
    """transformers' `ViTForImageClassification` that returns logits; its parameters have the names of the original."""

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, classes] of images [B, C, H, W]."""
        return cast("Tensor", super().forward(pixel_values=images).logits)


def configuration(architecture: ViT, channels: int, classes: int) -> ViTConfig:
    """The configuration of an architecture in transformers: without dropout, with GELU and biases, as in Dosovitskiy et al. (2021).

    Args:
        architecture: sizes, patch, and the implementation of attention.
        channels: of the images that the network sees.
        classes: outputs of the classifier.
    """
    return ViTConfig(  # type: ignore[call-arg] # it takes more than it declares
        image_size=architecture.side,
        patch_size=architecture.patch,
        num_channels=channels,
        hidden_size=architecture.width,
        num_hidden_layers=architecture.layers,
        num_attention_heads=architecture.heads,
        intermediate_size=architecture.mlp,
        layer_norm_eps=architecture.norm_epsilon,
        num_labels=classes,
        attn_implementation=architecture.attention,
    )


def vision_transformer(vit: ViT, channels: int, classes: int) -> VisionTransformer:
    """The module of an architecture for images of so many channels and for so many classes."""
    return VisionTransformer(configuration(vit, channels, classes))
