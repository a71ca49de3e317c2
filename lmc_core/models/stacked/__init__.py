"""One forward over stacked parameters [K, ...]: what the engine runs, held against the plain modules by tests."""

from functools import partial

import torch

from lmc_core.data.preprocessing import Preprocessing
from lmc_core.data.spec import DatasetFacts
from lmc_core.models import spec as specs
from lmc_core.models.build import module_of
from lmc_core.models.stacked.arrangement import flat, patches
from lmc_core.models.stacked.attention import AttentionStack
from lmc_core.models.stacked.chain import Chain
from lmc_core.models.stacked.collapsed import CollapsedChain
from lmc_core.models.stacked.layers import Dense, LocalClassifier, LocalPatches, SharedClassifier, SharedPatches
from lmc_core.models.stacked.layout import Layout
from lmc_core.models.stacked.module_stack import ModuleStack
from lmc_core.models.stacked.network import Parameters, Slope, StackedNet
from lmc_core.models.stacked.samples import Samples
from lmc_core.models.stacked.scratch import Scratch

__all__ = ["Layout", "Parameters", "Samples", "Scratch", "Slope", "StackedNet", "slope_of", "stack_of"]

HIDDEN = ("hidden.weight", "hidden.bias")
CLASSIFIER = ("classifier.weight", "classifier.bias")


def stack_of(architecture: specs.Architecture, data: DatasetFacts, precision: specs.Precision, images_at_once: int) -> StackedNet:
    """A network as a function of stacked parameters under the names of `module_of(architecture, data).state_dict()`.

    Args:
        architecture: of the network.
        data: facts of the data set.
        precision: of products.
        images_at_once: how many images of a batch a vision transformer sees at a time.
    """
    with torch.device("meta"):
        layout = Layout.of(module_of(architecture, data))
    match architecture:
        case specs.LinearNet(depth=depth, width=width) | specs.MLP(depth=depth, width=width):
            dense = [Dense(f"layers.{layer}.weight", f"layers.{layer}.bias", precision) for layer in range(depth)]
            widest = max(data.features, width if depth > 1 else 0)
            if depth > 1 and isinstance(architecture, specs.LinearNet):
                return CollapsedChain(layout, dense, widest, flat)
            return Chain(layout, dense[0], dense[1:], widest, flat)
        case specs.CNN(filters=filters, kernel=kernel):
            positions = (data.side // kernel) ** 2
            shared = SharedPatches(*HIDDEN, precision), [SharedClassifier(*CLASSIFIER, precision, positions)]
            return Chain(layout, *shared, max(data.features, filters * positions), partial(patches, side=kernel))
        case specs.LocallyConnected(filters=filters, kernel=kernel):
            positions = (data.side // kernel) ** 2
            local = LocalPatches(*HIDDEN, precision), [LocalClassifier(*CLASSIFIER, precision, positions)]
            return Chain(layout, *local, max(data.features, filters * positions), partial(patches, side=kernel))
        case specs.Attention(patch=patch, heads=heads):
            return AttentionStack(layout, patch, heads, precision)
        case specs.ViT() as vit:
            from lmc_core.models.stacked.vision import quickened  # transformers takes seconds to import

            tokens = (vit.side // vit.patch) ** 2 + 1
            widest = max(tokens * vit.mlp, tokens * tokens * vit.heads, vit.channels(data) * vit.side**2)
            preprocessing = Preprocessing(vit.side, vit.resample, vit.mean, vit.std, vit.crop)
            return ModuleStack(partial(quickened, vit, data), layout, widest, precision, preprocessing, images_at_once)
        case _:
            build = partial(module_of, architecture, data)
            return ModuleStack(build, layout, specs.sizes_of(architecture, data).widest, precision, Preprocessing(), images_at_once)


def slope_of(architecture: specs.Architecture) -> float:
    """Leaky-ReLU's slope in an architecture; 1, the identity, where it has no activation."""
    return getattr(architecture, "slope", 1.0)
