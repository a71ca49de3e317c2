"""The runs of the soak, of every kind, and what is wrong with them once they have ended."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.soak_server import settings_of
from lmc_core.connectivity.spec import Measurement
from lmc_core.experiment import AnySpec, PruneSpec, Seeds, TwinsSpec
from lmc_core.jobs.engine import Engine
from lmc_core.models.spec import MLP
from lmc_core.optim.spec import SGD
from lmc_core.pruning.spec import Platon
from lmc_core.runs.kinds import kind_of
from lmc_core.runs.store import Store, StoredRun

MEASUREMENT = Measurement(alphas=5, every=20)
PRUNING_SHARE = 4
"""A pruning run trains more networks, so it is given so many times fewer epochs."""


def batch(number: int, epochs: int) -> tuple[list[AnySpec], list[TwinsSpec]]:
    """Some single runs of each kind, and a sweep; another number makes them other runs."""
    seeds, pruned = Seeds(init=number), max(2, epochs // PRUNING_SHARE)
    twins = TwinsSpec(architecture=MLP(width=24), epochs=epochs, seeds=seeds, measurement=MEASUREMENT)
    parting = TwinsSpec.model_validate(twins.model_dump() | {"spawn": {"at": epochs // 3}, "keep": (0, epochs // 2), "repeats": 2})
    platon = Platon(densities=(0.5, 0.1))
    prune = PruneSpec(architecture=MLP(width=24), epochs=pruned, seeds=seeds, measurement=MEASUREMENT, pruning=platon)
    sweep = [twins.model_copy(update={"optimizer": SGD(lr=lr)}) for lr in (0.02, 0.03, 0.04)]
    return [twins, parting, prune], sweep


@dataclass
class Findings:
    """What is wrong, as run ids."""

    lost: list[str] = field(default_factory=list)
    """Asked for and not there in the end."""
    incomplete: list[str] = field(default_factory=list)
    """Rows of a table are missing, or are others than those of the undisturbed run."""
    wrong: list[str] = field(default_factory=list)
    """A bit of the result or of the weights is another one."""

    @property
    def any(self) -> bool:
        """Whether something is wrong."""
        return bool(self.lost or self.incomplete or self.wrong)


def compare(cache: Path, reference: Path, specs: Sequence[AnySpec]) -> Findings:
    """What is wrong with the runs in a cache, by the same runs made undisturbed in another."""
    _make(reference, specs)
    findings = Findings()
    for spec in specs:
        here, there = Store(cache).find(spec.run_id), Store(reference).find(spec.run_id)
        if here is None or there is None:
            findings.lost.append(spec.run_id)
            continue
        if kind_of(spec).gap(spec, here.progress) or not _same_tables(here, there):
            findings.incomplete.append(spec.run_id)
        if _numbers(here) != _numbers(there) or not all(_same_weights(cache, reference, here)):
            findings.wrong.append(spec.run_id)
    return findings


def _make(reference: Path, specs: Iterable[AnySpec]) -> None:
    with Engine(settings_of(reference)) as engine:
        for spec in specs:
            engine.submit(spec, "reference")
        for spec in specs:
            ended = engine.wait(spec.run_id)
            if ended.state != "done":
                raise SystemExit(f"The undisturbed run {spec.run_id} ended as {ended.state}: {ended.error}")


def _same_tables(one: StoredRun, other: StoredRun) -> bool:
    for name, table in one.tables.items():
        columns = [column for column in table if column != "train_seconds"]
        if not table[columns].equals(other.tables[name][columns]):
            return False
    return True


def _numbers(run: StoredRun) -> str:
    return run.result.model_dump_json(exclude={"timing", "environment"})


def _same_weights(cache: Path, reference: Path, run: StoredRun) -> Iterator[bool]:
    for network in run.weights:
        one, other = (Store(root).weights(run.run_id, network) for root in (cache, reference))
        yield one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
