"""Runs that begin with a checkpoint, from the command line."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import safetensors.numpy

from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import CNN
from lmc_core.overrides import with_overrides
from lmc_core.training.networks import initialise
from tests.checkpoints.made_up import save_tiny_vit

QUICK = ["epochs=1", "measurement.alphas=3"]


@pytest.fixture
def pretrained(tmp_path: Path) -> Path:
    """A CNN in the data folder's models, as the program saves it."""
    spec = TwinsSpec(architecture=CNN(filters=6, kernel=2, slope=0.25))
    save_pretrained(spec, initialise(spec, 0), tmp_path / "data" / "models" / "cnn")
    return tmp_path / "data" / "models" / "cnn"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {
        "LMC_CACHE_DIR": str(folder / "cache"),
        "LMC_DATA_DIR": str(folder / "data"),
        "HF_ENDPOINT": "http://127.0.0.1:1",
    }
    return subprocess.run(
        [sys.executable, "-m", "lmc_core", *arguments], capture_output=True, text=True, timeout=120, env=variables, check=False
    )


def test_twins_begin_with_a_checkpoint_and_take_its_architecture(pretrained: Path, tmp_path: Path) -> None:
    ended = run(tmp_path, "twins", "--set", "start.checkpoint=cnn", *QUICK, "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["spec"]["architecture"] == {"name": "cnn", "filters": 6, "kernel": 2, "slope": 0.25}
    assert len(told["spec"]["start"]["fingerprint"]) == 20


def test_further_settings_change_what_the_checkpoint_leaves_open(pretrained: Path, tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "describe", "--set", "start.checkpoint=cnn", "architecture.slope=0", "--json").stdout)
    assert told["spec"]["architecture"] == {"name": "cnn", "filters": 6, "kernel": 2, "slope": 0.0}


def test_the_command_that_is_printed_makes_the_same_run(pretrained: Path, tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "describe", "--set", "start.checkpoint=cnn", "architecture.slope=0", "--json").stdout)
    settings = told["command"].split("--set ")[1].split()
    assert json.loads(run(tmp_path, "describe", "--set", *settings, "--json").stdout)["run_id"] == told["run_id"]


def test_a_vit_s_own_means_survive_the_command_line(tmp_path: Path) -> None:
    save_tiny_vit(tmp_path / "data" / "models" / "vit")
    told = json.loads(run(tmp_path, "describe", "--set", "start.checkpoint=vit", "dataset=cifar10", "--json").stdout)
    settings = dict(pair.split("=", 1) for pair in told["command"].split("--set ")[1].split())
    assert settings["architecture.mean"] == "0.5,0.4,0.3"
    assert with_overrides(settings).run_id == told["run_id"]


