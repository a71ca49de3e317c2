"""From an architecture in a spec to its plain module."""

from torch import nn

from lmc_core.data.spec import DatasetFacts
from lmc_core.models import spec as specs
from lmc_core.models.attention import SingleAttention
from lmc_core.models.convolutional import Convolutional
from lmc_core.models.fully_connected import FullyConnected
from lmc_core.models.locally_connected import LocallyConnectedNet


def module_of(architecture: specs.ArchitectureSpec, data: DatasetFacts) -> nn.Module:
    """The plain torch.nn module of an architecture, for images and classes such as the data set's.

    It maps normalised images [B, C, H, W] to logits [B, classes] and knows nothing of twins, seeds or training. Its own
    weights are PyTorch's defaults; `drawn` gives those that a run starts from.
    """
    match architecture:
        case specs.LinearNet(depth=depth, width=width):
            return FullyConnected(data.features, depth, width, data.classes, slope=1.0)
        case specs.MLP(depth=depth, width=width, slope=slope):
            return FullyConnected(data.features, depth, width, data.classes, slope)
        case specs.CNN(filters=filters, kernel=kernel, slope=slope):
            return Convolutional(data.channels, data.side, filters, kernel, data.classes, slope)
        case specs.LocallyConnected(filters=filters, kernel=kernel, slope=slope):
            return LocallyConnectedNet(data.channels, data.side, filters, kernel, data.classes, slope)
        case specs.Attention(patch=patch, heads=heads, head_dim=head_dim):
            return SingleAttention(data.channels, data.side, patch, heads, head_dim, data.classes)
        case specs.ViT() as vit:
            from lmc_core.models.vit import VisionTransformer, configuration  # transformers takes seconds to import

            return VisionTransformer(configuration(vit, vit.channels(data), data.classes))
