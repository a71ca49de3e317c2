"""`sweep` and `preset` as scripts see them: a JSON array of cells, ordinary runs in the cache, and a stop that loses nothing."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from lmc_core.command_line.gallery import GALLERY
from lmc_core.cost.estimates import estimate
from lmc_core.overrides import with_overrides
from lmc_core.runs.store import Store
from lmc_core.sweeps.plans import PLANS
from tests.waiting import until

QUICK = ("epochs=2", "repeats=2", "architecture.width=8", "measurement.alphas=3")
SWEEP = ("sweep", "--factor", "architecture.slope=0,0.5", "--factor", "optimizer.lr=0.05,0.1", "--set", *QUICK)


@dataclass(frozen=True)
class Cache:
    """A cache folder of its own and the commands that run on it."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"LMC_CACHE_DIR": str(self.folder)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lmc_core", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, env=self.environment, check=False)

    def runs(self) -> dict[str, int]:
        """The finished runs with the moment at which each was written."""
        return {path.name: path.stat().st_mtime_ns for path in (self.folder / "runs").glob("*") if not path.name.startswith(".")}


def interruptible() -> None:
    """Tests that run in the background are deaf to an interrupt, and so would be what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def cells(cache: Cache) -> list[dict]:
    ended = cache.run(*SWEEP, "--json")
    assert ended.returncode == 0, ended.stderr
    assert "4/4 cells" in ended.stderr
    return json.loads(ended.stdout)


def test_a_sweep_prints_its_cells_with_the_first_factor_outermost(cells: list[dict]) -> None:
    assert [cell["factors"] for cell in cells] == [
        {"architecture.slope": slope, "optimizer.lr": rate} for slope in (0.0, 0.5) for rate in (0.05, 0.1)
    ]
    assert [cell["published"] for cell in cells] == [None] * 4


def test_each_cell_is_the_run_that_twins_gives(cache: Cache, cells: list[dict]) -> None:
    alone = cache.run("twins", "--set", *QUICK, "architecture.slope=0.5", "optimizer.lr=0.05", "--json")
    report = json.loads(alone.stdout)
    assert report["cached"] is True
    assert (report["run_id"], report["summary"]) == (cells[2]["run_id"], cells[2]["summary"])


def test_a_wider_sweep_trains_only_what_is_new(cache: Cache, cells: list[dict]) -> None:
    before = cache.runs()
    wider = cache.run("sweep", "--factor", "architecture.slope=0,0.5,1", "--factor", "optimizer.lr=0.05,0.1", "--set", *QUICK, "--json")
    found = json.loads(wider.stdout)
    assert found[:4] == cells
    after = cache.runs()
    assert {run_id: after[run_id] for run_id in before} == before
    assert set(after) - set(before) == {cell["run_id"] for cell in found[4:]}


@pytest.mark.parametrize("suffix", ["csv", "parquet", "tex", "html"])
def test_the_table_is_written_into_a_file_of_the_ending_s_form(cache: Cache, cells: list[dict], tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"table.{suffix}"
    ended = cache.run(*SWEEP, "--write", str(file))
    assert ended.returncode == 0, ended.stderr
    assert "architecture.slope=0.5, optimizer.lr=0.1" in ended.stdout
    match suffix:
        case "csv":
            assert pd.read_csv(file)["run_id"].tolist() == [cell["run_id"] for cell in cells]
        case "parquet":
            assert pd.read_parquet(file)["run_id"].tolist() == [cell["run_id"] for cell in cells]
        case "tex":
            assert file.read_text().count(r"$\pm$") == 8
        case _:
            assert all(cell["run_id"] in file.read_text() for cell in cells)
            assert file.read_text().count("Plotly.newPlot(") == 2


def test_a_stopped_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    widths = "architecture.width=16,24,32,40,48,56"  # other shapes, which cannot train as one program
    sweep = ("sweep", "--factor", widths, "--set", "epochs=12", "batch_size=8", "measurement.every=0")
    stopped = subprocess.Popen(
        [sys.executable, "-m", "lmc_core", *sweep],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=cache.environment,
        preexec_fn=interruptible,  # the tests start no threads here that could hold a lock
    )
    until(lambda: cache.runs() or stopped.poll() is not None, 120)
    stopped.send_signal(signal.SIGINT)
    out, told = stopped.communicate(timeout=60)
    finished = cache.runs()
    assert stopped.returncode == 130, told
    assert out == ""
    assert "interrupted; the same command goes on where this one stopped" in told
    assert 0 < len(finished) < 6
    again = cache.run(*sweep, "--json")
    assert again.returncode == 0, again.stderr
    assert [cell["summary"]["test"]["error"]["n"] for cell in json.loads(again.stdout)] == [1] * 6
    assert {run_id: cache.runs()[run_id] for run_id in finished} == finished


def test_a_stopped_sweep_leaves_the_results_of_an_uninterrupted_one(cache: Cache, cells: list[dict], tmp_path: Path) -> None:
    other = Cache(tmp_path)
    assert json.loads(other.run(*SWEEP, "--json").stdout) == cells


def test_every_preset_is_listed_with_its_sizes(cache: Cache) -> None:
    rows = json.loads(cache.run("preset", "list", "--json").stdout)
    assert [row["name"] for row in rows] == list(PLANS)
    assert all(set(row["sizes"]) == {"sketch", "classroom", "paper"} for row in rows)
    listed = cache.run("preset", "list").stdout
    assert all(name in listed for name in PLANS)


def test_table_3_is_counted_without_training(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cells = json.loads(cache.run("preset", "run", "table3", "--json").stdout)
    assert [(cell["parameters"], cell["published"]["millions"]) for cell in cells] == [(88_202, 0.09), (483_338, 0.48), (25_255_946, 25.26)]
    assert [cell["verdict"]["agrees"] for cell in cells] == [True] * 3
    assert not (tmp_path / "runs").exists()


def test_a_preset_s_sketch_is_reported_beside_the_paper(cache: Cache) -> None:
    ended = cache.run("preset", "run", "table2", "--json")
    assert ended.returncode == 0, ended.stderr
    cells = json.loads(ended.stdout)
    assert [cell["published"]["barrier_test_percent"] for cell in cells] == [0.05, 0.02, 0.06, 2.86, 0.23]
    assert all(cell["summary"]["test"]["error"]["n"] >= 2 for cell in cells)
    assert "4 pairs of cells differ in the paper: same order in" in ended.stderr
    assert with_overrides(PLANS["table2"].plan("sketch").cells[0].factors).optimizer.lr == 0.1


def test_figure_4_draws_each_seed_s_batches_three_times_with_the_same_bytes(cache: Cache) -> None:
    rows = json.loads(cache.run("preset", "run", "figure4", "--json").stdout)
    drawn = {seed: [row["sha256"] for row in rows if row["factors"]["seeds.order"] == seed] for seed in (43, 118)}
    assert all(len(marks) == 3 and len(set(marks)) == 1 for marks in drawn.values())
    assert drawn[43][0] != drawn[118][0]


@pytest.mark.parametrize("name", [preset.name for preset in PLANS.values() if preset.trains])
def test_every_preset_runs_at_sketch_size_and_trains_only_what_is_missing(tmp_path: Path, name: str) -> None:
    cells = PLANS[name].plan("sketch").cells
    missing = min(cells, key=lambda cell: estimate(cell.spec).seconds).spec.run_id
    shipped = Store(tmp_path, GALLERY)
    for cell in cells:
        if cell.spec.run_id != missing:
            run = shipped.find(cell.spec.run_id)
            assert run is not None
            Store(tmp_path).save(run.spec, run.progress, {})
    cache = Cache(tmp_path)
    before = cache.runs()
    ended = cache.run("preset", "run", name, "--json")
    assert ended.returncode == 0, ended.stderr
    reported = json.loads(ended.stdout)
    assert [row["run_id"] for row in reported] == [cell.spec.run_id for cell in cells]
    assert all(row["summary"]["test"]["error"]["n"] + row["summary"]["diverged_pairs"] >= 2 for row in reported)
    after = cache.runs()
    assert set(after) - set(before) == {missing}
    assert {run_id: after[run_id] for run_id in before} == before


def test_rounding_twins_measure_the_floor_of_every_cell(cache: Cache) -> None:
    plain = {cell["run_id"] for cell in json.loads(cache.run("preset", "run", "table2", "--json").stdout)}
    ended = cache.run("preset", "run", "table2", "--rounding-twins", "--json")
    cells = json.loads(ended.stdout)
    assert all(cell["summary"]["rounding"]["test"]["error"]["n"] >= 2 for cell in cells)
    assert not plain & {cell["run_id"] for cell in cells}
    assert [cell["published"]["barrier_test_percent"] for cell in cells] == [0.05, 0.02, 0.06, 2.86, 0.23]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sweep", "--factor", "slope=0,1"], "no field slope"),
        (["sweep", "--factor", "architecture.slope=0,7"], "architecture.slope is '7'; allowed: a number from 0 to 1."),
        (["sweep", "--factor", "architecture.slope"], "is not of that form"),
        (["sweep", "--set", "epochs=1"], "--factor"),
        (["sweep", "--factor", "epochs=1,2", "--factor", "epochs=3,4"], "different fields"),
        (["sweep", "--factor", "epochs=1,2", "--factor", "repeats=1,2", "--factor", "batch_size=8,9"], "one or two factors"),
        (["sweep", "--factor", "architecture.width=8,65536", "--set", "architecture.depth=32"], "memory"),
        (["sweep", "--factor", "epochs=1,2", "--write", "table.xls"], ".csv, .parquet, .tex, .html"),
        (["sweep", "--factor", "epochs=1,2", "--write", "nowhere/table.csv"], "no folder nowhere"),
        (["sweep", "--factor", "epochs=1,2", "--write", "a" * 600 + ".csv"], "cannot be written (File name too long)"),
        (["preset", "run", "table9"], "There is no preset 'table9'"),
        (["preset", "run", "table2", "--size", "huge"], "There is no size 'huge'"),
        (["preset", "run", "figure4", "--write", "table.csv"], "figure4 is images"),
    ],
)
def test_bad_input_gives_exit_status_2_and_one_line(cache: Cache, arguments: list[str], words: str) -> None:
    ended = cache.run(*arguments)
    assert ended.returncode == 2
    assert words in ended.stderr.splitlines()[-1]
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
