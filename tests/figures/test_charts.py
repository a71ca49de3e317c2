"""All charts as tables: what is drawn, said and toggled for given numbers."""

import json
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import pytest

from lmc_core.errors import LMCError
from lmc_core.figures.barrier import barrier
from lmc_core.figures.chart import Chart, Trace
from lmc_core.figures.compare import Compared, compared_barriers, compared_curves
from lmc_core.figures.history import history
from lmc_core.figures.interpolation import EARLIER_CURVES, interpolation
from lmc_core.figures.landscape import curve_between, landscape, walks
from lmc_core.figures.palette import RUN_COLOURS, Theme
from tests.figures import tables

FLAT, HUMP = [0.05, 0.05, 0.06, 0.05, 0.05], [0.05, 0.3, 0.45, 0.3, 0.07]
BOTH = pd.concat([tables.curves(HUMP), tables.curves(FLAT, split="train")])
RUN = Compared("Adam", BOTH, tables.measurements([0.0, 0.2, 0.39]))
OTHER = Compared("SGD", tables.curves(FLAT), tables.measurements([0.0, 0.01, 0.01]))

CHARTS: dict[str, Callable[[], Chart]] = {
    "interpolation": lambda: interpolation(BOTH),
    "interpolation of losses": lambda: interpolation(BOTH, "loss"),
    "interpolation, three pairs": lambda: interpolation(tables.curves(FLAT, HUMP, HUMP)),
    "interpolation, nothing yet": lambda: interpolation(BOTH.iloc[:0]),
    "interpolation, diverged": lambda: interpolation(tables.curves([None] * 5)),
    "barrier": lambda: barrier(RUN.measurements, 2),
    "barrier of losses": lambda: barrier(RUN.measurements, 2, "loss"),
    "barrier, nothing yet": lambda: barrier(RUN.measurements.iloc[:0], 2),
    "barrier, diverged": lambda: barrier(tables.measurements([0.0, None, None]), 2),
    "accuracy": lambda: history(tables.history([0.5, 0.1], [0.5, 0.2]), 2, "accuracy"),
    "loss": lambda: history(tables.history([0.5, 0.0], [0.5, 0.2], pairs=2), 2, "loss"),
    "history, nothing yet": lambda: history(tables.history([], []), 2, "loss"),
    "compared curves": lambda: compared_curves([RUN, OTHER]),
    "compared barriers": lambda: compared_barriers([RUN, OTHER], "loss"),
    "landscape": lambda: landscape(0.4, 0.3),
}


def trace_of(chart: Chart, group: str, mode: str = "lines+markers") -> Trace:
    return next(trace for trace in chart.traces if trace["legendgroup"] == group and trace["mode"] == mode)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_each_chart_is_a_figure_that_plotly_accepts_in_both_themes(make: Callable[[], Chart], theme: Theme) -> None:
    figure = make().figure(theme)
    assert "$" not in json.dumps(figure)
    go.Figure(figure)  # plotly raises for a setting that it does not know


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_each_chart_describes_itself_in_a_sentence(make: Callable[[], Chart]) -> None:
    chart = make()
    assert len(chart.alt) > 25
    assert "nan" not in chart.alt.lower()
    assert "None" not in chart.alt


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_each_entry_of_the_legend_toggles_a_trace_and_each_trace_has_an_entry(make: Callable[[], Chart]) -> None:
    chart = make()
    groups = {trace["legendgroup"] for trace in chart.traces if "legendgroup" in trace} - {"ends"}
    assert {key.group for key in chart.keys} == groups


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_no_two_entries_of_a_legend_differ_by_colour_alone(make: Callable[[], Chart]) -> None:
    marks = [(key.dash, key.symbol) for key in make().keys if key.group not in ("pairs", "earlier")]
    assert len(set(marks)) == len(marks) or {key.group for key in make().keys} >= {"a-train", "b-train"}


def test_the_curve_is_drawn_as_measured_with_the_barrier_of_equation_1_beside_it() -> None:
    chart = interpolation(BOTH)
    assert trace_of(chart, "test")["y"] == HUMP
    assert trace_of(chart, "train")["y"] == FLAT
    labels = [annotation["text"] for annotation in chart.layout["annotations"]]
    assert "<b>barrier 39.00%</b>" in labels
    assert "highest 45.00% at alpha 0.5" in chart.alt
    assert "Mean barrier over pairs: 39.00%." in chart.alt


def test_with_several_pairs_the_barrier_is_the_mean_of_theirs_not_that_of_the_mean_curve() -> None:
    early, late = [0.0, 0.4, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.4, 0.0]
    labels = [annotation["text"] for annotation in interpolation(tables.curves(early, late)).layout["annotations"]]
    assert "<b>mean barrier 40.00%</b>" in labels


def test_a_flat_curve_shows_the_zone_of_connected_twins_and_no_barrier() -> None:
    chart = interpolation(tables.curves(FLAT))
    assert [annotation["text"] for annotation in chart.layout["annotations"]] == ["connected below +2%"]
    zone = chart.layout["shapes"][0]
    assert (zone["y0"], zone["y1"]) == pytest.approx((0.05, 0.07))
    assert chart.layout["yaxis"]["range"][1] > 0.07


