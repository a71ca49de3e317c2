"""Which runs a worker can train as one program, and how many of them. Imports no torch: the web process asks, too."""

import hashlib
import json
from collections.abc import Sequence

from lmc_core.experiment import AnySpec, Experiment, PruneSpec, TwinsSpec, canonical
from lmc_core.network_keys import steps_of_lives, steps_together
from lmc_core.plan import members_of_phase, phases

OF_A_MEMBER = {"architecture": "slope", "optimizer": "lr clip_norm", "schedule": "warmup_epochs"}
"""Fields, by the part of the spec where they stand, that may differ inside a crew."""
OF_A_RUN = ("seeds", "repeats", "measurement", "start", "spawn", "keep")
"""Parts of the spec that may differ inside a crew."""
OF_THE_OTHERS = ("repeats", "measurement", "spawn", "keep")
"""Parts of the spec that say nothing of twin A."""
STACKED_PRODUCTS = 5_000_000
"""Multiply-adds of a batch's forward pass up to which a CPU gains by stacking members: beyond it, they take most of a step."""
LARGEST_CREW = 100
"""A fault costs all runs of a crew their time since the last checkpoint."""


def crew_key(spec: TwinsSpec, accelerated: bool) -> str:
    """The same text for runs that train faster as one program than one after the other.

    Where members gain from being stacked, equal are data, shapes, kind of optimiser, batch size, epochs, augmentation, precision
    and device; own to each run are seeds, repeats, checkpoint, slope, learning rate, warm-up, clipping norm, spawn point, and what
    is measured and kept. Elsewhere runs gain only if they have networks in common, which are then trained once.

    Args:
        spec: of the run.
        accelerated: whether the worker's machine has a GPU; there members gain from being stacked, on a CPU those of tiny networks.
    """
    return shared_key(spec) if (accelerated and spec.device != "cpu") or stacks_on_cpu(spec) else trunk_key(spec)


def trunk_key(spec: TwinsSpec) -> str:
    """The same text for runs with the same twin A, which differ in their spawn points, twins B, repeats, or what is measured and kept."""
    fields = {name: value for name, value in canonical(spec).items() if name not in OF_THE_OTHERS}
    fields["seeds"] = [spec.seeds.init, spec.seeds.order[0], spec.seeds.augmentation[0]]
    return _hash(fields)


def networks_key(spec: AnySpec) -> str:
    """The same text for runs that have networks in common, if they are trained as one program."""
    return trunk_key(spec) if isinstance(spec, TwinsSpec) else spec.run_id


def networks_of(specs: Sequence[AnySpec]) -> int:
    """Different networks of runs with one `networks_key`."""
    twins = [spec for spec in specs if isinstance(spec, TwinsSpec)]
    return len(steps_together(twins)) if twins else sum(map(members_of_run, specs))


def share_of_steps(specs: Sequence[AnySpec]) -> float:
    """Steps that runs with one `networks_key` take as one program, as a share of those that they take apart."""
    twins = [spec for spec in specs if isinstance(spec, TwinsSpec)]
    apart = sum(sum(steps_of_lives(spec).values()) for spec in twins)
    return sum(steps_together(twins).values()) / apart if apart else 1.0


def shared_key(spec: TwinsSpec) -> str:
    """The same text for runs that can train as one program, whether they gain by it or not."""
    fields = canonical(spec)
    for part in OF_A_RUN:
        fields.pop(part, None)
    for part, names in OF_A_MEMBER.items():
        fields[part] = {name: value for name, value in fields[part].items() if name not in names.split()}
    return _hash(fields)


def stacks_on_cpu(spec: Experiment) -> bool:
    """Whether a CPU trains the members as one stack: by their shapes alone, so that a run's bits do not depend on its crew."""
    products = spec.architecture.stacked_products(spec.data, spec.batch_size)
    return products is not None and products <= STACKED_PRODUCTS


def members_of_run(spec: Experiment) -> int:
    """Networks that a run trains, at once or one part after the other; twins that never part are one."""
    if isinstance(spec, PruneSpec):
        return sum(members_of_phase(spec, phase) for phase in phases(spec))
    assert isinstance(spec, TwinsSpec)  # noqa: S101 # there is no third kind
    return len(steps_of_lives(spec))


def _hash(fields: object) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:20]
