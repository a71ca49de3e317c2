"""The blocks that a network is made of, from the input to the classifier. Imports no torch: the web process asks, too."""

from collections.abc import Mapping

from lmc_core.models.spec import CNN, MLP, ArchitectureSpec, Attention, LinearNet, LocallyConnected, ViT


def blocks_of(architecture: ArchitectureSpec) -> Mapping[str, tuple[str, ...]]:
    """The names of the blocks, from the bottom on, each with what the names of its parameters begin with.

    Every parameter of `build(spec)` belongs to exactly one block: a weight layer with its bias, an encoder layer of a vision
    transformer with its norms, or what stands below and above those.
    """
    match architecture:
        case LinearNet(depth=depth) | MLP(depth=depth):
            return {f"layer {layer + 1}": (f"layers.{layer}.",) for layer in range(depth)}
        case CNN():
            return {"convolution": ("hidden.",), "classifier": ("classifier.",)}
        case LocallyConnected():
            return {"local layer": ("hidden.",), "classifier": ("classifier.",)}
        case Attention():
            return {
                "embeddings": ("class_token", "positions", "embedding."),
                "attention": ("norm1.", "query.", "key.", "value.", "output.", "norm2."),
                "classifier": ("final_norm.", "classifier."),
            }
        case ViT(layers=layers):
            encoder = {f"encoder layer {layer + 1}": (f"vit.layers.{layer}.",) for layer in range(layers)}
            return {"embeddings": ("vit.embeddings.",), **encoder, "classifier": ("vit.layernorm.", "classifier.")}


def block_line_count(architecture: ArchitectureSpec) -> int:
    """How many lines with only some blocks there are besides the one on which all of them move."""
    blocks = len(blocks_of(architecture))
    return 3 * blocks - 4 if blocks > 1 else 0
