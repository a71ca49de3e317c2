"""The CNN with one hidden layer."""

from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn
from torch.nn import functional as F


class Convolutional(nn.Module, PyTorchModelHubMixin):
    """One convolution with kernel = stride and no padding, Leaky-ReLU, one classifier (paper, appendix D).

    Args:
        channels: of the image.
        side: of the image, in pixels; what a whole number of kernels does not cover is not looked at.
        filters: output channels.
        kernel: side of the kernel, and the stride.
        classes: outputs of the classifier.
        slope: Leaky-ReLU's slope for negative inputs.
    """

    def __init__(self, channels: int, side: int, filters: int, kernel: int, classes: int, slope: float) -> None:
        super().__init__()
        self.hidden = nn.Conv2d(channels, filters, kernel, stride=kernel)
        self.classifier = nn.Linear(filters * (side // kernel) ** 2, classes)
        self.slope = slope

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, classes] of images [B, C, H, W]."""
        logits: Tensor = self.classifier(F.leaky_relu(self.hidden(images), self.slope).flatten(1))
        return logits
