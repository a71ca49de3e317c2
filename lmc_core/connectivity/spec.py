"""What can be measured on the line between two networks, and how often."""

from pydantic import Field

from lmc_core.frozen import MOST_WHOLE, Frozen
from lmc_core.models.spec import Precision


class Measurement(Frozen):
    """What is measured on the line between the twins, and how often."""

    neutral_additions = frozenset({"rounding_twin", "blocks", "precision"})

    alphas: int = Field(11, ge=3, le=201, description="Equidistant points on the line, ends included. The paper's T; 11 by default.")
    every: int = Field(1, ge=0, lt=MOST_WHOLE, description="Measure the curve after each so many epochs; 0 measures only at the end.")
    rounding_twin: bool = Field(
        False,
        description="Also train a copy of twin A with the same noise and other rounding: the barrier between the two is the floor "
        "under which a barrier means nothing. It sees each batch's images in reverse order.",
    )
    blocks: bool = Field(
        False,
        description="Also measure, at the end, the lines on which only some blocks move from A to B while the others stay A's: each "
        "block alone, and a growing number of them from the bottom and from the top (Adilova et al. 2023).",
    )
    precision: Precision = Field(
        "float32",
        description="Precision of the products in measuring, whatever training has. bfloat16 is faster on some machines, and its "
        "errors and losses are rounded; linear nets are measured in float32 all the same.",
    )
