"""The command line as scripts see it: JSON on stdout, one line for what is wrong, exit statuses."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import safetensors.torch
import torch

from lmc_core.overrides import parse_spec
from lmc_core.training.networks import build

QUICK = ["epochs=2", "repeats=2", "architecture.width=16", "measurement.alphas=5"]


@dataclass(frozen=True)
class Cache:
    """A cache folder of its own and the commands that run on it."""

    folder: Path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        variables = os.environ | {"LMC_CACHE_DIR": str(self.folder)} | environment
        return subprocess.run(
            [sys.executable, "-m", "lmc_core", *arguments], capture_output=True, text=True, timeout=120, env=variables, check=False
        )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def first(cache: Cache) -> dict:
    ended = cache.run("twins", "--set", *QUICK, "--json")
    assert ended.returncode == 0, ended.stderr
    assert "step" in ended.stderr
    return json.loads(ended.stdout)


def test_twins_prints_one_object_with_all_that_scripts_rely_on(first: dict) -> None:
    assert first["cached"] is False
    assert first["alphas"] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert first["parameters"] == 64 * 16 + 16 + 16 * 10 + 10
    assert parse_spec(first["spec"]).run_id == first["run_id"]
    assert len(first["pairs"]) == 2
    for pair in first["pairs"]:
        assert pair["diverged"] is False
        for split in ("train", "test"):
            assert {len(pair["curves"][split][quantity]) for quantity in ("error", "loss")} == {5}
            assert {"error", "normalized", "loss"} <= set(pair["barriers"][split])
    assert {"train_seconds", "evaluate_seconds"} <= set(first["timing"])
    assert {"device", "versions"} <= set(first["environment"])


def test_the_summary_is_the_mean_and_standard_deviation_over_pairs(first: dict) -> None:
    barriers = pd.Series([pair["barriers"]["test"]["error"] for pair in first["pairs"]])
    summary = first["summary"]["test"]["error"]
    assert summary["mean"] == pytest.approx(barriers.mean())
    assert summary["std"] == pytest.approx(barriers.std())
    assert summary["n"] == 2


def test_a_second_call_finds_the_run_and_prints_the_same(cache: Cache, first: dict) -> None:
    again = json.loads(cache.run("twins", "--set", *QUICK, "--json").stdout)
    assert again.pop("cached") is True
    assert again == {key: value for key, value in first.items() if key != "cached"}


def test_a_spec_file_gives_the_same_run_as_the_settings(cache: Cache, first: dict, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(first["spec"]))
    described = json.loads(cache.run("describe", "--spec", str(tmp_path / "spec.json"), "--json").stdout)
    assert described["run_id"] == first["run_id"]
    assert described["parameters"] == first["parameters"]
    assert described["estimated_seconds"] >= 0


def test_runs_lists_the_run(cache: Cache, first: dict) -> None:
    rows = json.loads(cache.run("runs", "--json").stdout)
    mine = [row for row in rows if row["run_id"] == first["run_id"]]
    assert len(mine) == 1
    assert mine[0]["summary"] == first["summary"]


def test_exported_weights_load_into_the_plain_module_and_give_the_curve_s_ends(cache: Cache, first: dict, tmp_path: Path) -> None:
    from lmc_core.data.load import load

    ended = cache.run("export", first["run_id"], str(tmp_path / "out"))
    assert ended.returncode == 0, ended.stderr
    spec = parse_spec(json.loads((tmp_path / "out" / "spec.json").read_text()))
    data = load(spec.dataset, tmp_path)
    mean, std = torch.tensor(data.mean).view(-1, 1, 1), torch.tensor(data.std).view(-1, 1, 1)
    images = (data.test_images.float() / 255 - mean) / std
    for twin, end in (("a", 0), ("b", -1)):
        network = build(spec)
        network.load_state_dict(safetensors.torch.load_file(tmp_path / "out" / "pair1" / f"{twin}.safetensors"))
        with torch.no_grad():
            wrong = (network(images).argmax(1) != data.test_labels).double().mean().item()
        assert first["pairs"][1]["curves"]["test"]["error"][end] == pytest.approx(wrong, abs=1e-12)
    curves = pd.read_csv(tmp_path / "out" / "curves.csv")
    assert set(curves["pair"]) == {0, 1}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["twins", "--set", "optimizer.lr=fast"], "optimizer.lr is 'fast'"),
        (["twins", "--set", "colour=red"], "no field colour"),
        (["twins", "--set", "epochs"], "KEY=VALUE"),
        (["twins", "--set", "architecture.width=65536", "architecture.depth=32"], "memory"),
        (["describe", "--spec", "nothing.json"], "cannot be read"),
        (["describe", "--spec", __file__], "is not JSON"),
        (["export", "../..", "out"], "is not a run id"),
        (["export", "0" * 20, "out"], "no finished run"),
        (["data", "get", "imagenet"], "invalid choice"),
        (["gallery", "nothing"], "no preset"),
    ],
)
def test_bad_input_gives_exit_status_2_and_one_line(cache: Cache, arguments: list[str], words: str) -> None:
    ended = cache.run(*arguments)
    assert ended.returncode == 2
    assert words in ended.stderr.splitlines()[-1]
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_an_unwritable_cache_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = Cache(tmp_path / "file" / "cache").run("twins", "--set", *QUICK)
    assert ended.returncode == 2
    assert "LMC_CACHE_DIR" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_nonsense_limit_in_the_environment_is_told_in_one_line(cache: Cache) -> None:
    ended = cache.run("describe", LMC_WORKERS="many")
    assert ended.returncode == 2
    assert "LMC_WORKERS is 'many'" in ended.stderr
