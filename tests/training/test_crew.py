"""Several runs as one program: each is, to the bit, what it is alone."""

import contextlib

import pytest
import torch

from lmc_core.errors import LMCError, Stopped
from lmc_core.experiment import TwinsSpec
from lmc_core.runs.events import Event
from lmc_core.runs.results import RunResult
from lmc_core.training import memory, pace
from lmc_core.training.crew import train_crew
from lmc_core.training.run import TrainedTwins
from tests.training.runs import ARCHITECTURES, DATA, result_of, small_spec, train
from tests.training.test_resuming import Times


def together(specs: list[TwinsSpec], **rest) -> tuple[list[list[Event]], list[TrainedTwins]]:
    """The events of each run, and their weights."""
    events: list[list[Event]] = [[] for _ in specs]
    generator = train_crew(specs, DATA, **rest)
    while True:
        try:
            index, event = next(generator)
        except StopIteration as end:
            return events, end.value
        events[index].append(event)


def differing(architecture: str, **rest) -> list[TwinsSpec]:
    """Runs that differ in everything that is a member's own."""
    values = ARCHITECTURES[architecture]
    sloped = values["name"] in ("mlp", "cnn", "lc_cnn")
    own = [
        ({"lr": 0.05}, 0.1, {}, {"init": 3}, 1),
        ({"lr": 0.02, "clip_norm": 0.5}, 0.0, {"warmup_epochs": 2}, {"order": (8, 9)}, 2),
        ({"lr": 0.1}, 1.0, {"warmup_epochs": 0.5}, {"augmentation": (4, 4)}, 1),
    ]
    return [
        small_spec(
            values | ({"slope": slope} if sloped else {}),
            {"name": "sgd", **optimizer},
            schedule={"name": "cosine", **schedule},
            seeds=seeds,
            repeats=repeats,
            augmentation="shift_flip",
            **rest,
        )
        for optimizer, slope, schedule, seeds, repeats in own
    ]


def same(one: TrainedTwins, other: TrainedTwins) -> bool:
    return one.weights.keys() == other.weights.keys() and all(
        torch.equal(weight, other.weights[name][key]) for name, weights in one.weights.items() for key, weight in weights.items()
    )


def findings(result: RunResult) -> dict:
    """A result without what depends on the moment."""
    return result.model_dump(exclude={"timing", "environment"})


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_runs_of_a_crew_are_those_trained_alone_to_the_bit(architecture):
    specs = differing(architecture)
    events, trained = together(specs, threads=2)
    for spec, of_run, weights in zip(specs, events, trained, strict=True):
        alone, expected = train(spec, threads=1)
        assert same(weights, expected)
        assert findings(result_of(of_run)) == findings(result_of(alone))


def test_each_run_tells_what_it_would_tell_alone():
    specs = [
        small_spec(measurement={"alphas": 3, "every": 1}, spawn={"at": 2}),
        small_spec(measurement={"alphas": 5, "every": 3}, spawn={"at": 2}, seeds={"init": 4}, repeats=2),
    ]
    for spec, events in zip(specs, together(specs)[0], strict=True):
        alone = train(spec)[0]
        assert [event.event for event in events] == [event.event for event in alone]
        for found, expected in zip(events[:-1], alone[:-1], strict=True):
            assert found.model_dump(exclude={"train_seconds"}) == expected.model_dump(exclude={"train_seconds"})


def test_runs_of_a_crew_are_measured_each_in_its_own_precision():
    specs = [small_spec(measurement={"alphas": 5, "every": 2, "precision": precision}) for precision in ("float32", "bfloat16")]
    events, trained = together(specs)
    for spec, of_run in zip(specs, events, strict=True):
        assert findings(result_of(of_run)) == findings(result_of(train(spec)[0]))
    assert same(*trained)
    exact, rounded = (result_of(of_run).pairs[0].curves.test.loss for of_run in events)
    assert exact != rounded
    assert rounded == pytest.approx(exact, rel=0.02)
    assert ["measured with bfloat16" in of_run[0].engine for of_run in events] == [False, True]


def test_the_runs_of_a_crew_share_the_time_that_it_takes():
    small, large = (small_spec(repeats=repeats, seeds={"init": repeats}) for repeats in (1, 3))
    one, three = (result_of(events).timing.train_seconds for events in together([small, large])[0])
    assert three == pytest.approx(3 * one)