def test_what_one_run_trained_is_where_another_begins(tmp_path: Path) -> None:
    network = ["architecture.name=cnn", "architecture.filters=6", "architecture.kernel=2"]
    first = json.loads(run(tmp_path, "twins", "--set", *network, *QUICK, "--json").stdout)
    exported = run(tmp_path, "export", first["run_id"], str(tmp_path / "out"), "--pretrained")
    assert exported.returncode == 0, exported.stderr
    assert {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").glob("*/*")} == {
        "pair0/init",
        "pair0/a",
        "pair0/b",
    }
    ended = run(tmp_path, "twins", "--set", f"start.checkpoint={tmp_path / 'out' / 'pair0' / 'a'}", *QUICK, "--json")
    assert ended.returncode == 0, ended.stderr
    later = json.loads(ended.stdout)
    for folder, told in (("first", first), ("later", later)):
        assert run(tmp_path, "export", told["run_id"], str(tmp_path / folder)).returncode == 0
    trained, begun = (
        safetensors.numpy.load_file(tmp_path / name) for name in ("first/pair0/a.safetensors", "later/pair0/init.safetensors")
    )
    assert (trained["hidden.weight"] == begun["hidden.weight"]).all()
    assert (trained["classifier.weight"] != begun["classifier.weight"]).any()


def test_checkpoints_are_a_factor_with_the_random_initialisation_at_one_end(pretrained: Path, tmp_path: Path) -> None:
    network = ["architecture.name=cnn", "architecture.filters=6", "architecture.kernel=2"]
    ended = run(tmp_path, "sweep", "--factor", "start.checkpoint=,cnn", "--set", *network, *QUICK, "--json")
    assert ended.returncode == 0, ended.stderr
    random, begun = json.loads(ended.stdout)
    assert [random["factors"], begun["factors"]] == [{"start.checkpoint": ""}, {"start.checkpoint": "cnn"}]
    assert random["run_id"] != begun["run_id"]
    assert None not in (random["summary"], begun["summary"])


def test_a_run_without_weights_cannot_be_exported_as_networks(tmp_path: Path) -> None:
    ended = run(tmp_path, "export", TwinsSpec().run_id, str(tmp_path / "out"), "--pretrained")
    assert ended.returncode == 2
    assert "without its weights" in ended.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["start.checkpoint=cnnn"], "the hub is out of reach"),
        (["start.checkpoint=/no/such/folder"], "There is no folder /no/such/folder"),
        (["start.checkpoint=cnn", "architecture.filters=7"], "architecture.filters 6, and the settings have 7"),
        (["start.checkpoint=cnn", "architecture.name=mlp"], "weights of another network: cnn; architecture.name is mlp"),
        (["start.checkpoint=cnn", "dataset=cifar10"], "1-channel images, and cifar10 has 3-channel ones"),
        (["start.checkpoint=cnn", "start.fingerprint=x"], "start.fingerprint is 'x'"),
        (
            ["start.checkpoint=cnn", "architecture.name=cnn", "architecture.filters=6", f"start.fingerprint={'0' * 20}"],
            "holds other weights than the run asks for",
        ),
    ],
)
def test_a_checkpoint_that_does_not_do_is_one_sentence_before_anything_is_queued(
    pretrained: Path, tmp_path: Path, settings: list[str], words: str
) -> None:
    ended = run(tmp_path, "twins", "--set", *settings, *QUICK)
    assert (ended.returncode, ended.stdout) == (2, "")
    [line] = [line for line in ended.stderr.splitlines() if line.startswith("lmc_core: ")]
    assert words in line
    assert queued(tmp_path / "cache" / "journal.sqlite") == 0


def queued(journal: Path) -> int:
    if not journal.exists():
        return 0
    with closing(sqlite3.connect(journal)) as database:
        [(number,)] = database.execute("SELECT COUNT(*) FROM jobs")
    return int(number)


def test_a_pretraining_run_keeps_networks_that_later_commands_begin_with(tmp_path: Path) -> None:
    network = ["architecture.name=cnn", "architecture.filters=6", "architecture.kernel=2", "measurement.alphas=3"]
    pretraining = ["twins", "--set", *network, "epochs=2", "spawn.at=2", "keep=0,2", "--json"]
    first = json.loads(run(tmp_path, *pretraining).stdout)
    kept = tmp_path / "data" / "models" / first["run_id"]
    assert sorted(path.name for path in kept.iterdir()) == ["epoch-0", "epoch-2"]
    later = ["describe", "--set", f"start.checkpoint={first['run_id']}/epoch-2", *QUICK, "--json"]
    found = json.loads(run(tmp_path, *later).stdout)
    assert found["spec"]["architecture"] == first["spec"]["architecture"]
    shutil.rmtree(kept / "epoch-2")
    refused = run(tmp_path, *later)
    assert refused.returncode == 2
    assert "start that run again to have it written" in refused.stderr
    again = json.loads(run(tmp_path, *pretraining).stdout)
    assert again["cached"]
    assert json.loads(run(tmp_path, *later).stdout)["run_id"] == found["run_id"]
