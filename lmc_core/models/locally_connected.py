"""The locally connected CNN with one hidden layer."""

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn
from torch.nn import functional as F


class LocallyConnected2d(nn.Module):
    """A convolution with kernel = stride whose kernel and bias differ from position to position.

    Attributes:
        weight: [positions, filters, channels, kernel, kernel], positions row by row.
        bias: [positions, filters].
    """

    def __init__(self, channels: int, side: int, filters: int, kernel: int) -> None:
        super().__init__()
        positions = (side // kernel) ** 2
        self.kernel = kernel
        self.weight = nn.Parameter(torch.zeros(positions, filters, channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(positions, filters))

    def forward(self, images: Tensor) -> Tensor:
        """Maps [B, filters, rows, columns] of images [B, C, H, W]."""
        patches = F.unfold(images, self.kernel, stride=self.kernel)
        maps = torch.einsum("bqp,pfq->bfp", patches, self.weight.flatten(2)) + self.bias.T
        return torch.unflatten(maps, 2, (images.shape[2] // self.kernel, images.shape[3] // self.kernel))


class LocallyConnectedNet(nn.Module, PyTorchModelHubMixin):
    """The CNN without weight sharing: locally connected layer, Leaky-ReLU, one classifier (paper, appendix D).

    Args:
        channels: of the image.
        side: of the image, in pixels; what a whole number of kernels does not cover is not looked at.
        filters: output channels at each position.
        kernel: side of the kernel, and the stride.
        classes: outputs of the classifier.
        slope: Leaky-ReLU's slope for negative inputs.
    """

    def __init__(self, channels: int, side: int, filters: int, kernel: int, classes: int, slope: float) -> None:
        super().__init__()
        self.hidden = LocallyConnected2d(channels, side, filters, kernel)
        self.classifier = nn.Linear(filters * (side // kernel) ** 2, classes)
        self.slope = slope

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, classes] of images [B, C, H, W]."""
        logits: Tensor = self.classifier(F.leaky_relu(self.hidden(images), self.slope).flatten(1))
        return logits
