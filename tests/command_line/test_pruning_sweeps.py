"""Sweeps of pruning runs on the command line: every method and density as cells that are ordinary runs."""

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest

from lmc_core.command_line import main
from lmc_core.errors import LMCError
from lmc_core.experiment import PruneSpec
from lmc_core.sweeps.sweep import Sweep, parse_factor
from lmc_core.sweeps.table import levels_table

FACTORS = ("pruning.name=magnitude,snip", "pruning.densities=0.5,0.2;0.1")
BASE = PruneSpec.model_validate({"epochs": 2, "architecture": {"name": "mlp", "width": 8}, "batch_size": 479})
SWEEP = Sweep(BASE, tuple(parse_factor(text, PruneSpec) for text in FACTORS))


def test_densities_with_commas_are_one_value_and_methods_keep_what_they_share() -> None:
    assert [(cell.spec.pruning.name, cell.spec.pruning.densities) for cell in SWEEP.cells] == [
        ("magnitude", (0.5, 0.2)),
        ("magnitude", (0.1,)),
        ("snip", (0.5, 0.2)),
        ("snip", (0.1,)),
    ]
    assert all(cell.spec.epochs == 2 for cell in SWEEP.cells)
    assert SWEEP.cells[0].label == "pruning.name=magnitude, pruning.densities=0.5,0.2"


def test_a_factor_of_the_other_kind_is_refused() -> None:
    with pytest.raises(LMCError, match="not of twins"):
        parse_factor("pruning.name=snip")
    with pytest.raises(LMCError, match="not of prune"):
        parse_factor("spawn.at=1", PruneSpec)
    with pytest.raises(LMCError, match="twice"):
        Sweep(BASE, (parse_factor("pruning.densities=0.5;0.50", PruneSpec),))


def test_cells_without_a_result_have_no_levels() -> None:
    table = levels_table(SWEEP.cells, {})
    assert len(table) == 0
    assert list(table)[:3] == ["pruning.name", "pruning.densities", "run_id"]


def test_a_sweep_trains_tells_and_writes_the_levels_of_each_cell_and_answers_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LMC_CACHE_DIR", str(tmp_path / "cache"))
    words = shlex.split(SWEEP.command)[3:]
    assert words[:3] == ["sweep", "--kind", "prune"]
    assert main([*words, "--json", "--write", str(tmp_path / "levels.parquet")]) == 0
    cells = json.loads(capsys.readouterr().out)
    assert [cell["run_id"] for cell in cells] == [cell.spec.run_id for cell in SWEEP.cells]
    assert cells[1]["factors"] == {"pruning.name": "magnitude", "pruning.densities": [0.1]}
    assert {level["density"] for level in cells[0]["summary"]["levels"]} == {1.0, 0.5, 0.2}
    table = pd.read_parquet(tmp_path / "levels.parquet")
    assert len(table) == sum(len(cell["summary"]["levels"]) for cell in cells)
    assert table["test_accuracy_std"].isna().all(), "one repeat has no standard deviation"
    assert table["command"].str.startswith("python -m lmc_core prune --set ").all()
    monkeypatch.setattr("lmc_core.command_line.cells.Engine", None)  # nothing is left to train
    assert main([*words, "--write", str(tmp_path / "levels.csv")]) == 0
    told = capsys.readouterr().out
    assert told.count("test accuracy") == 4
    assert pd.read_csv(tmp_path / "levels.csv")["density"].tolist() == table["density"].tolist()
    assert main([*words, "--write", str(tmp_path / "levels.tex")]) == 2
    assert "ends in .csv, .parquet" in capsys.readouterr().err
