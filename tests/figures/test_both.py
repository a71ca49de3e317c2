"""Charts of two runs, from pretrained weights and from a random initialisation."""

import pytest

from lmc_core.figures.both_lines import both_lines
from lmc_core.figures.both_tickets import OriginLevels, both_pruned, both_tickets
from lmc_core.figures.both_trainings import both_trainings
from lmc_core.figures.chart import Trace
from lmc_core.figures.instability import instability
from lmc_core.figures.origins import OriginTwins
from tests.figures import pruning_tables
from tests.figures.tables import curves, history, measurements

FLAT, HUMP = [0.10, 0.10, 0.105, 0.10, 0.10], [0.5, 0.6, 0.7, 0.6, 0.5]


def twins(origin: str, errors: list[float | None], epoch: int = 3) -> OriginTwins:
    return OriginTwins(origin, curves(errors, errors, epoch=epoch), measurements([0.0, 0.01]), history([0.5, 0.2], [0.5, 0.3]))


def named(traces: list[Trace], name: str) -> Trace:
    return next(trace for trace in traces if trace.get("name") == name)


@pytest.fixture
def both() -> list[OriginTwins]:
    return [twins("pretrained", list(FLAT)), twins("random", list(HUMP), epoch=1)]


@pytest.mark.parametrize(("measure", "scale"), [("error", 1), ("loss", 10)])
def test_both_lines_stand_in_one_chart_each_as_far_as_it_was_measured(both: list[OriginTwins], measure: str, scale: int) -> None:
    chart = both_lines(both, measure)  # type: ignore[arg-type]
    assert named(chart.traces, "Pretrained")["y"] == pytest.approx([scale * error for error in FLAT])
    assert named(chart.traces, "Random initialisation")["y"] == pytest.approx([scale * error for error in HUMP])
    assert [key.label for key in chart.keys] == ["Pretrained", "Random initialisation"]
    assert "Random initialisation, after epoch 1" in chart.alt


def test_the_zone_in_which_twins_are_connected_begins_at_each_pair_s_own_ends(both: list[OriginTwins]) -> None:
    zones = [shape for shape in both_lines(both, "error").layout["shapes"] if shape["type"] == "rect"]
    assert [(zone["y0"], zone["y1"]) for zone in zones] == [pytest.approx((0.1, 0.12)), pytest.approx((0.5, 0.52))]
    assert both_lines(both, "loss").layout["shapes"] == []


def test_a_run_without_a_curve_leaves_the_other_s(both: list[OriginTwins]) -> None:
    going = OriginTwins("pretrained", both[0].curves.head(0), both[0].measurements.head(0), both[0].history)
    assert [key.group for key in both_lines([going, both[1]], "error").keys] == ["random"]
    assert "no curve measured yet" in both_lines([going], "error").alt


def test_a_diverged_run_says_so() -> None:
    assert "training diverged" in both_lines([twins("random", [None] * 5)], "error").alt


def test_instability_stands_against_two_percent(both: list[OriginTwins]) -> None:
    chart = instability(both, 8)
    assert named(chart.traces, "Pretrained")["y"] == [0.0, 0.01]
    assert any(shape["y1"] == 0.02 for shape in chart.layout["shapes"])
    assert "no barrier measured yet" in instability([], 8).alt


def test_training_is_told_as_the_mean_over_all_networks_of_a_run(both: list[OriginTwins]) -> None:
    accuracy = both_trainings(both, 8, "accuracy")
    assert named(accuracy.traces, "Pretrained, test")["y"] == pytest.approx([0.5, 0.75])
    assert named(accuracy.traces, "Pretrained, train")["y"] == pytest.approx([0.75, 0.875])
    assert named(both_trainings(both, 8, "loss").traces, "Random initialisation, test")["y"] == pytest.approx([1.0, 0.5])
    assert "nothing trained yet" in both_trainings([], 8, "loss").alt


def test_accuracy_and_barrier_of_dense_and_sparse_networks_stand_above_each_other_for_both_origins() -> None:
    table = pruning_tables.open_question()
    chart = both_tickets([OriginLevels("pretrained", table), OriginLevels("random", table)], pruning_tables.DENSITIES)
    lines = [trace for trace in chart.traces if trace.get("name") == "Pretrained"]
    accuracy, barrier = ([trace for trace in lines if trace["yaxis"] == yaxis][-1] for yaxis in ("y", "y2"))
    assert accuracy["x"] == barrier["x"] == [1.0, 0.5, 0.2, 0.05]
    assert accuracy["y"] == [0.96, 0.96, 0.95, 0.90]
    assert barrier["y"] == [0.003, 0.004, 0.01, 0.08]
    assert accuracy["text"][0].startswith("Pretrained, dense: accuracy 96.00%")
    assert accuracy["text"][3].startswith("Pretrained, ticket 5%: accuracy 90.00%")
    assert "connected at 3 of 4 levels" in chart.alt
    assert "no level measured yet" in both_tickets([], []).alt


def test_what_pruning_leaves_stands_beside_what_the_mask_learns_alone() -> None:
    chart = both_pruned([OriginLevels("random", pruning_tables.open_question())], pruning_tables.DENSITIES)
    assert named(chart.traces, "Random initialisation, as pruned")["y"] == pytest.approx([0.96, 0.55, 0.28, 0.145])
    assert named(chart.traces, "Random initialisation, ticket")["y"] == [0.96, 0.96, 0.95, 0.90]
    assert "no level measured yet" in both_pruned([], []).alt
