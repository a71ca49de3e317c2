"""Published beside ours: when a cell agrees with the paper, and when two cells have its order."""

import pytest

from lmc_core.sweeps.plans import PLANS
from lmc_core.sweeps.published import published_of
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.verdict import Order, order_of, verdict_of
from tests.sweeps.results import result_with

SGD, SGD_WARM, ADAM_MEDIUM, ADAM_HIGH, ADAM_WARM = TABLE2 = PLANS["table2"].plan("sketch").cells
UNSTABLE = next(cell for cell in PLANS["table1"].plan("sketch").cells if (found := published_of("table1", cell)) and found.unstable)


@pytest.mark.parametrize(
    ("cell", "barrier", "agrees", "text"),
    [
        (SGD, 0.0, True, "connected in both"),
        (SGD, 0.0199, True, "connected in both"),
        (SGD, 0.02, False, "a barrier here, connected in the paper"),
        (ADAM_HIGH, 0.03, True, "a barrier in both"),
        (ADAM_HIGH, 0.01, False, "connected here, a barrier in the paper"),
    ],
)
def test_a_cell_agrees_where_both_barriers_lie_on_one_side_of_the_threshold(cell: Cell, barrier: float, agrees: bool, text: str) -> None:
    verdict = verdict_of("table2", cell, result_with(cell, barrier))
    assert verdict
    assert (verdict.agrees, verdict.text) == (agrees, text)


@pytest.mark.parametrize(
    ("accuracy", "diverged", "agrees"),
    [(0.95, 0, False), (0.95, 1, True), (0.11, 0, True), (0.21, 0, False)],
    ids=["trains well", "a pair diverged", "guesses", "better than guessing"],
)
def test_an_asterisk_is_met_by_divergence_or_by_guessing(accuracy: float, diverged: int, agrees: bool) -> None:
    verdict = verdict_of("table1", UNSTABLE, result_with(UNSTABLE, 0.0, accuracy=accuracy, diverged=diverged))
    assert verdict
    assert verdict.agrees is agrees


def test_a_cell_that_is_unstable_only_here_differs() -> None:
    verdict = verdict_of("table2", SGD, result_with(SGD, None, diverged=SGD.spec.repeats))
    assert verdict
    assert (verdict.agrees, verdict.text) == (False, "unstable here, not in the paper")


def test_there_is_no_verdict_without_a_result_or_a_printed_value() -> None:
    figure = PLANS["figure1"].plan("sketch").cells[0]
    assert verdict_of("table2", SGD, None) is None
    assert verdict_of("figure1", figure, result_with(figure, 0.5)) is None


def test_counts_of_parameters_agree_without_training() -> None:
    assert [verdict.agrees for cell in PLANS["table3"].plan("sketch").cells if (verdict := verdict_of("table3", cell, None))] == [True] * 3


def order(*barriers: float, std: float = 0.001) -> Order:
    results = {cell.spec.run_id: result_with(cell, barrier, std=std) for cell, barrier in zip(TABLE2, barriers, strict=True)}
    return order_of("table2", TABLE2, results)


def test_only_cells_that_the_paper_tells_apart_have_an_order() -> None:
    assert order(0.0, 0.0, 0.0, 0.03, 0.002) == Order(same=4, opposite=0, undecided=0)


def test_a_difference_within_the_spread_is_undecided_and_a_reversed_one_is_opposite() -> None:
    assert order(0.0, 0.0, 0.0, 0.03, 0.002, std=0.05) == Order(same=0, opposite=0, undecided=4)
    assert order(0.05, 0.0, 0.0, 0.03, 0.0305) == Order(same=2, opposite=1, undecided=1)


def test_a_cell_that_diverged_or_is_not_finished_has_no_order() -> None:
    results = {ADAM_HIGH.spec.run_id: result_with(ADAM_HIGH, 0.03), SGD.spec.run_id: result_with(SGD, 0.0, diverged=1)}
    assert order_of("table2", TABLE2, results) == Order(same=0, opposite=0, undecided=1)


def test_accuracies_are_compared_by_their_order_alone() -> None:
    cells = [cell for cell in PLANS["table4"].plan("classroom").cells if cell.spec.dataset == "cifar10"]
    results = {cell.spec.run_id: result_with(cell, 0.1, accuracy=0.5 + 0.02 * place) for place, cell in enumerate(cells)}
    printed = [found.test_accuracy_percent for cell in cells if (found := published_of("table4", cell))]
    pairs = sum(
        abs(one - other) >= 1 for place, one in enumerate(printed) for other in printed[:place] if one is not None and other is not None
    )
    found = order_of("table4", cells, results)
    assert found.pairs == pairs
    assert found.same > 0
    assert found.opposite > 0
