"""How many weights pruning may take, and how many it leaves: in closed form, without torch."""

from itertools import pairwise

from lmc_core.data.spec import DatasetFacts
from lmc_core.models.spec import CNN, MLP, ArchitectureSpec, Attention, LinearNet, LocallyConnected, ViT
from lmc_core.pruning.spec import Iterative, Magnitude, Pruning, Random, Snip


def kept(weights: int, density: float) -> int:
    """How many of so many weights a density leaves: the nearest whole number."""
    return round(weights * density)


def prunable_sizes(architecture: ArchitectureSpec, data: DatasetFacts, pruning: Pruning) -> dict[str, int]:
    """Numbers in each tensor that may be pruned, under the names of `module_of(architecture, data)`, in the network's order."""
    return {name: size for name, size, prunable in _tensors(architecture, data, pruning) if prunable}


def refusal(architecture: ArchitectureSpec, data: DatasetFacts, pruning: Pruning) -> str | None:
    """The sentence that says why a network cannot be pruned so far; None if it can."""
    sizes = prunable_sizes(architecture, data, pruning)
    if not sizes:
        return "Nothing of this network may be pruned: its only weight layer is the classifier; set ‹pruning.classifier› to true."
    total, lowest = sum(sizes.values()), pruning.densities[-1]
    if kept(total, lowest) < 1:
        return (
            f"‹pruning.densities› goes down to {lowest:g}, which leaves none of {total:,} prunable weights; 1 of them is {1 / total:.2g}."
        )
    match pruning:
        case Magnitude(scope="layer") | Random(scope="layer") | Iterative(scope="layer") | Snip(scope="layer"):
            for name, size in sizes.items():
                if kept(size, lowest) < 1:
                    return (
                        f"‹pruning.densities› goes down to {lowest:g}, which leaves none of the {size:,} weights of {name}; "
                        f"1 of them is {1 / size:.2g}, or set ‹pruning.scope› to global."
                    )
    return None


def _tensors(architecture: ArchitectureSpec, data: DatasetFacts, pruning: Pruning) -> list[tuple[str, int, bool]]:
    """Name, size and whether it may be pruned, of the parameters of every layer; tokens and positions are left out."""

    def layer(name: str, weights: int, units: int, last: bool = False) -> list[tuple[str, int, bool]]:
        asked = pruning.classifier or not last
        return [(f"{name}.weight", weights, asked), (f"{name}.bias", units, asked and pruning.biases)]

    def norm(name: str, d: int) -> list[tuple[str, int, bool]]:
        return [(f"{name}.weight", d, pruning.norms), (f"{name}.bias", d, pruning.norms and pruning.biases)]

    match architecture:
        case LinearNet(depth=depth, width=width) | MLP(depth=depth, width=width):
            sizes = list(pairwise([data.features, *[width] * (depth - 1), data.classes]))
            return [
                tensor
                for place, (inputs, outputs) in enumerate(sizes)
                for tensor in layer(f"layers.{place}", inputs * outputs, outputs, last=place == depth - 1)
            ]
        case CNN(filters=filters, kernel=kernel):
            positions, patch = (data.side // kernel) ** 2, data.channels * kernel**2
            hidden, units = layer("hidden", filters * patch, filters), filters * positions
        case LocallyConnected(filters=filters, kernel=kernel):
            positions, patch = (data.side // kernel) ** 2, data.channels * kernel**2
            hidden, units = layer("hidden", positions * filters * patch, positions * filters), filters * positions
        case Attention(patch=side, heads=heads, head_dim=head_dim):
            units = heads * head_dim
            embedding = layer("embedding", data.channels * side**2 * units, units)
            matrices = [tensor for name in ("query", "key", "value", "output") for tensor in layer(name, units * units, units)]
            hidden = [*embedding, *norm("norm1", units), *matrices, *norm("norm2", units), *norm("final_norm", units)]
        case ViT(patch=side, width=units) as vit:
            hidden = layer("vit.embeddings.patch_embeddings.projection", vit.channels(data) * side**2 * units, units)
            for place in range(vit.layers):
                block = f"vit.layers.{place}"
                for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
                    hidden += layer(f"{block}.attention.{name}", units * units, units)
                hidden += [*norm(f"{block}.layernorm_before", units), *norm(f"{block}.layernorm_after", units)]
                hidden += [*layer(f"{block}.mlp.fc1", units * vit.mlp, vit.mlp), *layer(f"{block}.mlp.fc2", vit.mlp * units, units)]
            hidden += norm("vit.layernorm", units)
    return [*hidden, *layer("classifier", units * data.classes, data.classes, last=True)]
