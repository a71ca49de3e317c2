"""The tensors of a checkpoint without those of the classifier: their names in the file and in the module, and their shapes."""

from dataclasses import dataclass

from lmc_core.models.spec import CNN, MLP, ArchitectureSpec, Attention, LinearNet, LocallyConnected, ViT

WEIGHTS = "model.safetensors"
INDEX = f"{WEIGHTS}.index.json"
"""What names the files of weights that are saved in several."""
CONFIG = "config.json"
PROCESSOR = "preprocessor_config.json"
NESTED = "processor_config.json"
"""Where transformers 5 may keep the image processor, as a section `image_processor`, which then comes first."""


@dataclass(frozen=True)
class Stored:
    """A tensor of a checkpoint.

    Attributes:
        name: of the parameter in `build(spec)`.
        file_name: in model.safetensors; transformers keeps the names of its first ViT there.
        shape: in both.
    """

    name: str
    file_name: str
    shape: tuple[int, ...]


def stored_tensors(architecture: ArchitectureSpec, channels: int, side: int) -> list[Stored]:
    """What a checkpoint of an architecture holds, but for the classifier, which is drawn anew for each data set.

    Args:
        architecture: of the network.
        channels: of its images.
        side: of its images, in pixels.
    """
    shapes: dict[str, tuple[int, ...]]
    match architecture:
        case ViT():
            return _vit(architecture, channels)
        case LinearNet(depth=depth, width=width) | MLP(depth=depth, width=width):
            inputs = [channels * side**2, *[width] * (depth - 2)]
            shapes = {f"layers.{place}": (width, size) for place, size in enumerate(inputs[: depth - 1])}
        case CNN(filters=filters, kernel=kernel):
            shapes = {"hidden": (filters, channels, kernel, kernel)}
        case LocallyConnected(filters=filters, kernel=kernel):
            positions = (side // kernel) ** 2
            kernels, biases = (positions, filters, channels, kernel, kernel), (positions, filters)
            return [Stored("hidden.weight", "hidden.weight", kernels), Stored("hidden.bias", "hidden.bias", biases)]
        case Attention(patch=patch, heads=heads, head_dim=head_dim):
            return _attention(channels, side, patch, heads * head_dim)
    return [stored for name, shape in shapes.items() for stored in _layer(name, name, shape)]


def _layer(name: str, file_name: str, shape: tuple[int, ...]) -> list[Stored]:
    return [Stored(f"{name}.weight", f"{file_name}.weight", shape), Stored(f"{name}.bias", f"{file_name}.bias", shape[:1])]


def _attention(channels: int, side: int, patch: int, d: int) -> list[Stored]:
    tokens = [Stored("class_token", "class_token", (d,)), Stored("positions", "positions", (1 + (side // patch) ** 2, d))]
    shapes: dict[str, tuple[int, ...]] = {
        "embedding": (d, channels, patch, patch),
        "norm1": (d,),
        **dict.fromkeys(("query", "key", "value", "output"), (d, d)),
        **dict.fromkeys(("norm2", "final_norm"), (d,)),
    }
    return tokens + [stored for name, shape in shapes.items() for stored in _layer(name, name, shape)]


def _vit(architecture: ViT, channels: int) -> list[Stored]:
    d, hidden, patch = architecture.width, architecture.mlp, architecture.patch
    tokens = 1 + (architecture.side // patch) ** 2
    own = "vit.embeddings"
    tensors = [
        Stored(f"{own}.cls_token", f"{own}.cls_token", (1, 1, d)),
        Stored(f"{own}.position_embeddings", f"{own}.position_embeddings", (1, tokens, d)),
        *_layer(f"{own}.patch_embeddings.projection", f"{own}.patch_embeddings.projection", (d, channels, patch, patch)),
    ]
    parts: tuple[tuple[str, str, tuple[int, ...]], ...] = (
        ("attention.q_proj", "attention.attention.query", (d, d)),
        ("attention.k_proj", "attention.attention.key", (d, d)),
        ("attention.v_proj", "attention.attention.value", (d, d)),
        ("attention.o_proj", "attention.output.dense", (d, d)),
        ("layernorm_before", "layernorm_before", (d,)),
        ("layernorm_after", "layernorm_after", (d,)),
        ("mlp.fc1", "intermediate.dense", (hidden, d)),
        ("mlp.fc2", "output.dense", (d, hidden)),
    )
    for block in range(architecture.layers):
        for name, file_name, shape in parts:
            tensors += _layer(f"vit.layers.{block}.{name}", f"vit.encoder.layer.{block}.{file_name}", shape)
    return tensors + _layer("vit.layernorm", "vit.layernorm", (d,))
