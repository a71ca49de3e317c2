"""A pruning experiment as one frozen model: networks are pruned to some densities, and their tickets trained as twins."""

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from lmc_core.pruning_methods import Iterative, Magnitude, Platon, Pruning, PruningSpec, Random, Scope, Snip
from lmc_core.pruning_sizes import refusal
from lmc_core.spec import Experiment

__all__ = ["Iterative", "Magnitude", "Platon", "PruneSpec", "Pruning", "PruningSpec", "Random", "Scope", "Snip"]


class PruneSpec(Experiment):
    """Networks pruned to some densities, and what becomes of their tickets and controls, trained as twins."""

    kind: Literal["prune"] = "prune"
    pruning: PruningSpec = Field(default_factory=Magnitude)

    @property
    def rewind_steps(self) -> tuple[int, ...]:
        """The steps, counted from 0, whose weights the tickets start from."""
        scale = self.steps_per_epoch if self.pruning.rewind_unit == "epochs" else 1
        return tuple(at * scale for at in self.pruning.rewind)

    @property
    def ramp(self) -> tuple[int, int]:
        """Steps before and after the ramp of a method that has one; (0, 0) for the others."""
        match self.pruning:
            case Magnitude(initial_epochs=first, final_epochs=last) | Platon(initial_epochs=first, final_epochs=last):
                return round(first * self.steps_per_epoch), round(last * self.steps_per_epoch)
        return 0, 0

    @model_validator(mode="after")
    def _pruning_fits(self) -> Self:
        pruning = self.pruning
        if any(later >= earlier for earlier, later in pairwise(pruning.densities)):
            raise ValueError(f"‹pruning.densities› is {', '.join(map(str, pruning.densities))}; each has to be below the one before")
        if any(later <= earlier for earlier, later in pairwise(pruning.rewind)):
            raise ValueError(f"‹pruning.rewind› is {', '.join(map(str, pruning.rewind))}; each has to be above the one before")
        if self.rewind_steps[-1] >= self.total_steps:
            raise ValueError(f"‹pruning.rewind› is step {self.rewind_steps[-1]:,} but training ends after {self.total_steps:,} steps")
        if sum(self.ramp) > self.total_steps:
            raise ValueError(
                f"‹pruning.initial_epochs› and ‹pruning.final_epochs› are {sum(self.ramp):,} steps but training has {self.total_steps:,}"
            )
        if self.measurement.rounding_twin:
            raise ValueError("‹measurement.rounding_twin› is true but a pruning run trains none; leave it out")
        if self.measurement.blocks:
            raise ValueError("‹measurement.blocks› is true but a pruning run measures whole networks alone; leave it out")
        if reason := refusal(self):
            raise ValueError(reason.removesuffix("."))
        return self
