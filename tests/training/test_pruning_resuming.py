"""A pruning run that was interrupted, anywhere, ends with the bits of one that was not."""

import contextlib
import math

import pytest
import torch

from lmc_core.errors import Stopped
from lmc_core.training import checkpoint, pace
from lmc_core.training.checkpoint import FILE, Checkpoint
from lmc_core.training.pruning_run import PruningStanding, train_pruning
from tests.training.pruning_runs import METHODS, prune, result_of, small_prune_spec
from tests.training.runs import DATA
from tests.training.test_resuming import Times, same

SPECS = {
    name: small_prune_spec(name, "cnn", "clipped adamw", pruning={"rewind": [0, 7], "rewind_unit": "steps"}, augmentation="shift_flip")
    for name in METHODS
} | {"in shares, several repeats": small_prune_spec("hard platon", repeats=2, pruning={"redrawn_control": True})}


@pytest.mark.parametrize("name", SPECS)
def test_a_stopped_run_goes_on_with_the_same_bits_from_wherever_it_stopped(name, tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    expected, final = prune(SPECS[name])
    places = set()
    for question in range(2, 90, 11):
        folder = tmp_path / str(question)
        with contextlib.suppress(Stopped):
            prune(SPECS[name], checkpoint=folder, should_stop=Times(question))
        events, trained = prune(SPECS[name], checkpoint=folder)
        places.add(next(event.step for event in events if event.event == "started"))
        assert same(final, trained)
        assert result_of(events).levels == result_of(expected).levels
    assert len(places) > 4


@pytest.mark.parametrize("name", ["platon", "gradual magnitude", "iterative"])
def test_a_killed_run_goes_on_from_its_last_checkpoint_and_tells_the_same(name, tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    monkeypatch.setattr(pace, "SIGN_OF_LIFE_SECONDS", 0)
    monkeypatch.setattr(checkpoint, "SHARE", math.inf)
    expected, final = prune(SPECS[name])
    told: dict[tuple, object] = {}

    def tell(event) -> None:
        match event.event:
            case "networks":
                told["networks", event.phase, event.epoch] = event.networks
            case "recorded":
                told["recorded", event.phase, event.kind, event.density, event.rewind, event.first] = event
            case "level":
                told["level", event.level.kind, event.level.density, event.level.rewind] = event.level

    for events_seen in (3, 12, 30, 41):
        generator = train_pruning(SPECS[name], DATA, checkpoint=tmp_path, checkpoint_seconds=0)
        for _ in range(events_seen):
            tell(next(generator))
        generator.close()
    events, trained = prune(SPECS[name], checkpoint=tmp_path)
    assert events[0].step > 0
    for event in events:
        tell(event)
    assert same(final, trained)
    assert result_of(events).levels == result_of(expected).levels
    found, told = told, {}
    for event in expected:
        tell(event)
    assert {key: value for key, value in found.items() if key in told} == told


def test_masks_travel_through_a_checkpoint(tmp_path):
    spec = small_prune_spec("random")
    with pytest.raises(Stopped):
        prune(spec, checkpoint=tmp_path, should_stop=Times(4))
    standing, tensors = Checkpoint(PruningStanding, tmp_path, 0).read()
    assert 0 < standing.step < spec.total_steps
    mask, weights = tensors["cohort.state.mask"], tensors["cohort.parameters"]
    assert (mask == 0).any()
    assert (weights[mask == 0] == 0).all()


def test_stopping_is_noticed_while_levels_are_measured_and_none_is_measured_twice(tmp_path):
    spec, reached = small_prune_spec(), []
    generator = train_pruning(spec, DATA, checkpoint=tmp_path, should_stop=lambda: len(reached) == 3)
    with pytest.raises(Stopped, match="goes on from here"):
        reached.extend(event.level for event in generator if event.event == "level")
    standing, _ = Checkpoint(PruningStanding, tmp_path, 0).read()
    assert len(standing.levels) == 3
    events, _ = prune(spec, checkpoint=tmp_path)
    told = [event.level for event in events if event.event == "level"]
    assert reached + told == result_of(events).levels


def test_a_damaged_checkpoint_is_told_and_the_run_begins_again(tmp_path):
    spec = small_prune_spec()
    with pytest.raises(Stopped):
        prune(spec, checkpoint=tmp_path, should_stop=Times(5))
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    events, trained = prune(spec, checkpoint=tmp_path)
    assert events[0].event == "notice"
    assert "damaged" in events[0].text
    assert events[1].step == 0
    assert same(prune(spec)[1], trained)


def test_the_checkpoint_of_another_run_is_not_taken(tmp_path):
    with pytest.raises(Stopped):
        prune(small_prune_spec(epochs=3), checkpoint=tmp_path, should_stop=Times(6))
    events, _ = prune(small_prune_spec(), checkpoint=tmp_path)
    assert events[0].step == 0


def test_time_spent_before_the_interruption_counts(tmp_path):
    spec = small_prune_spec()
    with pytest.raises(Stopped):
        prune(spec, checkpoint=tmp_path, should_stop=Times(5))
    standing, _ = Checkpoint(PruningStanding, tmp_path, 0).read()
    events, _ = prune(spec, checkpoint=tmp_path)
    assert result_of(events).timing.train_seconds > standing.train_seconds > 0


def test_tensors_of_a_checkpoint_are_whole_rows(tmp_path):
    spec = small_prune_spec("iterative")
    with pytest.raises(Stopped):
        prune(spec, checkpoint=tmp_path, should_stop=Times(12))
    _, tensors = Checkpoint(PruningStanding, tmp_path, 0).read()
    kept = [row for name, row in tensors.items() if name.startswith("kept.")]
    assert kept
    assert {row.dtype for row in kept} <= {torch.float32, torch.uint8}
    assert len({row.shape for row in kept}) == 1


def test_a_level_whose_telling_a_kill_cut_off_is_told_by_the_next_attempt(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHARE", math.inf)
    spec = small_prune_spec("platon")
    whole = [event.event for event in train_pruning(spec, DATA)]
    for place in [place for place, name in enumerate(whole) if name == "level"]:
        folder = tmp_path / str(place) / "state"
        generator = train_pruning(spec, DATA, checkpoint=folder, checkpoint_seconds=0)
        told = [next(generator) for _ in range(place + 1)][:-1]
        generator.close()
        told += train_pruning(spec, DATA, checkpoint=folder)
        levels = {(event.level.kind, event.level.density, event.level.rewind) for event in told if event.event == "level"}
        assert len(levels) == whole.count("level")
