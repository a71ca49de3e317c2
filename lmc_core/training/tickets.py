"""What each network of a pruning run starts with: weights and a mask, from what has been trained before."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from lmc_core.data.noise import Purpose
from lmc_core.experiment import PruneSpec
from lmc_core.models.build import imported
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples, StackedNet, slope_of
from lmc_core.plan import Group, Phase
from lmc_core.pruning.mask import mask_of, shuffled
from lmc_core.pruning.prunable import Prunable
from lmc_core.pruning.random_scores import lot
from lmc_core.pruning.scoring import Scoring
from lmc_core.runs.results import Spikes
from lmc_core.training.networks import initialise

DENSE = Group("dense", 1.0, 0, ("a",))
"""The dense network that trains from the initialisation."""


class Kept:
    """What a run keeps of the networks that have ended.

    Attributes:
        rows: under their names, weights [size] in float32 and masks [size] in uint8.
        diverged_at: under the name of a network, the step at which it diverged; only of those that did.
        spikes: under the name of a network; only of those whose spikes were counted from their first step on.

    Args:
        phases: of the run.
    """

    def __init__(self, phases: tuple[Phase, ...]) -> None:
        self.rows: dict[str, Tensor] = {}
        self.diverged_at: dict[str, int] = {}
        self.spikes: dict[str, Spikes] = {}
        self._levels = [(group.kind, group.density, group.rewind) for phase in phases for group in phase.levels]

    def name(self, group: Group, pair: int, what: str) -> str:
        """Of a twin, or of the `mask` that both have."""
        return f"level{self._levels.index((group.kind, group.density, group.rewind))}.pair{pair}.{what}"

    def network(self, group: Group, pair: int, twin: str = "a") -> Tensor:
        """The weights [size] with which a network ended."""
        return self.rows[self.name(group, pair, twin)]

    def mask(self, group: Group, pair: int) -> Tensor:
        """The mask [size] of a level, in float32."""
        return self.rows[self.name(group, pair, "mask")].float()


def rewound(step: int, pair: int) -> str:
    """The name under which the weights of a pair's dense network at a step are kept."""
    return f"step{step}.pair{pair}"


class Tickets:
    """Starts and masks, each a function of the spec, the data and what is kept.

    Args:
        spec: the experiment.
        net: its architecture.
        prunable: which weights may go.
        train: the training split.
        cores: that compute.
        kept: what has ended so far.
    """

    def __init__(self, spec: PruneSpec, net: StackedNet, prunable: Prunable, train: Samples, cores: Cores, kept: Kept) -> None:
        self._spec = spec
        self._net = net
        self._prunable = prunable
        self._train = train
        self._cores = cores
        self._kept = kept

    def initialisation(self, pair: int, purpose: Purpose = "init") -> Tensor:
        """The weights [size] that a repeat begins with."""
        return self._net.layout.pack(initialise(self._spec, pair, purpose)).to(self._cores.device)

    def start(self, group: Group, pair: int) -> Tensor:
        """The weights [size] that the networks of a group start from, before they are masked."""
        if group.kind == "redrawn":
            return self.initialisation(pair, "redrawn")
        return self._weights_at(group.rewind or 0, pair)

    def masks(self, groups: Sequence[Group]) -> dict[tuple[Group, int], Tensor]:
        """The mask [size] of each group in each repeat."""
        wanted = [(group, pair) for group in groups for pair in range(self._spec.repeats)]
        found = self._cores.run([partial(self._mask, group, pair) for group, pair in wanted])
        return dict(zip(wanted, found, strict=True))

    def one_shot(self, group: Group, pair: int) -> Tensor:
        """The mask [size] of a dense network that has ended, pruned to the group's density."""
        return self._scored(partial(self._kept.network, DENSE, pair), pair, group.density)

    def _mask(self, group: Group, pair: int) -> Tensor:
        if group.kind in ("dense", "pruned"):
            return torch.ones(self._net.layout.size, device=self._cores.device)
        ticket = self._ticket(group, pair)
        return shuffled(ticket, self._prunable, self._lot("control", pair)) if group.kind == "random" else ticket

    def _ticket(self, group: Group, pair: int) -> Tensor:
        """The mask of the spec's method at the group's density and rewinding point."""
        rewind, pruning = group.rewind or 0, self._spec.pruning
        match pruning.acts:
            case "before":
                return self._scored(partial(self._weights_at, rewind, pair), pair, group.density)
            case "rounds":
                place = pruning.densities.index(group.density)
                before = Group("ticket", pruning.densities[place - 1], rewind, ("a",)) if place else DENSE
                return self._scored(partial(self._kept.network, before, pair), pair, group.density)
        return self._kept.mask(Group("pruned", group.density, None, ("a",)), pair)

    def _scored(self, weights: Callable[[], Tensor], pair: int, density: float) -> Tensor:
        """The mask that the method's scores of a network's weights make."""
        spec = self._spec
        slope, device, scratch = slope_of(spec.architecture), self._cores.device, self._cores.scratch
        scoring = Scoring(spec.pruning, self._net, self._train, weights, slope, spec.batch_size, spec.seeds.init, pair, device, scratch)
        scores: Callable[[Scoring], Tensor] = imported(spec.pruning.scores)
        return mask_of(scores(scoring), self._prunable, density, spec.pruning.threshold_scope)

    def _weights_at(self, step: int, pair: int) -> Tensor:
        return self._kept.rows[rewound(step, pair)] if step else self.initialisation(pair)

    def _lot(self, purpose: Purpose, pair: int) -> Tensor:
        return lot(self._spec.seeds.init, purpose, pair, self._net.layout.size).to(self._cores.device)
