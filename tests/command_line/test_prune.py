"""`prune` as scripts see it: one JSON object, one line for what is wrong, and the commands that know both kinds of runs."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
import torch

from lmc_core.experiment import PruneSpec
from lmc_core.overrides import parse_spec
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from lmc_core.training.networks import build
from tests.command_line.test_command_line import Cache

QUICK = ["epochs=2", "repeats=2", "architecture.width=16", "measurement.alphas=5", "pruning.densities=0.5,0.1", "pruning.rewind=0,1"]
WEIGHTS = 64 * 16
METHODS = {
    "magnitude": [],
    "random": [],
    "platon": ["pruning.interval=3", "pruning.final_epochs=0.5"],
    "iterative": [],
    "snip": ["pruning.images=100"],
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def first(cache: Cache) -> dict:
    ended = cache.run("prune", "--set", *QUICK, "--json")
    assert ended.returncode == 0, ended.stderr
    assert "step" in ended.stderr
    return json.loads(ended.stdout)


def levels(run: dict, kind: str) -> list[dict]:
    return [level for level in run["levels"] if level["kind"] == kind]


def test_prune_prints_one_object_with_all_that_scripts_rely_on(first: dict) -> None:
    assert first["cached"] is False
    assert (first["parameters"], first["prunable"]) == (64 * 16 + 16 + 16 * 10 + 10, WEIGHTS)
    assert parse_spec(first["spec"], PruneSpec).run_id == first["run_id"]
    assert first["alphas"] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert {"train_seconds", "evaluate_seconds"} <= set(first["timing"])
    assert {"device", "versions"} <= set(first["environment"])
    steps = 12
    assert [(level["density"], level["rewind"]) for level in levels(first, "dense")] == [(1.0, 0), (1.0, steps)]
    assert [(level["density"], level["rewind"]) for level in levels(first, "pruned")] == [(0.5, None), (0.1, None)]
    for kind in ("ticket", "random"):
        assert sorted((level["density"], level["rewind"]) for level in levels(first, kind)) == [
            (0.1, 0),
            (0.1, steps),
            (0.5, 0),
            (0.5, steps),
        ]


def test_each_level_has_exact_counts_accuracies_and_the_barriers_of_its_twins(first: dict) -> None:
    for level in first["levels"]:
        assert level["nonzero"] == round(level["density"] * WEIGHTS)
        assert level["nonzero_of_each_repeat"] == [level["nonzero"]] * 2
        assert sum(layer["nonzero"] for layer in level["layers"]) == level["nonzero"]
        for split in ("train", "test"):
            assert 0 <= level["accuracy"][split]["mean"] <= 1
            assert level["accuracy"][split]["n"] == 2
        assert (level["barriers"] is None) == (level["kind"] == "pruned") == (level["connected"] is None)
        if level["barriers"]:
            errors = pd.Series([pair["barriers"][1] for pair in level["pairs"]])
            assert level["barriers"]["test"]["error"]["mean"] == pytest.approx(errors.mean())
            assert level["barriers"]["test"]["error"]["std"] == pytest.approx(errors.std())


def test_the_history_has_a_record_for_each_epoch_of_each_network(first: dict) -> None:
    history = pd.DataFrame(first["history"])
    assert {"phase", "epoch", "step", "kind", "density", "rewind", "pair", "twin", "train_loss", "train_error"} <= set(history.columns)
    tickets = history[(history["kind"] == "ticket") & (history["rewind"] == 0)]
    assert len(tickets) == 2 * 2 * 2 * 2
    assert history["step"].is_monotonic_increasing


def test_a_second_call_finds_the_run_and_prints_the_same(cache: Cache, first: dict) -> None:
    again = json.loads(cache.run("prune", "--set", *QUICK, "--json").stdout)
    assert again.pop("cached") is True
    assert again == {key: value for key, value in first.items() if key != "cached"}


def test_the_report_for_people_has_a_line_for_each_level(cache: Cache, first: dict) -> None:
    lines = cache.run("prune", "--set", *QUICK).stdout.splitlines()
    assert lines[0] == f"run {first['run_id']}"
    assert len(lines) == 2 + len(first["levels"])
    assert all(word in lines[1] for word in ("density", "test accuracy", "test barrier"))


def test_describe_knows_both_kinds_by_file_preset_or_name(cache: Cache, first: dict, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(first["spec"]))
    by_file = json.loads(cache.run("describe", "--spec", str(tmp_path / "spec.json"), "--json").stdout)
    by_name = json.loads(cache.run("describe", "--kind", "prune", "--set", *QUICK, "--json").stdout)
    assert by_file["run_id"] == by_name["run_id"] == first["run_id"]
    assert by_file["parameters"] == first["parameters"]
    assert by_file["command"].startswith("python -m lmc_core prune --set ")
    by_preset = json.loads(cache.run("describe", "--preset", "tickets", "--json").stdout)
    assert by_preset["run_id"] == PRUNING_PRESETS["tickets"].spec.run_id
    assert by_preset["estimated_seconds"] > by_name["estimated_seconds"]
    networks = cache.run("describe", "--kind", "prune", "--set", *QUICK).stdout
    assert f"in each of {2 * (2 + 2 * 2 * 2 * 2 + 2)} networks" in networks


def test_runs_lists_both_kinds(cache: Cache, first: dict) -> None:
    twins = json.loads(cache.run("twins", "--set", "epochs=1", "architecture.width=4", "--json").stdout)
    rows = {row["run_id"]: row for row in json.loads(cache.run("runs", "--json").stdout)}
    assert rows[twins["run_id"]]["summary"] == twins["summary"]
    mine = rows[first["run_id"]]
    assert [level["accuracy"] for level in mine["levels"]] == [level["accuracy"] for level in first["levels"]]
    assert mine["spec"]["kind"] == "prune"
    line = next(line for line in cache.run("runs").stdout.splitlines() if line.startswith(first["run_id"]))
    assert "pruning.densities=0.5,0.1" in line


def test_exported_tickets_have_exactly_the_weights_that_their_mask_allows_and_the_accuracy_that_was_told(
    cache: Cache, first: dict, tmp_path: Path
) -> None:
    from lmc_core.data.load import load

    ended = cache.run("export", first["run_id"], str(tmp_path / "out"))
    assert ended.returncode == 0, ended.stderr
    spec = parse_spec(json.loads((tmp_path / "out" / "spec.json").read_text()), PruneSpec)
    data = load(spec.dataset, tmp_path)
    mean, std = torch.tensor(data.mean).view(-1, 1, 1), torch.tensor(data.std).view(-1, 1, 1)
    images = (data.test_images.float() / 255 - mean) / std
    place = next(
        place for place, level in enumerate(first["levels"]) if (level["kind"], level["density"], level["rewind"]) == ("ticket", 0.1, 0)
    )
    level = first["levels"][place]
    mask = safetensors.torch.load_file(tmp_path / "out" / f"level{place}" / "pair1" / "mask.safetensors")
    for twin, error in zip("ab", level["pairs"][1]["test_error"], strict=True):
        weights = safetensors.torch.load_file(tmp_path / "out" / f"level{place}" / "pair1" / f"{twin}.safetensors")
        assert all(not weights[name][kept == 0].any() for name, kept in mask.items())
        assert sum(int(weights[layer["name"]].count_nonzero()) for layer in level["layers"]) == level["nonzero"]
        network = build(spec)
        network.load_state_dict(weights)
        with torch.no_grad():
            wrong = (network(images).argmax(1) != data.test_labels).double().mean().item()
        assert error == pytest.approx(wrong, abs=1e-12)
    tables = {name: pd.read_csv(tmp_path / "out" / f"{name}.csv") for name in ("history", "steps", "curves")}
    assert set(tables["curves"]["kind"]) == {"dense", "ticket", "random"}
    assert np.isin(tables["steps"]["masked"], [True, False]).all()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_runs_and_keeps_the_densities_that_were_asked_for(cache: Cache, method: str) -> None:
    quick = [setting for setting in QUICK if not setting.startswith(("repeats", "pruning.rewind"))]
    ended = cache.run("prune", "--set", f"pruning.name={method}", *quick, *METHODS[method], "--json")
    assert ended.returncode == 0, ended.stderr
    tickets = levels(json.loads(ended.stdout), "ticket")
    assert [level["nonzero"] / WEIGHTS for level in tickets] == pytest.approx([0.5, 0.1], abs=2 / WEIGHTS)  # PLATON keeps up to 2 more


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "pruning.densities=0"], "pruning.densities has '0'"),
        (["--set", "pruning.densities=1.01"], "pruning.densities has '1.01'"),
        (["--set", "pruning.densities=0.00001"], "none of"),
        (["--set", "architecture.name=linear"], "pruning.classifier"),
        (["--set", "pruning.rewind=20"], "training ends after"),
        (["--set", "pruning.name=platon", "pruning.initial_epochs=20", "pruning.final_epochs=1"], "but training has 240"),
        (["--set", "pruning.name=lottery"], "magnitude, random, platon, iterative, snip"),
        (["--set", "spawn.at=1"], "is a field of twins"),
        (["--set", "architecture.width=65536", "architecture.depth=32"], "memory"),
        (["--preset", "minimal"], "invalid choice"),
        (["--spec", "nothing.json"], "cannot be read"),
    ],
)
def test_bad_input_gives_exit_status_2_and_one_line_and_queues_nothing(cache: Cache, arguments: list[str], words: str) -> None:
    before = queued(cache)
    ended = cache.run("prune", *arguments)
    assert ended.returncode == 2
    assert words in ended.stderr.splitlines()[-1]
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert queued(cache) == before


def queued(cache: Cache) -> int:
    """How many runs the journal knows."""
    journal = cache.folder / "journal.sqlite"
    if not journal.exists():
        return 0
    with sqlite3.connect(journal) as database:
        return int(database.execute("SELECT COUNT(*) FROM jobs").fetchone()[0])


def test_a_spec_file_of_another_kind_is_told_which_command_takes_it(cache: Cache, first: dict, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(first["spec"]))
    ended = cache.run("twins", "--spec", str(tmp_path / "spec.json"))
    assert ended.returncode == 2
    assert ended.stderr.endswith("describes prune, not twins; `python -m lmc_core prune` takes it.\n")
