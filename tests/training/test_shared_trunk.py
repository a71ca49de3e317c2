"""Networks that several runs have in common are trained once, and each run is, to the bit, what it is alone."""

import contextlib

import pytest
import torch

from lmc_core.errors import Stopped
from lmc_core.experiment import TwinsSpec
from lmc_core.network_keys import steps_together
from lmc_core.training import crew, pace
from lmc_core.training.checkpoint import Checkpoint, Standing
from tests.training.runs import ARCHITECTURES, result_of, small_spec, train
from tests.training.test_crew import findings, same, together
from tests.training.test_resuming import Times

POINTS = ({"at": 0}, {"at": 3, "unit": "steps"}, {"at": 1}, {"at": 7, "unit": "steps"}, {"at": 4})
"""Where twins part: at once, inside an epoch, at the end of one, never."""


def spawned(architecture: str = "mlp", **rest) -> list[TwinsSpec]:
    """A run for each spawn point, with differing measurements and repeats."""
    shared = {"augmentation": "shift_flip", "schedule": {"name": "cosine", "warmup_epochs": 1}} | rest
    runs = [small_spec(architecture, "clipped adamw", spawn=spawn, **shared) for spawn in POINTS]
    asked = runs[2].measurement.model_copy(update={"every": 1, "blocks": True})
    kept = runs[4].model_copy(update={"keep": (0, 2, 4)})
    return [runs[0], runs[1].model_copy(update={"repeats": 2}), runs[2].model_copy(update={"measurement": asked}), runs[3], kept]


@pytest.fixture
def trained(monkeypatch) -> list[int]:
    """How many members took a step at a time, one number for each cohort that was trained."""
    sizes, order = [], crew.execution_of
    monkeypatch.setattr(crew, "execution_of", lambda task, cohort, cores: sizes.append(len(cohort.members)) or order(task, cohort, cores))
    return sizes


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_runs_that_part_at_different_steps_are_those_trained_alone_to_the_bit(architecture, trained):
    specs = spawned(architecture)
    events, networks = together(specs, threads=2)
    assert trained == [3, 5, 6, 7], "two pairs' A and the first B, then two, one and one B more"
    for spec, of_run, weights in zip(specs, events, networks, strict=True):
        alone, expected = train(spec, threads=1)
        assert same(weights, expected)
        assert findings(result_of(of_run)) == findings(result_of(alone))


def test_each_run_tells_what_it_would_tell_alone():
    specs = [spec.model_copy(update={"measurement": spec.measurement.model_copy(update={"every": 1})}) for spec in spawned()]
    for spec, events in zip(specs, together(specs)[0], strict=True):
        alone = train(spec)[0]
        assert [event.event for event in events] == [event.event for event in alone]
        for found, expected in zip(events[:-1], alone[:-1], strict=True):
            assert found.model_dump(exclude={"train_seconds"}) == expected.model_dump(exclude={"train_seconds"})


def test_a_diverged_trunk_is_told_by_every_run_as_alone():
    specs = [small_spec("deep linear net", {"name": "sgd", "lr": 50}, spawn=spawn, epochs=2) for spawn in POINTS[:3]]
    for spec, events in zip(specs, together(specs)[0], strict=True):
        told = [(event.twin, event.step) for event in events if event.event == "diverged"]
        assert told == [(event.twin, event.step) for event in train(spec)[0] if event.event == "diverged"]
        assert len(told) == 2


@pytest.mark.parametrize("question", [2, 5, 9, 14, 22, 30])
def test_a_stopped_crew_goes_on_with_the_same_bits_and_trains_the_trunk_once_again(question, tmp_path, monkeypatch, trained):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    specs = spawned()
    expected, final = together(specs)
    folders = [tmp_path / str(index) for index in range(len(specs))]
    with contextlib.suppress(Stopped):
        together(specs, checkpoints=folders, should_stop=Times(question))
    trained.clear()
    events, networks = together(specs, checkpoints=folders)
    assert trained[-1] == len(steps_together(specs)) == 7
    for of_run, before, weights, all_along in zip(events, expected, networks, final, strict=True):
        assert same(weights, all_along)
        assert findings(result_of(of_run)) == findings(result_of(before))


def test_a_stopped_run_of_a_crew_goes_on_alone(tmp_path):
    specs = spawned()
    folders = [tmp_path / str(index) for index in range(len(specs))]
    with pytest.raises(Stopped):
        together(specs, checkpoints=folders, should_stop=Times(8))
    for index in (1, 4):
        events, networks = train(specs[index], checkpoint=folders[index])
        assert events[0].step > 0
        assert same(networks, train(specs[index])[1])


def test_a_trunk_that_differs_in_its_last_bits_as_one_of_another_machine_may_is_trained_for_each_run(tmp_path, trained):
    specs = spawned()[2:4]
    folders = [tmp_path / str(index) for index in range(2)]
    with pytest.raises(Stopped):
        together(specs, checkpoints=folders, should_stop=Times(4))
    kept = Checkpoint(Standing, folders[1], 0)
    standing, tensors = kept.read()
    kept.write(standing, tensors | {"parameters": tensors["parameters"].nextafter(torch.ones(()))})
    trained.clear()
    together(specs, checkpoints=folders)
    assert trained[0] == 2


def test_the_time_of_a_shared_network_counts_for_every_run_that_has_it():
    specs = [small_spec(spawn={"at": 4}), small_spec(spawn={"at": 4}, keep=(1,))]
    one, other = (result_of(events).timing.train_seconds for events in together(specs)[0])
    assert one == pytest.approx(other)


def test_only_what_differs_between_twins_a_is_trained_apart():
    spec = small_spec(augmentation="shift_flip")
    others = spec.seeds.model_copy(update={"order": (1, 7)}), spec.seeds.model_copy(update={"order": (7, 2)})
    of_b, of_a = (spec.model_copy(update={"seeds": seeds}) for seeds in others)
    assert len(steps_together([spec, of_b])) == 3
    assert len(steps_together([spec, of_a])) == 3, "twins B that part at once never saw A's noise"
    late = [each.model_copy(update={"spawn": spec.spawn.model_copy(update={"at": 1})}) for each in (spec, of_a)]
    assert len(steps_together(late)) == 4


def test_runs_that_differ_in_what_is_measured_alone_train_the_same_networks(trained):
    specs = [small_spec(measurement={"alphas": alphas, "every": 0}) for alphas in (3, 5)]
    events, networks = together(specs)
    assert trained == [2]
    assert same(*networks)
    assert [len(result_of(of_run).alphas) for of_run in events] == [3, 5]
