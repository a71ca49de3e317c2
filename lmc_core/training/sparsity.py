"""What prunes the networks of a phase, or holds their masks."""

from lmc_core.experiment import PruneSpec
from lmc_core.models.build import imported
from lmc_core.plan import Phase, prunes_in_training
from lmc_core.pruning.cubic import Ramp
from lmc_core.pruning.prunable import Prunable
from lmc_core.pruning.sparsity import Held, Sparsity


def sparsity_of(spec: PruneSpec, phase: Phase, prunable: Prunable) -> Sparsity:
    """What prunes the networks of a phase, or holds their masks."""
    kinds, (before, after) = {group.kind for group in phase.groups}, spec.ramp
    if kinds == {"dense"}:
        return Sparsity(prunable)
    if not (prunes_in_training(spec) and "pruned" in kinds):
        return Held(prunable)
    ramp = Ramp(spec.total_steps, 1.0, 1.0, before, after, spec.pruning.ramp_interval)
    made: Sparsity = imported(spec.pruning.during)(prunable, spec.pruning, ramp)
    return made
