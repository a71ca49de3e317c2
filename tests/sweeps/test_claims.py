"""What the paper says in words, counted in cells."""

import pytest

from lmc_core.runs.results import RunResult
from lmc_core.sweeps.claims import CLAIMS, counts_of
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.sweeps.plans import PLANS
from lmc_core.sweeps.sweep import Cell
from tests.sweeps.results import result_with

FIGURE1 = PLANS["figure1"].plan("sketch").cells


def results(barrier_of: dict[str, float], cells: tuple[Cell, ...] = FIGURE1, path: str = "architecture.depth") -> dict[str, RunResult]:
    return {cell.spec.run_id: result_with(cell, barrier_of[cell.factors[path]]) for cell in cells}


def test_a_figure_as_in_the_paper_meets_every_claim() -> None:
    found = {
        cell.spec.run_id: result_with(
            cell,
            0.001
            if cell.factors["architecture.depth"] == "2"
            else int(cell.factors["architecture.depth"]) * 0.02 - (cell.factors["architecture.slope"] == "0.99") * 0.03,
        )
        for cell in FIGURE1
    }
    depth, slope, shallow = counts_of("figure1", FIGURE1, found)
    assert (depth.met, depth.missed, depth.undecided) == (72, 0, 0)
    assert (slope.met, slope.missed, slope.undecided) == (4, 0, 0)
    assert (shallow.met, shallow.missed, shallow.undecided) == (24, 0, 0)


def test_a_figure_the_other_way_round_misses_them() -> None:
    depth, slope, shallow = counts_of("figure1", FIGURE1, results({"2": 0.3, "4": 0.2, "8": 0.1}))
    assert (depth.met, depth.missed) == (0, 72)
    assert (slope.met, slope.missed, slope.undecided) == (0, 0, 4)
    assert shallow.missed == 24
    assert shallow.sentence == "One hidden layer stays connected at every slope: true in 0, false in 24, unclear in 0."


def test_an_unstable_cell_decides_nothing_and_an_unfinished_one_is_left_out() -> None:
    found = results({"2": 0.0, "4": 0.1, "8": 0.2})
    found[FIGURE1[0].spec.run_id] = result_with(FIGURE1[0], None, diverged=FIGURE1[0].spec.repeats)
    del found[FIGURE1[1].spec.run_id]
    depth, _, shallow = counts_of("figure1", FIGURE1, found)
    assert (depth.met, depth.undecided) == (68, 2)
    assert (shallow.met, shallow.undecided) == (22, 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_speaks_of_some_cells_at_every_size(name: str, size: Size) -> None:
    cells = PLANS[name].plan(size).cells
    counts = counts_of(name, cells, {cell.spec.run_id: result_with(cell, 0.01, std=0.0) for cell in cells})
    assert all(count.met + count.missed + count.undecided > 0 for count in counts)


def test_fewer_training_images_stand_for_harder_data_in_a_sketch() -> None:
    cells = PLANS["figure3"].plan("sketch").cells
    rising = {"all": 0.0, "800": 0.02, "400": 0.04, "200": 0.06}
    (count,) = counts_of("figure3", cells, {cell.spec.run_id: result_with(cell, rising[cell.factors["train_samples"]]) for cell in cells})
    assert count.undecided == 6 * 6  # the made up results have the same normalised barrier everywhere


def test_each_change_of_appendix_c_is_compared_with_its_own_setting() -> None:
    cells = PLANS["appendixC"].plan("sketch").cells
    found = {
        cell.spec.run_id: result_with(cell, 0.05 if cell.name.startswith("Adam") and "clipped" not in cell.name else 0.0) for cell in cells
    }
    alike, clipped = counts_of("appendixC", cells, found)
    assert (alike.met, alike.missed) == (11, 0)
    assert (clipped.met, clipped.missed, clipped.undecided) == (1, 0, 2)
