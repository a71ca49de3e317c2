"""Linear nets and MLPs: weight layers on the flattened image, with Leaky-ReLU between them or nothing."""

from itertools import pairwise

from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn
from torch.nn import functional as F


class FullyConnected(nn.Module, PyTorchModelHubMixin):
    """A stack of weight layers; slope 1 makes it a linear net (paper, section 2).

    Args:
        features: numbers in one image.
        depth: weight layers; 1 is logistic regression.
        width: units of each layer but the last.
        classes: units of the last layer.
        slope: Leaky-ReLU's slope for negative inputs: 0 is ReLU, 1 the identity.
    """

    def __init__(self, features: int, depth: int, width: int, classes: int, slope: float) -> None:
        super().__init__()
        sizes = [features, *[width] * (depth - 1), classes]
        self.layers = nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in pairwise(sizes))
        self.slope = slope

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, classes] of images [B, C, H, W]."""
        hidden = images.flatten(1)
        for position, layer in enumerate(self.layers):
            hidden = layer(hidden if position == 0 else F.leaky_relu(hidden, self.slope))
        return hidden
