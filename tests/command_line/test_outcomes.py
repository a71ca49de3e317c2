"""Networks that learnt nothing are called neither connected nor apart by any command: the examples in which they once were."""

import json
from pathlib import Path

import pytest

from tests.command_line.test_command_line import Cache

TWINS = ["dataset=digits", "epochs=1", "optimizer.lr=0.00001", "architecture.width=16"]
DEEP = ["dataset=digits", "architecture.depth=4", "batch_size=32", "architecture.width=64"]
SNIP = [
    *("dataset=digits", "architecture.width=32", "architecture.depth=4", "epochs=3"),
    *("pruning.name=snip", "pruning.densities=0.5,0.01,0.001", "pruning.scope=global"),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


def told(cache: Cache, *arguments: str) -> str:
    ended = cache.run(*arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_twins_that_hardly_trained_have_learnt_nothing_whatever_their_barrier(cache: Cache) -> None:
    run = json.loads(told(cache, "twins", "--set", *TWINS, "--json"))
    assert (run["summary"]["outcome"], run["summary"]["connected"]) == ("learnt nothing", None)
    assert run["summary"]["test"]["error"]["mean"] < 0.02
    words = told(cache, "twins", "--set", *TWINS)
    assert "Learnt nothing. The twins' test accuracies are 12.78% and 12.78%; guessing gives 10%." in words
    assert "connected" not in words.lower()
    (listed,) = (row for row in json.loads(told(cache, "runs", "--json")) if row["run_id"] == run["run_id"])
    assert (listed["summary"]["outcome"], listed["summary"]["connected"]) == ("learnt nothing", None)
    assert "learnt nothing" in next(line for line in told(cache, "runs").splitlines() if run["run_id"] in line)
    kept = json.loads((cache.folder / "runs" / run["run_id"] / "result.json").read_text())
    assert kept["summary"]["connected"] is None, "what is exported says the same"


def test_a_sweep_says_the_same_of_a_cell_in_each_of_its_files(cache: Cache, tmp_path: Path) -> None:
    sweep = ["sweep", "--factor", "optimizer.lr=0.1,0.3", "--set", *DEEP]
    trained, broken = json.loads(told(cache, *sweep, "--json", "--write", str(tmp_path / "cells.csv")))
    assert (broken["summary"]["outcome"], broken["summary"]["connected"]) == ("learnt nothing", None)
    assert trained["summary"]["outcome"] in ("connected", "not connected")
    assert "learnt nothing" in told(cache, *sweep, "--write", str(tmp_path / "cells.tex")).splitlines()[-1]
    told(cache, *sweep, "--write", str(tmp_path / "cells.html"))
    rows = (tmp_path / "cells.csv").read_text().splitlines()
    place = rows[0].split(",").index("outcome")
    assert [row.split(",")[place] for row in rows[1:]] == [trained["summary"]["outcome"], "learnt nothing"]
    assert r"$\ast$" in (tmp_path / "cells.tex").read_text()
    assert "learnt nothing" in (tmp_path / "cells.html").read_text().lower()


def test_tickets_that_guess_are_connected_at_no_density(cache: Cache) -> None:
    run = json.loads(told(cache, "prune", "--set", *SNIP, "--json"))
    sparse = [level for level in run["levels"] if level["density"] < 0.1]
    assert [(level["outcome"], level["connected"]) for level in sparse] == [("learnt nothing", None)] * len(sparse)
    assert {level["kind"] for level in sparse} == {"ticket", "random"}
    words = told(cache, "prune", "--set", *SNIP)
    assert "Learnt nothing: the ticket network of density 0.001 from step 0. The twins' test accuracies are 10.28% and 10.28%" in words
    assert "No weight is left in layers.0." in words
