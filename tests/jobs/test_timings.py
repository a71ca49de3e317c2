"""What runs took teaches the estimates of runs like them, and of no others, within bounds."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.connectivity.spec import Measurement
from lmc_core.cost import estimates as cost
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.database import Database
from lmc_core.jobs.timings import Timings
from lmc_core.models.spec import CNN, MLP, LinearNet
from lmc_core.runs.results import Timing

POISON = TwinsSpec(architecture=MLP(depth=16), measurement=Measurement(alphas=101, blocks=True))
"""A run of 16 layers with its blocks measured, which once took 75 s where far less was told."""
OTHERS = [
    TwinsSpec(),
    TwinsSpec(dataset="mnist", epochs=200),
    TwinsSpec(dataset="cifar10", architecture=MLP(width=2048), epochs=50),
    TwinsSpec(dataset="cifar10", architecture=CNN(), epochs=20),
    TwinsSpec(dataset="mnist", architecture=LinearNet(depth=8), batch_size=1024, epochs=200),
]


@pytest.fixture
def timings(tmp_path: Path) -> Iterator[Timings]:
    database = Database(tmp_path / "journal.sqlite")
    yield Timings(database)
    database.close()


@pytest.mark.parametrize("other", OTHERS, ids=lambda spec: f"{spec.dataset} {spec.architecture.name} {spec.epochs}")
@pytest.mark.parametrize("runs", [1, 40])
def test_one_kind_of_run_cannot_shut_out_another(timings: Timings, other: TwinsSpec, runs: int) -> None:
    before = cost.estimate(other)
    for _ in range(runs):
        timings.record(POISON, Timing(train_seconds=7.5, evaluate_seconds=7_500.0))
    after = cost.estimate(other, timings.of)
    assert before.seconds / cost.FURTHEST <= after.seconds <= cost.FURTHEST * before.seconds
    if runs == 1 or cost.kind_of(other, "evaluate") != cost.kind_of(POISON, "evaluate"):
        assert after == before


def test_runs_like_it_are_learnt_from(timings: Timings) -> None:
    before, foretold = cost.estimate(POISON).seconds, cost.evaluate_seconds(POISON)
    for _ in range(3):
        timings.record(POISON, Timing(train_seconds=cost.train_seconds(POISON), evaluate_seconds=2 * foretold))
    assert cost.estimate(POISON, timings.of).seconds == pytest.approx(before + foretold)


def test_timings_of_an_earlier_version_are_read_and_count_no_more(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.sqlite")
    for phase in ("train", "evaluate"):
        database.change("INSERT INTO timings VALUES (?, ?, ?, ?)", (time.time(), f"{phase} auto mlp float32", 1.0, 60.0))
    timings = Timings(database)
    assert list(timings.of("train auto mlp float32")) == [(1.0, 60.0)]
    assert cost.estimate(TwinsSpec(), timings.of) == cost.estimate(TwinsSpec())
    database.close()
