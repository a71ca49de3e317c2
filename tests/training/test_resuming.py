"""A training that was interrupted, anywhere, ends with the bits of one that was not."""

import contextlib
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lmc_core.errors import LMCError, Stopped
from lmc_core.training import checkpoint, pace
from lmc_core.training.checkpoint import FILE, Checkpoint, DamagedCheckpointError, Standing
from lmc_core.training.run import train_twins
from tests.training.runs import DATA, result_of, small_spec, train

SPECS = {
    "momentum": small_spec("mlp", "momentum", repeats=2, measurement={"every": 1, "alphas": 3}),
    "adam, augmented, parting inside an epoch": small_spec(
        "cnn", "clipped adamw", augmentation="shift_flip", spawn={"at": 7, "unit": "steps"}, schedule={"name": "cosine", "warmup_epochs": 1}
    ),
    "vision transformer, cropped and jittered": small_spec(
        {"name": "vit", "side": 12, "patch": 4, "width": 8, "layers": 1, "heads": 2, "mlp": 12},
        "clipped adamw",
        augmentation="crop_flip_jitter",
        spawn={"at": 7, "unit": "steps"},
    ),
    "never parting": small_spec(spawn={"at": 4, "unit": "epochs"}),
    "kept on the way": small_spec(spawn={"at": 4, "unit": "epochs"}, keep=(0, 1, 2, 4), repeats=2),
}
STANDING = Standing(run_id="0" * 20, step=3, parted=True, reported=False, train_seconds=1.5, evaluate_seconds=0.25)


class Times:
    """Says yes at the n-th question."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == 0


def same(one, other) -> bool:
    return one.weights.keys() == other.weights.keys() and all(
        torch.equal(weight, other.weights[name][key]) for name, weights in one.weights.items() for key, weight in weights.items()
    )


@pytest.mark.parametrize("name", SPECS)
def test_a_stopped_training_goes_on_with_the_same_bits_from_wherever_it_stopped(name, tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    expected, final = train(SPECS[name])
    places = set()
    for question in range(1, 40, 3):
        folder = tmp_path / str(question)
        with contextlib.suppress(Stopped):
            train(SPECS[name], checkpoint=folder, should_stop=Times(question))
        events, trained = train(SPECS[name], checkpoint=folder)
        places.add(events[0].step)
        assert same(final, trained)
        assert result_of(events).pairs == result_of(expected).pairs
    assert len(places) > 8


@pytest.mark.parametrize("name", SPECS)
def test_a_killed_training_goes_on_from_its_last_checkpoint(name, tmp_path, monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    monkeypatch.setattr(pace, "SIGN_OF_LIFE_SECONDS", 0)
    monkeypatch.setattr(checkpoint, "SHARE", math.inf)
    expected, final = train(SPECS[name])
    told: dict[tuple[str, int], object] = {}
    for events_seen in (3, 8, 14):
        generator = train_twins(SPECS[name], DATA, checkpoint=tmp_path, checkpoint_seconds=0)
        for _ in range(events_seen):
            event = next(generator)
            if event.event in ("epoch", "curve"):
                told[event.event, event.step] = event
        generator.close()
    events, trained = train(SPECS[name], checkpoint=tmp_path)
    assert events[0].step > 0
    assert same(final, trained)
    told |= {(event.event, event.step): event for event in events if event.event in ("epoch", "curve")}
    for event in expected:
        if event.event == "curve":
            assert told["curve", event.step] == event
        if event.event == "epoch":
            assert told["epoch", event.step].members == event.members


VICTIM = """
import sys
from pathlib import Path
from lmc_core.experiment import TwinsSpec
from lmc_core.training import checkpoint, pace, run
from tests.small_data import small_dataset
checkpoint.SHARE = float("inf")
pace.SEGMENT_SECONDS = 0
spec = TwinsSpec.model_validate_json(sys.argv[1])
for event in run.train_twins(spec, small_dataset(), checkpoint=Path(sys.argv[2]), checkpoint_seconds=0):
    print(event.event, flush=True)
