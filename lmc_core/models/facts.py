"""What is known of a network before it is built: its tensors and its sizes, in closed form."""

from dataclasses import dataclass
from typing import Literal

FLOAT = 4
"""Bytes of a float32."""
KEPT_IMAGES = 2**30
"""Most bytes of memory that the images of a split, made ready for the network, may take beside their original bytes."""

Role = Literal["weight", "bias", "scale", "shift", "embedding"]
"""Matrix or kernel of a layer and its bias, scale and shift of a norm, and what is none of these, such as positions."""


@dataclass(frozen=True)
class TensorFacts:
    """A parameter tensor of a network.

    Attributes:
        name: under which the plain module has it.
        size: numbers in it.
        role: what it is; pruning asks.
        classifier: whether it belongs to the last layer.
        outputs: of a weight, the units that it makes for one image, at one place.
        places: of a weight, how many places of an image it is applied to.
    """

    name: str
    size: int
    role: Role
    classifier: bool = False
    outputs: int = 1
    places: int = 1

    @property
    def inputs(self) -> int:
        """Of a weight: inputs of one unit."""
        return self.size // self.outputs


@dataclass(frozen=True)
class Sizes:
    """Sizes of an architecture on a data set."""

    parameters: int
    products: int
    """Multiply-adds of one image's forward pass."""
    units: int
    """Numbers that one image's forward pass keeps for the backward pass."""
    widest: int
    """Numbers that one image has at the widest place."""
    stem: int = 0
    """Of the parameters, those of the first layer, whose output on a line between two networks is linear in alpha."""
    tensors: int = 4
    """In which the parameters lie."""


def layer(name: str, inputs: int, outputs: int, *, places: int = 1, classifier: bool = False) -> list[TensorFacts]:
    """Weight and bias of a layer."""
    weight = TensorFacts(f"{name}.weight", inputs * outputs, "weight", classifier, outputs, places)
    return [weight, TensorFacts(f"{name}.bias", outputs, "bias", classifier)]


def norm(name: str, width: int) -> list[TensorFacts]:
    """Scale and shift of a norm."""
    return [TensorFacts(f"{name}.weight", width, "scale"), TensorFacts(f"{name}.bias", width, "shift")]
