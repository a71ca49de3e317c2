"""`emergence` as scripts see it: a JSON array of cells in each of its three ways."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.overrides import with_overrides
from lmc_core.training.networks import initialise

QUICK = ("--set", "epochs=2", "repeats=2", "architecture.width=8", "measurement.alphas=3")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {"LMC_CACHE_DIR": str(folder / "cache"), "LMC_DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-m", "lmc_core", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=variables, check=False)


def cells(folder: Path, *arguments: str) -> list[dict]:
    ended = run(folder, "emergence", *arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("emergence")


def test_each_spawn_point_is_the_run_that_twins_gives(folder: Path) -> None:
    found = cells(folder, "--by", "spawn", "--values", "0, 3 steps, 1", *QUICK)
    assert [cell["name"] for cell in found] == ["0", "3 steps", "1 epoch"]
    assert found[1]["factors"] == {"spawn.at": 3, "spawn.unit": "steps"}
    alone = json.loads(run(folder, "twins", *QUICK, "spawn.at=3", "spawn.unit=steps", "--json").stdout)
    assert alone["cached"] is True
    assert (alone["run_id"], alone["summary"]) == (found[1]["run_id"], found[1]["summary"])


def test_each_cell_of_the_way_blocks_carries_its_lines(folder: Path) -> None:
    found = cells(folder, "--by", "blocks", "--values", "0, 1", *QUICK)
    for cell in found:
        lines = {(line["which"], *line["blocks"]): line["test"]["error"] for line in cell["blocks"]}
        assert set(lines) == {
            ("alone", "layer 1"),
            ("alone", "layer 2"),
            ("from_bottom", "layer 1"),
            ("from_bottom", "layer 1", "layer 2"),
            ("from_top", "layer 2"),
            ("from_top", "layer 1", "layer 2"),
        }
        whole = lines[("from_bottom", "layer 1", "layer 2")]
        assert whole["mean"] == pytest.approx(cell["summary"]["test"]["error"]["mean"])
        assert whole["n"] == 2


def test_a_pretraining_is_kept_on_the_way_and_twins_begin_with_each_stage(folder: Path) -> None:
    asked = ("--by", "pretraining", "--values", "0, 1, 3", "--pretrain", "augmentation=shift_flip", *QUICK)
    found = cells(folder, *asked)
    assert [cell["name"] for cell in found] == ["random", "1 epoch", "3 epochs"]
    names = [cell["factors"]["start.checkpoint"] for cell in found]
    assert names[0] == ""
    for name in names[1:]:
        assert (folder / "data" / "models" / name / "model.safetensors").is_file()
    assert len({cell["run_id"] for cell in found}) == 3
    assert cells(folder, *asked) == found


def test_checkpoints_made_elsewhere_are_an_axis(folder: Path) -> None:
    spec = with_overrides({"architecture.width": "8"})
    for seed, name in enumerate(("step-10", "step-9")):
        save_pretrained(spec, initialise(spec, seed), folder / "elsewhere" / name)
    found = cells(folder, "--by", "pretraining", "--checkpoints", str(folder / "elsewhere"), *QUICK)
    assert [cell["name"] for cell in found] == ["random", "step-9", "step-10"]
    assert all(cell["summary"]["test"]["error"]["n"] == 2 for cell in found)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "tex", "html"])
def test_the_cells_are_written_into_a_file_of_the_ending_s_form(folder: Path, suffix: str) -> None:
    file = folder / f"table.{suffix}"
    ended = run(folder, "emergence", "--by", "spawn", "--values", "0, 3 steps, 1", *QUICK, "--write", str(file))
    assert ended.returncode == 0, ended.stderr
    assert file.stat().st_size > 100
    if suffix == "html":
        assert file.read_text().count("Plotly.newPlot(") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--by", "magic"], "invalid choice"),
        (["--by", "spawn", "--values", "soon"], "not a point in training"),
        (["--by", "spawn", "--values", "0, 9", *QUICK], "training ends after"),
        (["--by", "spawn", "--set", "depth=3"], "no field depth"),
        (["--by", "pretraining", "--values", "0, 1", "--pretrain", "dataset=mnist", *QUICK], "28 pixels wide"),
        (["--by", "pretraining", "--values", "0, 1", "--pretrain", "dataset", *QUICK], "--pretrain takes KEY=VALUE"),
        (["--by", "pretraining", "--checkpoints", "/no/such/folder"], "There is no folder '/no/such/folder'"),
    ],
)
def test_bad_input_gives_exit_status_2_and_one_line(folder: Path, arguments: list[str], words: str) -> None:
    ended = run(folder, "emergence", *arguments)
    assert ended.returncode == 2
    assert words in ended.stderr.splitlines()[-1]
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
