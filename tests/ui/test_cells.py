"""Cells as charts, tables and sentences show them."""

from dataclasses import replace

import pytest

from lmc_core.jobs.cells import CellState
from lmc_core.runs.folder import RunSummary
from lmc_core.runs.results import RunResult
from lmc_core.sweeps.plans import PLANS
from lmc_core.sweeps.sweep import Cell, read_sweep
from lmc_core.ui.cell_points import Axes, factor_words, line_words, panel_words, points, smalls, x_words
from lmc_core.ui.cell_table import columns_of
from lmc_core.ui.cells_drawing import Picture, drawing_of
from lmc_core.ui.cells_view import progress
from lmc_core.ui.paper_page import shown
from lmc_core.ui.paper_tables import beside_columns, compared, paper_table, published_share
from tests.outcomes import guessing
from tests.ui.fake_engine import result_of, stored

CELLS = read_sweep({"epochs": "3", "repeats": "2", "factor": "architecture.slope=0,0.5", "factor2": "architecture.depth=2,4"}).cells
AXES = Axes(("architecture.slope",), ("architecture.depth",))


def done(cell: Cell, diverged: tuple[int, ...] = ()) -> CellState:
    run = stored(cell.spec, diverged)
    summary = RunSummary(run.run_id, run.spec, run.result, run.created, shipped=False)
    return CellState(run.run_id, "done", 3, 3, run.result.summary.test.error.mean, summary)


def states(*more: CellState) -> dict[str, CellState]:
    """All cells, not started unless a state is given."""
    found = {cell.spec.run_id: CellState(cell.spec.run_id, "unknown") for cell in CELLS}
    return found | {state.run_id: state for state in more}


def test_a_cell_is_a_row_with_its_mean_and_spread_and_the_run_that_a_click_opens() -> None:
    frame = points(CELLS, states(done(CELLS[0])), AXES, "error", ("test", "train"))
    assert len(frame) == 8
    first = frame.iloc[0]
    summary = result_of(CELLS[0].spec).summary
    assert (first["x"], first["line"], first["split"], first["run_id"]) == ("0", "2 layers", "test", CELLS[0].spec.run_id)
    assert (first["mean"], first["std"], first["n"]) == (summary.test.error.mean, summary.test.error.std, 2)
    assert frame["mean"].isna().sum() == 6


def test_a_running_cell_has_its_barrier_so_far_on_test_errors_alone() -> None:
    going = CellState(CELLS[0].spec.run_id, "running", 1, 3, barrier=0.125)
    assert points(CELLS, states(going), AXES, "error", ("test",))["mean"].iloc[0] == 0.125
    assert points(CELLS, states(going), AXES, "error", ("train",))["mean"].isna().all()
    assert points(CELLS, states(going), AXES, "loss", ("test",))["mean"].isna().all()


def test_small_curves_are_means_over_the_pairs_that_did_not_diverge() -> None:
    small = smalls(CELLS, states(done(CELLS[0], diverged=(1,))), AXES)[0]
    assert (small.row, small.column, small.outcome) == ("2 layers", "0", "unstable")
    assert small.curves is not None
    assert set(small.curves["pair"]) == {0}


def test_cells_whose_pairs_lie_on_both_sides_of_the_threshold_are_counted() -> None:
    cell = done(CELLS[0])
    assert cell.run is not None
    result = cell.run.result
    barriers = [
        pair.barriers.model_copy(update={"test": pair.barriers.test.model_copy(update={"error": error})})
        for pair, error in zip(result.pairs, (0.01, 0.03), strict=True)
    ]
    pairs = [pair.model_copy(update={"barriers": own}) for pair, own in zip(result.pairs, barriers, strict=True)]
    mixed = replace(cell, run=replace(cell.run, result=result.model_copy(update={"pairs": pairs})))
    assert "; pairs differ in 1 cell." in progress(states(mixed))
    assert "differ" not in progress(states(done(CELLS[0])))
    assert mixed.run is not None
    assert isinstance(mixed.run.result, RunResult)
    low = replace(mixed, run=replace(mixed.run, result=guessing(mixed.run.result, {0: 0.89, 1: 0.89})))
    assert "1 learnt nothing." in progress(states(low)), "of networks that learnt nothing nothing else is said"


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("architecture.depth", "4", "4 layers"),
        ("optimizer.name", "sgd", "SGD"),
        ("dataset", "mnist", "MNIST"),
        ("optimizer.momentum", "0.9", "momentum 0.9"),
        ("train_samples", "800", "800 images"),
    ],
)
def test_a_factors_value_reads_as_a_person_would_say_it(path: str, text: str, words: str) -> None:
    assert factor_words(path, text) == words


