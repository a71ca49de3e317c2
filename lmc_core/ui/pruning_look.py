"""Which networks of a pruning run one can look into, and which the page chooses by itself."""

from dataclasses import dataclass

from lmc_core.experiment import PruneSpec
from lmc_core.figures.density import density_words
from lmc_core.plan import phases, prunes_in_training
from lmc_core.runs.pruning_progress import PruningProgress
from lmc_core.ui.pruning_link import Networks, PruneLink
from lmc_core.ui.wording import network_name


@dataclass(frozen=True)
class Look:
    """The networks that are looked into, of one density."""

    networks: Networks
    density: float

    def words(self, spec: PruneSpec) -> str:
        """What they are, as in: Ticket of 5%."""
        if self.networks.kind == "dense":
            return network_name(spec, "dense", self.networks.rewind)
        kind, _, start = network_name(spec, self.networks.kind, self.networks.rewind).partition(", ")
        return f"{kind} {density_words(self.density)}" + (f", {start}" if start else "")


def networks_to_look_at(spec: PruneSpec) -> list[Networks]:
    """Kinds and rewinding points of the run's pruned networks, in the order in which they come."""
    groups = [group for phase in phases(spec) for group in phase.levels if group.kind != "dense"]
    return list(dict.fromkeys(Networks(group.kind, group.rewind) for group in groups))


def densities_to_look_at(spec: PruneSpec) -> list[float]:
    """All weights, which is the dense network, and the run's densities."""
    return list(dict.fromkeys((1.0, *spec.pruning.densities)))


def chosen(draft: PruneLink, spec: PruneSpec, progress: PruningProgress) -> Look:
    """What the link asks for, as far as the run has it; else what trains at the moment, or at the end what the method is about."""
    offered, densities = networks_to_look_at(spec), densities_to_look_at(spec)
    own = _newest(progress) if progress.result is None else _telling(spec, offered)
    networks = draft.networks if draft.networks in offered else own.networks if own.networks in offered else offered[0]
    return Look(networks, draft.density if draft.density in densities else own.density if own.density in densities else densities[-1])


def _newest(progress: PruningProgress) -> Look:
    """The sparsest of the networks that train; while only dense ones do, these."""
    history = progress.history
    if history.empty:
        return Look(Networks("dense", 0), 1.0)
    last = history[history["phase"] == history["phase"].max()]
    pruned = last[last["kind"].isin(["pruned", "ticket"])]
    row = (pruned if len(pruned) else last).sort_values("density", kind="stable").iloc[0]
    return Look(Networks(row["kind"], None if row["rewind"] != row["rewind"] else int(row["rewind"])), float(row["density"]))


def _telling(spec: PruneSpec, offered: list[Networks]) -> Look:
    """The sparsest networks as pruned where they were pruned in training, else the sparsest tickets."""
    kind = "pruned" if prunes_in_training(spec) else "ticket"
    networks = next((networks for networks in offered if networks.kind == kind), offered[0])
    return Look(networks, spec.pruning.densities[-1])


def is_dense(look: Look) -> bool:
    """Whether nothing is pruned: then it is the dense network that is looked into, whatever kind was chosen."""
    return look.density == 1.0