def test_a_run_that_diverges_harms_nobody():
    calm, wild = (small_spec("deep linear net", {"name": "sgd", "lr": lr}) for lr in (0.05, 50))
    (of_calm, of_wild), trained = together([calm, wild])
    assert result_of(of_wild).summary.diverged_pairs == 1
    assert {event.event for event in of_calm} == {"started", "epoch", "curve", "done"}
    assert [event.step for event in of_wild if event.event == "diverged"] == list(result_of(of_wild).pairs[0].diverged_at)
    assert same(trained[0], train(calm)[1])
    assert same(trained[1], train(wild)[1])


@pytest.mark.parametrize("spawn", [{"at": 0}, {"at": 7, "unit": "steps"}])
def test_a_stopped_crew_goes_on_with_the_same_bits_from_wherever_it_stopped(spawn, tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    specs = differing("mlp", spawn=spawn, measurement={"every": 2, "alphas": 3})
    expected, final = together(specs)
    places = set()
    for question in range(1, 60, 5):
        folders = [tmp_path / f"{question}" / f"{index}" for index in range(3)]
        with contextlib.suppress(Stopped):
            together(specs, checkpoints=folders, should_stop=Times(question))
        events, trained = together(specs, checkpoints=folders)
        places.add(events[0][0].step)
        for of_run, before, weights, all_along in zip(events, expected, trained, final, strict=True):
            assert same(weights, all_along)
            assert findings(result_of(of_run)) == findings(result_of(before))
    assert len(places) > 5


def test_runs_that_stand_at_different_steps_are_trained_one_group_after_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    specs = differing("mlp")
    _, final = together(specs)
    folders = [tmp_path / str(index) for index in range(3)]
    with pytest.raises(Stopped):
        train(specs[1], checkpoint=folders[1], should_stop=Times(9))
    order = []
    generator = train_crew(specs, DATA, checkpoints=folders)
    while True:
        try:
            index, event = next(generator)
        except StopIteration as end:
            assert all(same(weights, all_along) for weights, all_along in zip(end.value, final, strict=True))
            break
        if event.event in ("started", "done"):
            order.append((event.event, index))
            assert event.event == "done" or (event.step > 0) is (index == 1)
    assert order == [("started", 0), ("started", 2), ("done", 0), ("done", 2), ("started", 1), ("done", 1)]


def test_a_stopped_run_may_go_on_alone_or_beside_others(tmp_path):
    specs = differing("mlp")
    folders = [tmp_path / str(index) for index in range(3)]
    with pytest.raises(Stopped):
        together(specs, checkpoints=folders, should_stop=Times(8))
    events, trained = train(specs[2], checkpoint=folders[2])
    assert events[0].step > 0
    assert same(trained, train(specs[2])[1])
    for weights, spec in zip(together(specs[:2], checkpoints=folders[:2])[1], specs, strict=False):
        assert same(weights, train(spec)[1])


def test_a_damaged_checkpoint_sets_back_its_own_run_alone(tmp_path):
    specs = differing("mlp")[:2]
    folders = [tmp_path / str(index) for index in range(2)]
    with pytest.raises(Stopped):
        together(specs, checkpoints=folders, should_stop=Times(8))
    next(folders[0].iterdir()).write_bytes(b"")
    (first, second), trained = together(specs, checkpoints=folders)
    assert [first[0].event, first[1].step] == ["notice", 0]
    assert second[0].step > 0
    assert all(same(weights, train(spec)[1]) for weights, spec in zip(trained, specs, strict=True))


def test_runs_of_other_shapes_are_no_crew():
    with pytest.raises(ValueError, match="2 runs were to be trained as one program"):
        next(train_crew([small_spec(), small_spec("cnn")], DATA))


def test_a_crew_that_cannot_fit_is_refused_where_a_run_alone_would_fit(monkeypatch):
    specs = [small_spec(seeds={"init": seed}) for seed in range(40)]
    monkeypatch.setattr(memory, "free_memory", lambda: 600_000)
    assert train(specs[0])[0][-1].event == "done"
    with pytest.raises(LMCError, match="MiB are free"):
        next(train_crew(specs, DATA))