def test_earlier_curves_stand_behind_the_last_and_are_never_more_than_so_many() -> None:
    many = pd.concat([tables.curves(FLAT, epoch=epoch) for epoch in range(41)])
    chart = interpolation(many)
    behind = [trace["name"] for trace in chart.traces if trace["legendgroup"] == "earlier"]
    assert len(behind) == EARLIER_CURVES
    assert behind[0] == "Test, epoch 0"
    assert behind[-1] == "Test, epoch 39"
    assert chart.note == "after epoch 40"


def test_the_curve_of_an_earlier_epoch_can_be_asked_for() -> None:
    both = pd.concat([tables.curves(FLAT, epoch=1), tables.curves(HUMP, epoch=2)])
    assert trace_of(interpolation(both, epoch=1), "test")["y"] == FLAT


def test_a_diverged_run_says_so_in_place_of_a_curve() -> None:
    chart = interpolation(tables.curves([None] * 5))
    assert chart.traces == []
    assert "diverged" in chart.alt


def test_a_chart_keeps_its_height_while_it_waits_for_data() -> None:
    assert interpolation(BOTH.iloc[:0], height=333).height == interpolation(BOTH, height=333).height == 333


def test_accuracy_is_one_minus_error() -> None:
    chart = history(tables.history([0.5, 0.1], [0.5, 0.2]), 2, "accuracy")
    assert trace_of(chart, "a-test")["y"] == pytest.approx([0.5, 0.9])
    assert trace_of(chart, "b-test")["y"] == pytest.approx([0.5, 0.8])
    assert "twin A test 90.00%" in chart.alt


def test_a_loss_of_zero_leaves_a_gap_on_the_logarithmic_axis() -> None:
    chart = history(tables.history([0.5, 0.0], [0.5, 0.2]), 2, "loss")
    assert trace_of(chart, "a-test")["y"] == [1.0, None]


@pytest.mark.parametrize(
    ("losses", "shown", "left_out"),
    [([2.0, 0.4], {"0.2", "0.5", "1", "2", "5"}, {"0.05"}), ([2.0, 0.002], {"0.001", "0.01", "0.1", "1"}, {"0.5", "2"})],
)
def test_losses_are_labelled_with_whole_numbers_and_not_with_digits(losses: list[float], shown: set[str], left_out: set[str]) -> None:
    """`tables.history` doubles an error to make the loss."""
    halves = [loss / 2 for loss in losses]
    labels = set(history(tables.history(halves, halves), 2, "loss").layout["yaxis"]["ticktext"])
    assert shown <= labels
    assert not left_out & labels


def test_the_barrier_is_drawn_at_its_epochs_against_the_threshold() -> None:
    chart = barrier(RUN.measurements, 10)
    assert trace_of(chart, "test")["x"] == [0, 1, 2]
    assert trace_of(chart, "test")["y"] == [0.0, 0.2, 0.39]
    assert chart.layout["shapes"][1]["y0"] == 0.02
    assert chart.layout["xaxis"]["range"][1] >= 10
    assert "shapes" not in barrier(RUN.measurements, 10, "loss").layout


def test_compared_runs_differ_by_colour_dash_and_symbol() -> None:
    chart = compared_curves([RUN, OTHER])
    looks = [(trace["line"]["color"], trace["line"]["dash"], trace["marker"]["symbol"]) for trace in chart.traces]
    assert all(len({look[part] for look in looks}) == 2 for part in range(3))
    assert [key.label for key in chart.keys] == ["Adam", "SGD"]
    assert "Adam: highest 45.00%" in chart.alt


def test_more_runs_than_a_chart_can_tell_apart_are_refused() -> None:
    with pytest.raises(LMCError, match=f"One chart can tell {RUN_COLOURS} runs apart; {RUN_COLOURS + 1} are chosen"):
        compared_curves([RUN] * (RUN_COLOURS + 1))


def test_the_payload_is_json_without_nan_and_with_both_palettes() -> None:
    content = json.loads(interpolation(tables.curves(FLAT, HUMP)).payload())
    assert content["layout"]["uirevision"] == "interpolation-error"
    assert set(content["palette"]) == {"light", "dark"}


@pytest.mark.parametrize(
    ("ridge", "spawn", "connected"), [(0.5, 0.0, False), (0.0, 0.0, True), (0.5, 0.9, True), (0.5, 0.1, False), (0.02, 0.0, True)]
)
def test_in_the_made_up_landscape_a_barrier_needs_a_ridge_and_twins_that_part_early(ridge: float, spawn: float, connected: bool) -> None:
    _, errors = curve_between(*walks(ridge, spawn), ridge)
    assert bool(errors.max() - (errors[0] + errors[-1]) / 2 < 0.02) is connected


def test_compared_barriers_have_the_threshold_only_where_some_run_can_be_judged_by_it() -> None:
    assert compared_barriers([RUN, OTHER]).layout["shapes"]
    assert "shapes" not in compared_barriers([RUN, OTHER], judged=False).layout
