"""What the engine needs of a network whose members are stacked."""

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor

from lmc_core.data.preprocessing import Preprocessing
from lmc_core.models.stacked.layout import Layout
from lmc_core.models.stacked.scratch import Scratch

Parameters = Mapping[str, Tensor]
"""Each parameter [K, *shape] under the plain module's name: the views that `Layout.views` gives."""

Slope = float | Tensor
"""Leaky-ReLU's slope: one for all members, or [K]."""


class StackedNet(Protocol):
    """K members of one architecture as one function of stacked parameters.

    The forward has two parts: the stem is affine in its parameters, so that on the line between two members its output is a
    mix of theirs; the trunk is the rest.

    Attributes:
        layout: where each parameter lies in a member's row.
        widest: numbers that one image has at the widest place of the network, from which chunks are sized.
        stem_names: the parameters that only the stem reads.
        preprocessing: how it wants its images.
        capturable: whether a step on CUDA can be captured as a graph; nothing in it may copy from the host.
    """

    layout: Layout
    widest: int
    stem_names: frozenset[str]
    preprocessing: Preprocessing = Preprocessing()
    capturable: bool = True

    def arrange(self, images: Tensor) -> Tensor:
        """Images [N, C, H, W], resized and normalised, laid out as inputs [N, ...] of this network."""
        ...

    def stem(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str = "stem") -> Tensor:
        """What the first layer gives before its activation, [K, ...], for inputs [K or 1, B, ...]; lives in scratch under the name."""
        ...

    def trunk(self, parameters: Parameters, stem: Tensor, slope: Slope, scratch: Scratch) -> Tensor:
        """Logits [K, B, classes] from the stem's output, which may be overwritten."""
        ...

    def gradients(
        self, parameters: Parameters, gradients: Parameters, inputs: Tensor, labels: Tensor, slope: Slope, scratch: Scratch
    ) -> tuple[Tensor, Tensor]:
        """Mean loss [K] (nats) and number of wrong answers [K]; writes each mean's gradient into `gradients`.

        Args:
            parameters: of the members.
            gradients: views of the same layout, overwritten.
            inputs: [K, B, ...], arranged.
            labels: int64 [K, B].
            slope: of Leaky-ReLU.
            scratch: of the calling thread.
        """
        ...
