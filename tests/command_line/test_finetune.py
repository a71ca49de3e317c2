"""`finetune`: both runs of the blog's experiments, and twins of a checkpoint with the blog's settings."""

import json
from pathlib import Path

import pytest

from tests.checkpoints.made_up import save_tiny_vit
from tests.command_line.test_start import run

DIGITS = ["dataset=digits", "augmentation=none", "train_samples=64", "test_samples=20", "epochs=1", "precision=float32"]
"""Data that come with the program, in place of CIFAR-10."""
TWINS = [*DIGITS, "architecture.side=8", "repeats=1", "measurement.every=0", "measurement.alphas=3", "start.checkpoint=mine"]
TICKETS = [*DIGITS, "architecture.side=8", "pruning.final_epochs=0.25", "measurement.alphas=3", "start.checkpoint=mine"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a ViT named `mine` in its models."""
    save_tiny_vit(tmp_path / "data" / "models" / "mine")
    return tmp_path


def test_a_preset_prints_the_pretrained_run_and_the_random_one_shaped_as_twins(folder: Path) -> None:
    ended = run(folder, "finetune", "--preset", "connectivity", "--set", *TWINS, "--json")
    assert ended.returncode == 0, ended.stderr
    pretrained, random = json.loads(ended.stdout)
    assert (pretrained["start"], random["start"]) == ("pretrained", "random")
    assert pretrained["spec"]["start"]["checkpoint"] == "mine"
    assert random["spec"]["start"]["checkpoint"] == ""
    twins = {"run_id", "cached", "spec", "parameters", "alphas", "pairs", "summary", "timing", "environment"}
    assert set(pretrained) == set(random) == twins | {"start"}
    assert pretrained["spec"] | {"start": None} == random["spec"] | {"start": None}
    assert pretrained["spec"]["optimizer"] == {"name": "adamw", "lr": 2e-4, "weight_decay": 0.01, "clip_norm": 0.0}
    again = json.loads(run(folder, "finetune", "--preset", "connectivity", "--set", *TWINS, "--json").stdout)
    assert [(one["run_id"], one["cached"]) for one in again] == [(pretrained["run_id"], True), (random["run_id"], True)]


def test_tickets_of_both_starts_are_told_level_by_level(folder: Path) -> None:
    ended = run(folder, "finetune", "--preset", "tickets", "--set", *TICKETS, "--json")
    assert ended.returncode == 0, ended.stderr
    for told in json.loads(ended.stdout):
        kinds = [(level["kind"], level["density"]) for level in told["levels"]]
        assert kinds == [("dense", 1.0), ("pruned", 0.2), ("pruned", 0.05), ("ticket", 0.2), ("ticket", 0.05)]
        assert all(level["barriers"] for level in told["levels"] if level["kind"] != "pruned")


def test_without_the_checkpoint_the_random_run_is_told_all_the_same(tmp_path: Path) -> None:
    small = [*DIGITS, "repeats=1", "measurement.every=0", "measurement.alphas=3", "architecture.side=16", "architecture.layers=1"]
    ended = run(tmp_path, "finetune", "--preset", "connectivity", "--set", *small, "--json")
    pretrained, random = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert pretrained["summary"] is None
    assert "the hub is out of reach" in pretrained["error"]
    assert pretrained["error"] in ended.stderr
    assert random["summary"]["test"]["error"]["n"] == 1


def test_without_a_preset_a_checkpoint_s_twins_have_the_blog_s_settings(folder: Path) -> None:
    ended = run(folder, "finetune", "--set", *TWINS, "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["spec"]["architecture"]["width"] == 8
    assert (told["spec"]["batch_size"], told["spec"]["schedule"]["name"]) == (16, "cosine")
    assert told["summary"]["test"]["accuracy"]["n"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--size", "sketch"], "--size is that of a preset; give one of connectivity, pruning, tickets with --preset"),
        (["--preset", "connectivity", "--set", "epochs"], "--set takes KEY=VALUE"),
        (["--preset", "connectivity", "--set", "epoch=3"], "There is no field epoch"),
        (["--set", "start.checkpoint=/no/such/folder"], "There is no folder /no/such/folder"),
    ],
)
def test_what_does_not_fit_is_one_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    ended = run(tmp_path, "finetune", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stdout == ""
