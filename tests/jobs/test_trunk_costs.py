"""What a sweep takes whose runs have networks in common."""

import pytest

from lmc_core.connectivity.spec import Measurement
from lmc_core.cost import estimates as cost
from lmc_core.experiment import Seeds, Spawn, TwinsSpec
from lmc_core.jobs.cells import total
from lmc_core.models.spec import MLP

BASE = TwinsSpec(dataset="mnist", architecture=MLP(width=256), epochs=12, measurement=Measurement(every=0))
POINTS = [BASE.model_copy(update={"spawn": Spawn(at=at)}) for at in (0, 2, 4, 6, 8, 10)]


def estimates(specs: list[TwinsSpec]) -> list[tuple[TwinsSpec, cost.Cost]]:
    return [(spec, cost.estimate(spec)) for spec in specs]


def test_a_trunk_that_all_runs_share_is_counted_once() -> None:
    found = total(len(POINTS), estimates(POINTS), workers=1)
    assert found.networks == 1 + len(POINTS)
    assert found.parameters == found.networks * cost.parameter_count(BASE)
    apart = sum(each.train_seconds for _, each in estimates(POINTS))
    steps_apart, steps_together = sum(12 + 12 - at for at in (0, 2, 4, 6, 8, 10)), 12 + sum(12 - at for at in (0, 2, 4, 6, 8, 10))
    saved = sum(each.seconds for _, each in estimates(POINTS)) - found.seconds
    assert saved == pytest.approx(apart * (1 - steps_together / steps_apart))


def test_runs_without_a_common_network_take_what_each_takes() -> None:
    seeds = [BASE.model_copy(update={"seeds": Seeds(init=init)}) for init in range(3)]
    found = total(len(seeds), estimates(seeds), workers=1)
    assert found.networks == 6
    assert found.seconds == pytest.approx(sum(each.seconds for _, each in estimates(seeds)))
