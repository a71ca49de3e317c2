"""The rounding twin: A's noise, other rounding; the barrier between the two is the floor of every barrier."""

import pytest
import torch

from lmc_core.experiment import TwinsSpec
from lmc_core.runs.results import RunResult
from lmc_core.training import crewed
from lmc_core.training.member import Noise, members_of
from tests.training.runs import ARCHITECTURES, result_of, small_spec, train
from tests.training.test_crew import same
from tests.training.test_stacked_order import CPU

ASKED = {"alphas": 5, "every": 0, "rounding_twin": True}


def rows_after(spec: TwinsSpec, monkeypatch) -> crewed.CrewedRun:
    """The run as it stands after its last step."""
    kept = []
    weights = crewed.CrewedRun.weights
    monkeypatch.setattr(crewed.CrewedRun, "weights", lambda self: kept.append(self) or weights(self))
    train(spec)
    return kept[0]


@pytest.mark.parametrize("augmentation", ["none", "shift_flip"])
def test_it_sees_the_images_of_each_batch_of_twin_a_from_the_last_to_the_first(augmentation):
    spec = small_spec(augmentation=augmentation, repeats=2)
    members = [*members_of(spec, "a"), *members_of(spec, "r")]
    noise = Noise(members, samples=90, batch_size=20, side=8, device=CPU)
    noise.begin(3)
    for start, stop in ((0, 20), (20, 40), (80, 90)):
        index, draws = noise.batch(torch.arange(start, stop))
        assert torch.equal(index[2:], index[:2].flip(1))
        assert (draws is None) is (augmentation == "none")
        if draws is not None:
            for moves in draws.parts:
                assert torch.equal(moves[2:], moves[:2].flip(1))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_after_a_few_steps_it_differs_from_twin_a_by_rounding_alone(architecture, monkeypatch):
    spec = small_spec(architecture, "sgd", epochs=1, measurement=ASKED, augmentation="shift_flip")
    run = rows_after(spec, monkeypatch)
    a, rounded, b = (run.holding.parameters(0, twin) for twin in ("a", "r", "b"))
    come = (a - run._inits[0]).norm()
    assert 0 < (rounded - a).norm() < 1e-5 * come
    assert (b - a).norm() > 1e-2 * come


def test_the_floor_is_measured_at_the_end_of_every_pair():
    result = result_of(train(small_spec(repeats=2, measurement=ASKED))[0])
    for pair in result.pairs:
        assert pair.rounding.test.error == 0
        assert abs(pair.rounding.train.loss) < 1e-5 < pair.barriers.train.loss
    floor = result.summary.rounding
    assert floor.test.error.model_dump() == {"mean": 0.0, "std": 0.0, "n": 2}
    assert floor.train.loss.n == floor.test.normalized.n == 2


@pytest.mark.parametrize("spawn", [{"at": 0}, {"at": 7, "unit": "steps"}])
def test_the_twins_are_what_they_are_without_it(spawn):
    (plain, without), (asked, beside) = (train(small_spec(measurement=kind, spawn=spawn)) for kind in ({"alphas": 5, "every": 0}, ASKED))
    assert same(without, beside)
    assert result_of(plain).pairs == [pair.model_copy(update={"rounding": None}) for pair in result_of(asked).pairs]
    assert result_of(plain).summary.rounding is None
    assert [event.event for event in plain] == [event.event for event in asked]


def test_where_twin_a_diverges_there_is_no_floor():
    exploding = small_spec("deep linear net", {"name": "sgd", "lr": 50}, measurement=ASKED)
    events, _ = train(exploding)
    result = result_of(events)
    assert result.pairs[0].rounding.test.error is None
    assert result.summary.rounding.test.error.n == 0
    assert [event.twin for event in events if event.event == "diverged"] == ["a", "b"]


def test_a_result_that_was_kept_before_there_were_rounding_twins_is_read():
    kept = result_of(train(small_spec())[0]).model_dump()
    del kept["summary"]["rounding"]
    for pair in kept["pairs"]:
        del pair["rounding"]
    assert RunResult.model_validate(kept).summary.rounding is None


def test_the_switch_leaves_the_ids_of_runs_without_it_as_they_were():
    without = TwinsSpec()
    asked = TwinsSpec.model_validate({"measurement": {"rounding_twin": True}})
    assert TwinsSpec.model_validate({"measurement": {"rounding_twin": False}}).run_id == without.run_id != asked.run_id