@pytest.mark.parametrize(
    ("name", "place", "x", "line", "panel"),
    [
        ("table1", 5, "SGD 0.01", "1 layer, batch 24", ""),
        ("table2", 4, "Adam high, warm-up", "", ""),
        ("figure1", 1, "0.01", "2 layers", "lr 0.1"),
        ("figure2", 3, "Locally connected CNN", "lr 0.1", ""),
        ("figure3", 0, "all", "lr 0.1", "2 layers"),
        ("appendixC", 0, "as it was", "", "SGD, 2 layers"),
    ],
)
def test_the_papers_cells_stand_where_the_paper_has_them(name: str, place: int, x: str, line: str, panel: str) -> None:
    here = shown(PLANS[name], "sketch", rounding_twin=False)
    cell, axes = here.cells[place], here.axes
    assert (x_words(cell, axes), line_words(cell, axes), panel_words(cell, axes)) == (x, line, panel)


def test_the_table_sorts_numbers_as_numbers_and_has_a_row_for_every_cell() -> None:
    columns = columns_of(CELLS, states(done(CELLS[3], diverged=(0, 1))))
    assert columns["Leaky-ReLU slope p"] == [0, 0, 0.5, 0.5]
    assert columns["State"] == ["Not started"] * 3 + ["Finished"]
    assert columns["Verdict"] == ["", "", "", "Unstable"]
    assert columns["∗"] == [None, None, None, 2]
    assert "Rounding floor" not in columns


def test_what_has_not_changed_is_not_drawn_again() -> None:
    picture = Picture("kept", CELLS, AXES)
    first = drawing_of(picture, states(done(CELLS[0])))
    assert drawing_of(Picture("kept", CELLS, AXES), states(done(CELLS[0]))) is first
    assert drawing_of(picture, states(done(CELLS[0]), done(CELLS[1]))) is not first


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (states(), "Nothing trained yet"),
        (states(CellState(CELLS[0].spec.run_id, "running", 1, 4, seconds_left=9.0)), "0 of 4 cells done"),
        (states(done(CELLS[0]), done(CELLS[1], diverged=(0, 1))), "1 connected, 1 unstable. 2 cells not trained."),
        (states(*map(done, CELLS)), "All cells are done"),
    ],
)
def test_a_sentence_says_where_the_cells_stand(given: dict[str, CellState], words: str) -> None:
    assert words in progress(given)


def test_the_bar_counts_epochs_of_running_cells() -> None:
    given = states(done(CELLS[0]), CellState(CELLS[1].spec.run_id, "running", 2, 4))
    assert 'aria-valuenow="38"' in progress(given)


def test_the_papers_table_has_its_rows_and_columns_with_its_number_below_ours() -> None:
    preset = PLANS["table1"]
    here = shown(preset, "sketch", rounding_twin=False)
    html = paper_table(preset, here.axes, compared(preset, here.cells, {here.cells[0].spec.run_id: result_of(here.cells[0].spec)}))
    assert html.count("<tr>") == 7
    assert html.count('scope="col"') == 4
    assert "paper 0.05% · train 0.01%" in html
    assert "paper ∗" in html
    assert "8 layers, batch 24" in html


def test_the_numbers_that_the_paper_prints_are_shares_in_charts_and_percent_in_the_table() -> None:
    preset = PLANS["table2"]
    cell = preset.plan("sketch").cells[3]
    assert published_share("table2", cell, "error", "test") == pytest.approx(0.0286)
    assert published_share("table2", cell, "error", "train") == pytest.approx(0.0292)
    assert published_share("table2", cell, "loss", "test") is None
    columns = beside_columns(preset, compared(preset, [cell], {}))
    assert columns["Published"] == ["2.86% · train 2.92%"]
    assert columns["Verdict"] == ["not trained"]
