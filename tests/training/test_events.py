"""What a training tells, and when."""

import pytest

from lmc_core.errors import LMCError
from lmc_core.runs.events import EVENT
from lmc_core.training import pace
from lmc_core.training.networks import build
from lmc_core.training.run import train_twins
from tests.small_data import small_dataset
from tests.training.runs import DATA, small_spec, train


def kinds(events) -> list[str]:
    return [event.event for event in events]


def test_a_training_starts_tells_every_epoch_and_ends():
    events, _ = train(small_spec())
    assert kinds(events) == ["started", "epoch", "epoch", "epoch", "epoch", "curve", "done"]
    assert [event.step for event in events if event.event == "epoch"] == [5, 10, 15, 20]
    assert events[0].step == 0
    assert events[0].total_steps == 20
    assert events[0].parameters == sum(parameter.numel() for parameter in build(small_spec()).parameters())


@pytest.mark.parametrize(("every", "epochs"), [(0, [4]), (1, [0, 1, 2, 3, 4]), (2, [0, 2, 4]), (3, [0, 3, 4])])
def test_the_curve_is_measured_as_often_as_asked_and_always_at_the_end(every, epochs):
    events, _ = train(small_spec(measurement={"every": every, "alphas": 3}))
    curves = [event for event in events if event.event == "curve"]
    assert [event.epoch for event in curves] == epochs
    assert [event.step for event in curves] == [5 * epoch for epoch in epochs]
    last = events[-1].result.pairs[0]
    assert curves[-1].pairs[0].curves == last.curves
    assert curves[-1].alphas == events[-1].result.alphas == [0, 0.5, 1]


def test_an_epochs_numbers_are_the_same_whether_or_not_its_curve_is_measured():
    often, seldom = (train(small_spec(measurement={"every": every}))[0] for every in (1, 0))
    assert [event.members for event in often if event.event == "epoch"] == [event.members for event in seldom if event.event == "epoch"]


def test_training_numbers_are_means_over_the_epochs_images():
    spec = small_spec(optimizer="sgd", batch_size=90, epochs=2)
    events, _ = train(spec)
    first = next(event for event in events if event.event == "epoch")
    assert first.members[0].train_loss == pytest.approx(first.members[1].train_loss, rel=1e-5)
    before = train(spec.model_copy(update={"measurement": spec.measurement.model_copy(update={"every": 1})}))[0][1]
    assert before.epoch == 0
    assert first.members[0].train_loss == pytest.approx(before.pairs[0].curves.train.loss[0], rel=1e-5)
    assert first.members[0].train_error == pytest.approx(before.pairs[0].curves.train.error[0], abs=1.1 / 90)


def test_a_long_epoch_gives_signs_of_life(monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    monkeypatch.setattr(pace, "SIGN_OF_LIFE_SECONDS", 0)
    events, _ = train(small_spec(epochs=1))
    assert kinds(events) == ["started", "steps", "steps", "steps", "steps", "epoch", "curve", "done"]
    assert [event.step for event in events[1:5]] == [1, 2, 3, 4]


def test_events_travel_as_json():
    for event in train(small_spec(measurement={"every": 1}))[0]:
        assert EVENT.validate_json(EVENT.dump_json(event)) == event


def test_the_rate_that_is_told_is_that_of_the_epochs_last_step():
    events, _ = train(small_spec(schedule={"warmup_epochs": 2}))
    assert [event.lr for event in events if event.event == "epoch"] == pytest.approx([0.025, 0.05, 0.05, 0.05])


def test_a_result_says_where_and_with_what_it_was_made():
    environment = train(small_spec(), threads=1)[0][-1].result.environment
    assert environment.device == "cpu"
    assert environment.threads == 1
    assert environment.processor
    assert {"torch", "python", "numpy"} <= set(environment.versions)
    assert environment.dataset["sha256"] == DATA.sha256
    assert "stacked" in environment.engine
    assert "one by one" in train(small_spec("cnn"))[0][-1].result.environment.engine


def test_weights_load_into_the_plain_module():
    spec = small_spec("attention", repeats=2)
    _, trained = train(spec)
    assert sorted(trained.weights) == ["pair0.a", "pair0.b", "pair0.init", "pair1.a", "pair1.b", "pair1.init"]
    for weights in trained.weights.values():
        build(spec).load_state_dict(weights, strict=True)


def test_too_few_images_are_told_before_anything_starts():
    with pytest.raises(LMCError, match="only 90 are in the data folder"):
        next(train_twins(small_spec(train_samples=100), small_dataset()))


def test_a_gpu_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(LMCError, match="set device to auto or cpu"):
        next(train_twins(small_spec(device="cuda"), DATA))
    assert train(small_spec(device="auto"))[0][-1].result.environment.device == "cpu"
