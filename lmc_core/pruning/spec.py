"""The five ways of pruning, each with what it asks for: the part of a pruning spec that says how."""

from typing import Annotated, Literal

from pydantic import Field

from lmc_core.frozen import MOST_WHOLE, Frozen

Scope = Literal["global", "layer"]
"""One threshold over all tensors, or one for each."""
Density = Annotated[float, Field(gt=0, le=1)]
Rewind = Annotated[int, Field(ge=0, lt=MOST_WHOLE)]


class Pruning(Frozen):
    """What every method says. Weight matrices and kernels are pruned; the rest only if asked."""

    densities: tuple[Density, ...] = Field(
        (0.5, 0.2, 0.1, 0.05), min_length=1, max_length=40, description="Shares of the prunable weights that are kept, falling."
    )
    biases: bool = Field(False, description="Prune biases, too.")
    norms: bool = Field(False, description="Prune the scales of norms (and with biases their shifts), too.")
    classifier: bool = Field(False, description="Prune the classifier, too; without it the last layer stays dense.")
    rewind: tuple[Rewind, ...] = Field(
        (0,),
        min_length=1,
        max_length=20,
        description="Points of training whose weights the tickets start from, rising; the twins part there. 0 is the initialisation.",
    )
    rewind_unit: Literal["steps", "epochs"] = Field("epochs", description="Whether rewinding counts steps or epochs.")
    twins: bool = Field(True, description="Train every ticket twice with different noise and measure the barrier between the two.")
    random_control: bool = Field(True, description="Also train masks of the same density in each layer, drawn at random.")
    redrawn_control: bool = Field(False, description="Also train the tickets' masks on another initialisation (where rewound to 0).")


class Magnitude(Pruning):
    """The smallest weights go, at the end of training or by a cubic ramp during it (Han et al. 2015; Zhu & Gupta 2017)."""

    name: Literal["magnitude"] = "magnitude"
    scope: Scope = Field("global", description="One threshold over all tensors, or one for each.")
    schedule: Literal["one_shot", "gradual"] = Field("one_shot", description="Prune once after training, or along a cubic ramp.")
    initial_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Gradual: epochs before the ramp.")
    final_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Gradual: epochs after the ramp, at the final density.")
    interval: int = Field(10, ge=1, lt=MOST_WHOLE, description="Gradual: steps between two prunings.")


class Random(Pruning):
    """Weights go by lot, before training (the control of Frankle et al. 2020)."""

    name: Literal["random"] = "random"
    scope: Scope = Field("layer", description="The same density in each tensor, or one lot over all.")


class Platon(Pruning):
    """Importance times its uncertainty, both smoothed, along a cubic ramp (Zhang et al. 2022, algorithm 1)."""

    name: Literal["platon"] = "platon"
    initial_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Epochs before the ramp, t_i.")
    final_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Epochs after the ramp, t_f, in which every step is masked.")
    interval: int = Field(10, ge=1, lt=MOST_WHOLE, description="Steps between two maskings, ΔT.")
    beta1: float = Field(0.85, ge=0, lt=1, description="Smoothing of the importance.")
    beta2: float = Field(0.95, ge=0, lt=1, description="Smoothing of the uncertainty.")
    masking: Literal["soft", "hard"] = Field(
        "soft", description="soft, as published: what a ramp's mask set to 0 may grow back at the next step; hard holds it there."
    )


class Iterative(Pruning):
    """Train, prune by magnitude to the next density, rewind, and again (Frankle & Carbin 2019; Frankle et al. 2020)."""

    name: Literal["iterative"] = "iterative"
    scope: Scope = Field("global", description="One threshold over all tensors, or one for each.")


class Snip(Pruning):
    """The smallest |weight × gradient| at the start go, before training (Lee et al. 2019)."""

    name: Literal["snip"] = "snip"
    scope: Scope = Field("global", description="One threshold over all tensors, or one for each.")
    images: int = Field(1_000, ge=1, lt=MOST_WHOLE, description="Training images from which the gradient is taken, at most all of them.")


PruningSpec = Annotated[Magnitude | Random | Platon | Iterative | Snip, Field(discriminator="name")]
