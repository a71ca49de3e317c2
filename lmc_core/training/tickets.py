"""What each network of a pruning run starts with: weights and a mask, from what has been trained before."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from lmc_core.data.noise import Purpose, generator
from lmc_core.experiment import PruneSpec
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples, StackedNet, slope_of
from lmc_core.plan import Group, Phase
from lmc_core.pruning.lot import lot
from lmc_core.pruning.mask import mask_of, shuffled
from lmc_core.pruning.prunable import Prunable
from lmc_core.pruning.snip import connection_sensitivity
from lmc_core.pruning.spec import Iterative, Magnitude, Random, Snip
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
        """The mask [size] of a dense network that has ended, pruned by magnitude to the group's density."""
        return self._by_magnitude(self._kept.network(DENSE, pair), group.density)

    def _mask(self, group: Group, pair: int) -> Tensor:
        if group.kind in ("dense", "pruned"):
            return torch.ones(self._net.layout.size, device=self._cores.device)
        ticket = self._ticket(group, pair)
        return shuffled(ticket, self._prunable, self._lot("control", pair)) if group.kind == "random" else ticket

    def _ticket(self, group: Group, pair: int) -> Tensor:
        """The mask of the spec's method at the group's density and rewinding point."""
        rewind = group.rewind or 0
        match self._spec.pruning:
            case Random(scope=scope):
                return mask_of(self._lot("mask", pair), self._prunable, group.density, scope)
            case Snip(scope=scope, images=images):
                return mask_of(self._sensitivity(rewind, pair, images), self._prunable, group.density, scope)
            case Iterative(densities=densities):
                place = densities.index(group.density)
                before = Group("ticket", densities[place - 1], rewind, ("a",)) if place else DENSE
                return self._by_magnitude(self._kept.network(before, pair), group.density)
            case _:
                return self._kept.mask(Group("pruned", group.density, None, ("a",)), pair)

    def _by_magnitude(self, weights: Tensor, density: float) -> Tensor:
        pruning = self._spec.pruning
        scope = pruning.scope if isinstance(pruning, Magnitude | Iterative) else "global"
        return mask_of(weights.abs(), self._prunable, density, scope)

    def _sensitivity(self, step: int, pair: int, images: int) -> Tensor:
        source = generator(self._spec.seeds.init, "score", pair, 0)
        index = torch.randperm(len(self._train), generator=source)[:images].to(self._cores.device)
        slope, weights = slope_of(self._spec.architecture), self._weights_at(step, pair)
        return connection_sensitivity(self._net, self._train, index, weights, slope, self._spec.batch_size, self._cores.scratch)

    def _weights_at(self, step: int, pair: int) -> Tensor:
        return self._kept.rows[rewound(step, pair)] if step else self.initialisation(pair)

    def _lot(self, purpose: Purpose, pair: int) -> Tensor:
        return lot(self._spec.seeds.init, purpose, pair, self._net.layout.size).to(self._cores.device)
