import time

import pytest

from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.snapshot import RunListing
from lmc_core.optim.spec import Adam
from lmc_core.overrides import with_overrides
from lmc_core.ui.run_table import Search, found, other_settings, table
from tests.ui.fake_engine import result_of

SHIPPED = TwinsSpec(repeats=3)
BROKEN = TwinsSpec(optimizer=Adam(lr=0.005))
WAITING = TwinsSpec.model_validate({"dataset": "cifar10", "architecture": {"name": "cnn"}})
RUNS = [
    RunListing(SHIPPED.run_id, SHIPPED, "done", 2.0, result_of(SHIPPED), None, shipped=True),
    RunListing(BROKEN.run_id, BROKEN, "done", 1.0, result_of(BROKEN), None, shipped=False),
    RunListing(WAITING.run_id, WAITING, "queued", 0.0, None, None, shipped=False),
]


@pytest.mark.parametrize(
    ("search", "places"),
    [
        (Search(), [0, 1, 2]),
        (Search("adam"), [1]),
        (Search("SGD digits"), [0]),
        (Search("barrier"), [1]),
        (Search(BROKEN.run_id[:8]), [1]),
        (Search("nothing like it"), []),
        (Search(states=("Shipped", "Waiting")), [0, 2]),
        (Search(datasets=("cifar10",)), [2]),
        (Search(networks=("mlp",)), [0, 1]),
        (Search("adam", networks=("cnn",)), []),
    ],
)
def test_a_search_keeps_the_runs_that_fit_all_of_it(search: Search, places: list[int]) -> None:
    assert found(RUNS, search) == [RUNS[place] for place in places]


def test_the_table_shows_verdict_and_numbers_where_there_are_any() -> None:
    columns = table(RUNS)
    assert columns["State"] == ["Shipped", "Finished", "Waiting"]
    assert columns["Verdict"] == ["Connected", "Not connected", ""]
    assert columns["Test barrier"][0] == pytest.approx(0.363, abs=0.001)
    assert columns["Test barrier"][2] is None


def test_a_search_for_half_a_million_words_is_answered_at_once() -> None:
    runs = RUNS[:1] * 100
    begun = time.thread_time()
    assert found(runs, Search(words="digits " * 500_000)) == runs
    assert time.thread_time() - begun < 1


def test_cells_of_a_sweep_are_told_apart_by_their_other_settings() -> None:
    spec = with_overrides({"spawn.at": "5", "spawn.unit": "steps", "optimizer.name": "adam", "batch_size": "32", "architecture.width": "9"})
    assert other_settings(spec) == "Batch size 32, Spawn point 5, Counted in steps"
    assert other_settings(TwinsSpec()) == ""
