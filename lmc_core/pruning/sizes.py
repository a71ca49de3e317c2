"""How many weights pruning may take, and how many it leaves: in closed form, without torch."""

from lmc_core.data.spec import DatasetFacts
from lmc_core.models.facts import TensorFacts
from lmc_core.models.spec import Architecture
from lmc_core.pruning.spec import Pruning


def kept(weights: int, density: float) -> int:
    """How many of so many weights a density leaves: the nearest whole number."""
    return round(weights * density)


def prunable_sizes(architecture: Architecture, data: DatasetFacts, pruning: Pruning) -> dict[str, int]:
    """Numbers in each tensor that may be pruned, under the names of `module_of(architecture, data)`, in the network's order."""
    return {tensor.name: tensor.size for tensor in architecture.tensors(data) if may_be_pruned(tensor, pruning)}


def may_be_pruned(tensor: TensorFacts, pruning: Pruning) -> bool:
    """Whether a tensor may be pruned; tokens and positions never are."""
    match tensor.role:
        case "weight":
            return pruning.classifier or not tensor.classifier
        case "bias":
            return pruning.biases and (pruning.classifier or not tensor.classifier)
        case "scale":
            return pruning.norms
        case "shift":
            return pruning.norms and pruning.biases
        case "embedding":
            return False


def refusal(architecture: Architecture, data: DatasetFacts, pruning: Pruning) -> str | None:
    """The sentence that says why a network cannot be pruned so far; None if it can."""
    sizes = prunable_sizes(architecture, data, pruning)
    if not sizes:
        return "Nothing of this network may be pruned: its only weight layer is the classifier; set ‹pruning.classifier› to true."
    total, lowest = sum(sizes.values()), pruning.densities[-1]
    if kept(total, lowest) < 1:
        return (
            f"‹pruning.densities› goes down to {lowest:g}, which leaves none of {total:,} prunable weights; 1 of them is {1 / total:.2g}."
        )
    for name, size in sizes.items() if pruning.threshold_scope == "layer" else ():
        if kept(size, lowest) < 1:
            return (
                f"‹pruning.densities› goes down to {lowest:g}, which leaves none of the {size:,} weights of {name}; "
                f"1 of them is {1 / size:.2g}, or set ‹pruning.scope› to global."
            )
    return None
