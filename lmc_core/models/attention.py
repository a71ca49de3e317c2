"""The paper's single-attention-layer model."""

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn
from torch.nn import functional as F

NORM_EPSILON = 1e-6
"""As in ViT (Dosovitskiy et al. 2021, the authors' code)."""


class SingleAttention(nn.Module, PyTorchModelHubMixin):
    """ViT with one block that has neither skip connections nor an MLP (paper, appendix D).

    Patch embedding, class token and positions, norm, attention, norm, final norm, classifier on the class token: "we don't
    modify the patch embeddings, normalizations and the classifier layer". On CIFAR-10 with patch 4 and 8 heads of 48 that
    makes 641,674 parameters. The paper's text says about 1.08M, which seven instead of four d × d matrices would give
    (1,083,658); it does not say where the others would stand.

    Args:
        channels: of the image.
        side: of the image, in pixels; a whole number of patches.
        patch: side of a patch.
        heads: attention heads.
        head_dim: dimension of a head; the model's dimension d is heads × head_dim.
        classes: outputs of the classifier.
    """

    def __init__(self, channels: int, side: int, patch: int, heads: int, head_dim: int, classes: int) -> None:
        super().__init__()
        d = heads * head_dim
        self.heads = heads
        self.class_token = nn.Parameter(torch.zeros(d))
        self.positions = nn.Parameter(torch.zeros(1 + (side // patch) ** 2, d))
        self.embedding = nn.Conv2d(channels, d, patch, stride=patch)
        self.norm1 = nn.LayerNorm(d, NORM_EPSILON)
        self.query, self.key, self.value, self.output = (nn.Linear(d, d) for _ in range(4))
        self.norm2 = nn.LayerNorm(d, NORM_EPSILON)
        self.final_norm = nn.LayerNorm(d, NORM_EPSILON)
        self.classifier = nn.Linear(d, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, classes] of images [B, C, H, W]."""
        patches = self.embedding(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_token.expand(len(images), 1, -1), patches], 1) + self.positions
        normed = self.norm1(tokens)
        query, key, value = (layer(normed).unflatten(2, (self.heads, -1)).transpose(1, 2) for layer in (self.query, self.key, self.value))
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        encoded = self.final_norm(self.norm2(self.output(mixed)))
        logits: Tensor = self.classifier(encoded[:, 0])
        return logits