"""


def test_a_process_killed_in_the_middle_leaves_a_checkpoint_to_go_on_from(tmp_path):
    spec = small_spec("cnn", "adam", augmentation="shift_flip", epochs=200, measurement={"alphas": 3})
    command = [sys.executable, "-c", VICTIM, spec.model_dump_json(), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as victim:
        epochs = (line for line in victim.stdout if line == "epoch\n")
        for _ in range(3):
            next(epochs)
        victim.kill()
    events, trained = train(spec, checkpoint=tmp_path)
    assert 10 < events[0].step < spec.total_steps
    assert same(train(spec)[1], trained)


def test_time_spent_before_the_interruption_counts(tmp_path):
    spec = small_spec()
    with pytest.raises(Stopped):
        train(spec, checkpoint=tmp_path, should_stop=Times(5))
    standing, _ = Checkpoint(Standing, tmp_path, 0).read()
    events, _ = train(spec, checkpoint=tmp_path)
    assert result_of(events).timing.train_seconds > standing.train_seconds > 0


def test_stopping_is_noticed_while_measuring(tmp_path, monkeypatch):
    asked = []

    def while_measuring() -> bool:
        asked.append(True)
        return len(asked) == 2

    events, generator = [], train_twins(small_spec(measurement={"every": 1}), DATA, checkpoint=tmp_path, should_stop=while_measuring)
    with pytest.raises(Stopped, match="goes on from here"):
        events += list(generator)
    assert events == []
    standing, _ = Checkpoint(Standing, tmp_path, 0).read()
    assert (standing.step, standing.reported) == (0, False)


def test_the_checkpoint_of_another_run_is_not_taken(tmp_path):
    with pytest.raises(Stopped):
        train(small_spec(epochs=3), checkpoint=tmp_path, should_stop=Times(6))
    events, trained = train(small_spec(), checkpoint=tmp_path)
    assert events[0].step == 0
    assert same(train(small_spec())[1], trained)


@pytest.mark.parametrize("damage", ["cut", "flipped bit", "other tensors", "empty"])
def test_a_damaged_checkpoint_is_told_and_the_training_begins_again(damage, tmp_path):
    spec = small_spec()
    with pytest.raises(Stopped):
        train(spec, checkpoint=tmp_path, should_stop=Times(5))
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    match damage:
        case "cut":
            path.write_bytes(content[:-10])
        case "flipped bit":
            content[-100] ^= 1
            path.write_bytes(content)
        case "other tensors":
            save_file({name: tensor + 1 for name, tensor in load_file(path).items()}, path)
        case "empty":
            path.write_bytes(b"")
    with pytest.raises(DamagedCheckpointError):
        Checkpoint(Standing, tmp_path, 0).read()
    events, trained = train(spec, checkpoint=tmp_path)
    assert events[0].event == "notice"
    assert "damaged" in events[0].text
    assert events[1].step == 0
    assert same(train(spec)[1], trained)


def test_a_checkpoint_keeps_tensors_and_standing_and_replaces_itself_as_a_whole(tmp_path):
    kept = Checkpoint(Standing, tmp_path / "folder", 0)
    assert kept.read() is None
    tensors = {"rows": torch.randn(2, 5), "count": torch.arange(3)}
    for factor in (1, 2):
        kept.write(STANDING, {name: factor * tensor for name, tensor in tensors.items()})
        standing, found = kept.read()
        assert standing == STANDING
        assert all(torch.equal(found[name], factor * tensor) for name, tensor in tensors.items())
    assert [path.name for path in (tmp_path / "folder").iterdir()] == [FILE]


def test_checkpoints_are_written_at_most_so_often(tmp_path):
    assert Checkpoint(Standing, tmp_path, 0).due
    assert not Checkpoint(Standing, tmp_path, 3600).due


def test_a_checkpoint_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LMCError, match="cannot be written"):
        Checkpoint(Standing, tmp_path / "file" / "below", 0).write(STANDING, {"x": torch.zeros(1)})


def test_a_training_writes_early_and_then_more_and_more_rarely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now)
    kept, written = Checkpoint(Standing, tmp_path, 10.0), []
    while now < 120:
        now += 0.5
        if kept.due:
            written.append(now)
            kept._written = now
    assert written[0] <= 2
    assert len(written) < 25
    assert written[-1] - written[-2] == 10
