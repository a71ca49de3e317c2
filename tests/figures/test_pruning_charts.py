"""The charts of a pruning run as tables: what is drawn, said and toggled for given numbers."""

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest

from lmc_core.errors import LMCError
from lmc_core.figures.chart import Chart, Trace
from lmc_core.figures.compared_tickets import PrunedRun, compared_tickets
from lmc_core.figures.density import TICKS, density_axis, density_words
from lmc_core.figures.kept_ratio import kept_ratio
from lmc_core.figures.layer_density import layer_density
from lmc_core.figures.level_curves import level_curves
from lmc_core.figures.mask_picture import mask_picture
from lmc_core.figures.palette import RUN_COLOURS, Theme
from lmc_core.figures.sparsity import sparsity
from lmc_core.figures.step_loss import moving_average, step_loss
from lmc_core.figures.thinning import kept_places
from lmc_core.figures.tickets import tickets, tickets_over_k
from tests.figures import pruning_tables as tables

NOTHING = tables.levels()
ASKED = tables.open_question()
AT_TWO = tables.open_question(rewinds=(0, 30, 60))
FAILED = tables.levels(
    tables.level("dense", 1.0, 0, 0.6, 0.03),
    tables.level("ticket", 0.5, 0, 0.6, 0.01),
    tables.level("ticket", 0.2, 0, 0.102, 0.0, outcome="learnt nothing"),
    tables.level("ticket", 0.05, 0, 0.5, 0.7, diverged=1),
    tables.level("random", 0.5, 0, 0.102, 0.0, outcome="learnt nothing"),
)
NO_HISTORY = tables.history("ticket", 0.5, 0, [])
LOSSES = [2.0, 1.0, 0.5, 0.9, 0.4, 0.3]
SOFT = tables.steps(LOSSES, masked=[1, 3], scheduled=0.3, kept=[1.0, 0.3, 1.0, 0.3, 1.0, 1.0])

CHARTS: dict[str, Callable[[], Chart]] = {
    "sparsity": lambda: sparsity(ASKED, NO_HISTORY, tables.DENSITIES, 0),
    "sparsity, first epochs": lambda: sparsity(NOTHING, tables.history("dense", 1.0, 0, [0.5, 0.2]), tables.DENSITIES, 0),
    "sparsity, nothing yet": lambda: sparsity(NOTHING, NO_HISTORY, tables.DENSITIES, 0),
    "tickets": lambda: tickets(ASKED, NO_HISTORY, tables.DENSITIES, 0),
    "tickets from epoch 1": lambda: tickets(AT_TWO, NO_HISTORY, tables.DENSITIES, 30, "From epoch 1"),
    "tickets, learnt nothing": lambda: tickets(FAILED, NO_HISTORY, tables.DENSITIES, 0),
    "tickets over k, learnt nothing": lambda: tickets_over_k(FAILED, 30, "epochs"),
    "compared tickets, learnt nothing": lambda: compared_tickets([PrunedRun("SNIP", ASKED, 0), PrunedRun("PLATON", FAILED, 0)]),
    "tickets, all diverged": lambda: tickets(tables.levels(tables.level("ticket", 0.5, 0, None, None, 3)), NO_HISTORY, [0.5], 0),
    "tickets, nothing yet": lambda: tickets(NOTHING, NO_HISTORY, tables.DENSITIES, 0),
    "tickets over k": lambda: tickets_over_k(AT_TWO, 30, "epochs"),
    "tickets over k, nothing yet": lambda: tickets_over_k(NOTHING, 30, "epochs"),
    "compared tickets": lambda: compared_tickets([PrunedRun("SNIP", ASKED, 0), PrunedRun("PLATON", AT_TWO, 0)]),
    "loss": lambda: step_loss(SOFT, "PLATON to 20%", SOFT, "hard masking"),
    "loss, diverged": lambda: step_loss(tables.steps([None, None])),
    "loss, nothing yet": lambda: step_loss(tables.steps([])),
    "kept": lambda: kept_ratio(SOFT),
    "kept, nothing yet": lambda: kept_ratio(tables.steps([])),
    "layers": lambda: layer_density(tables.layers(("layers.0.weight", 5, 100), ("layers.1.weight", 0, 50))),
    "layers, nothing yet": lambda: layer_density(tables.layers()),
    "mask": lambda: mask_picture([[4, 0], [1, 2]], 40),
    "mask, nothing yet": lambda: mask_picture([], 40),
    "curves": lambda: level_curves(tables.curves({0.5: 0.01, 0.2: 0.3}), 0.5, "tickets of 50%"),
    "curves, nothing yet": lambda: level_curves(tables.curves({0.5: 0.01}), 0.2),
}


def named(chart: Chart, group: str, **more: object) -> Trace:
    """The trace of a group that has points and, where asked for, these settings."""
    return next(
        trace
        for trace in chart.traces
        if trace.get("legendgroup") == group and "markers" in trace["mode"] and all(trace.get(key) == value for key, value in more.items())
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_each_chart_is_a_figure_that_plotly_accepts_in_both_themes(make: Callable[[], Chart], theme: Theme) -> None:
    figure = make().figure(theme)
    assert "$" not in json.dumps(figure)
    go.Figure(figure)  # plotly raises for a setting that it does not know


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_each_chart_describes_itself_in_a_sentence_and_travels_as_json(make: Callable[[], Chart]) -> None:
    chart = make()
    json.loads(chart.payload())
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
    marks = [(key.dash, key.symbol, key.hidden) for key in make().keys if key.group not in ("loss", "average", "others")]
    assert len(set(marks)) == len(marks)


def test_a_point_of_the_open_question_is_filled_where_the_twins_are_connected_and_hollow_where_not() -> None:
    for yaxis in ("y", "y2"):
        ticket = named(tickets(ASKED, NO_HISTORY, tables.DENSITIES, 0), "ticket", yaxis=yaxis)
        assert ticket["x"] == tables.DENSITIES
        assert ticket["marker"]["color"] == ["$valley", "$valley", "$surface"]
        assert ticket["marker"]["line"]["color"] == ["$surface", "$surface", "$b"]


def test_networks_that_learnt_nothing_or_were_unstable_stand_above_the_barriers_and_have_no_colour_of_a_verdict() -> None:
    chart = tickets(FAILED, NO_HISTORY, tables.DENSITIES, 0)
    accuracy = named(chart, "ticket", yaxis="y")
    assert accuracy["y"] == [0.6, 0.102, 0.5]
    assert accuracy["marker"]["color"] == ["$valley", "$muted", "$muted"]
    assert accuracy["marker"]["symbol"] == ["circle", "circle-x-open", "asterisk-open"]
    assert named(chart, "ticket", yaxis="y2")["y"] == [0.01, None, None]
    above = {trace["name"]: trace["x"] for trace in chart.traces if trace.get("yaxis") == "y3"}
    assert above == {"Ticket: learnt nothing": [0.2], "Random mask: learnt nothing": [0.5], "Ticket: unstable": [0.05]}
    barrier, strip, accuracies = (chart.layout[name]["domain"] for name in ("yaxis2", "yaxis3", "yaxis"))
    assert barrier[1] < strip[0] < strip[1] < accuracies[0]
    assert chart.layout["yaxis2"]["range"][1] < 0.1, "a barrier that is not drawn does not stretch the axis"
    assert "Of 3 densities: connected at 1, learnt nothing at 1, unstable at 1." in chart.alt


def test_the_open_question_has_accuracy_above_and_barrier_below_on_one_axis() -> None:
    chart = tickets(ASKED, NO_HISTORY, tables.DENSITIES, 0)
    assert named(chart, "ticket", yaxis="y")["y"] == [0.96, 0.95, 0.90]
    assert named(chart, "ticket", yaxis="y2")["y"] == [0.004, 0.01, 0.08]
    assert chart.layout["yaxis2"]["domain"][1] < chart.layout["yaxis"]["domain"][0]
    assert chart.layout["xaxis"]["anchor"] == "y2"
    assert [key.group for key in chart.keys] == ["dense", "ticket", "random"]


def test_the_dense_network_is_a_line_across_with_its_own_point_at_all_weights() -> None:
    chart = tickets(ASKED, NO_HISTORY, tables.DENSITIES, 0)
    point = named(chart, "dense", yaxis="y2")
    assert (point["x"], point["y"]) == ([1.0], [0.003])
    line = next(
        trace for trace in chart.traces if trace.get("legendgroup") == "dense" and trace["mode"] == "lines" and trace["y"] == [0.96] * 2
    )
    assert line["x"][0] > 1
    assert line["x"][1] < min(tables.DENSITIES)


def test_the_zone_of_connected_twins_stands_in_the_lower_half_alone() -> None:
    chart = tickets(ASKED, NO_HISTORY, tables.DENSITIES, 0)
    assert {shape["yref"] for shape in chart.layout["shapes"]} == {"y2"}


def test_a_point_says_what_it_is_when_one_points_at_it() -> None:
    over_density, over_k = tickets(ASKED, NO_HISTORY, tables.DENSITIES, 0), tickets_over_k(AT_TWO, 30, "epochs")
    assert named(over_density, "ticket", yaxis="y")["text"][2] == "Ticket: accuracy 90.00% ± 1.00%"
    assert named(over_density, "ticket", yaxis="y2")["text"][2] == "Ticket: barrier 8.00% ± 0.80%, not connected"
    assert named(over_k, "ticket-0.05", yaxis="y2")["text"][0] == "Ticket 5%: barrier 8.00% ± 0.80%, not connected"


def test_the_open_question_is_told_in_words() -> None:
    words = tickets(ASKED, NO_HISTORY, tables.DENSITIES, 0).alt
    assert "Dense: accuracy 96.00% ± 1.00%, barrier 0.30% ± 0.03%, connected." in words
    assert "Ticket: accuracy 96.00% at 50% to 90.00% at 5%. Of 3 densities: connected at 2, not connected at 1." in words
    assert "Random mask: accuracy 90.00% at 50% to 84.00% at 5%. Of 3 densities: not connected at 3." in words


def test_each_rewinding_point_has_a_chart_of_its_own_with_its_own_networks() -> None:
    chart = tickets(AT_TWO, NO_HISTORY, tables.DENSITIES, 60, "From epoch 2")
    assert chart.title == "From epoch 2: accuracy and barrier"
    assert chart.name == "tickets-60"
    assert named(chart, "ticket", yaxis="y2")["y"] == pytest.approx([0.004 / 9, 0.01 / 9, 0.08 / 9])


def test_without_a_dense_network_from_there_its_barrier_is_not_borrowed_from_another_point() -> None:
    rows = tables.levels(tables.level("dense", 1.0, 0, 0.96, 0.003), tables.level("ticket", 0.5, 30, 0.9, 0.1))
    chart = tickets(rows, NO_HISTORY, [0.5], 30)
    assert {trace["yaxis"] for trace in chart.traces if trace.get("legendgroup") == "dense"} == {"y"}


def test_charts_of_several_rewinding_points_have_one_vertical_scale() -> None:
    ranges = {json.dumps(tickets(AT_TWO, NO_HISTORY, tables.DENSITIES, step).layout["yaxis2"]["range"]) for step in (0, 30, 60)}
    assert len(ranges) == 1


def test_while_tickets_train_the_open_question_shows_what_they_have_reached() -> None:
    chart = tickets(NOTHING, tables.history("ticket", 0.2, 0, [0.6, 0.3]), tables.DENSITIES, 0)
    assert (named(chart, "so far")["x"], named(chart, "so far")["y"]) == ([0.2], [0.7])


def test_both_halves_are_there_before_a_barrier_was_measured() -> None:
    chart = tickets(NOTHING, tables.history("dense", 1.0, 0, [0.5]), tables.DENSITIES, 0)
    assert {trace["yaxis"] for trace in chart.traces} == {"y", "y2"}


def test_over_k_there_is_a_line_for_each_density_at_the_epochs_of_the_rewinding_points() -> None:
    chart = tickets_over_k(AT_TWO, 30, "epochs")
    assert named(chart, "ticket-0.05", yaxis="y2")["x"] == [0.0, 1.0, 2.0]
    assert [key.label for key in chart.keys if not key.hidden] == ["Dense", "Ticket 50%", "Ticket 20%", "Ticket 5%"]
    assert "Ticket 5%: connected at 2 of 3 points" in chart.alt


def test_networks_as_pruned_stand_beside_those_that_were_trained_again() -> None:
    chart = sparsity(ASKED, NO_HISTORY, tables.DENSITIES, 0)
    assert named(chart, "pruned")["y"] == pytest.approx([0.55, 0.28, 0.145])
    assert [key.group for key in chart.keys] == ["dense", "ticket", "random", "pruned"]


def test_networks_that_still_train_stand_faintly_at_what_they_have_reached() -> None:
    chart = sparsity(ASKED, tables.history("ticket", 0.1, 0, [0.6, 0.3]), [*tables.DENSITIES, 0.1], 0)
    going = named(chart, "so far")
    assert (going["x"], going["y"]) == ([0.1], [0.7])
    measured = sparsity(ASKED, tables.history("ticket", 0.05, 0, [0.6, 0.3]), tables.DENSITIES, 0)
    assert not any(trace["legendgroup"] == "so far" for trace in measured.traces)


@pytest.mark.parametrize(("density", "words"), [(1.0, "100%"), (0.5, "50%"), (0.2 * 0.2 * 0.2, "0.8%"), (0.8**7, "21%"), (0.0041, "0.41%")])
def test_a_density_is_told_with_as_many_digits_as_it_needs(density: float, words: str) -> None:
    assert density_words(density) == words


def test_the_axis_of_densities_falls_to_the_right_and_has_no_more_labels_than_fit() -> None:
    axis = density_axis([0.9**place for place in range(1, 41)])
    assert axis["range"][0] > 0 > axis["range"][1]
    assert axis["ticktext"][0] == "100%"
    assert axis["tickvals"][-1] == pytest.approx(0.9**40)
    assert len(axis["tickvals"]) <= TICKS + 1


def test_the_moving_average_starts_at_the_first_loss_and_passes_over_what_is_not_finite() -> None:
    averages = moving_average(np.array([2.0, np.nan, 1.0]), smoothing=0.5)
    assert averages == pytest.approx([2.0, 2.0, (0.5 * 1.0 + 0.25 * 2.0) / 0.75])


def test_the_steps_of_maskings_are_marked_and_those_in_a_row_make_one_bar() -> None:
    chart = step_loss(tables.steps(LOSSES, masked=[1, 3, 4, 5]))
    assert named(chart, "masked")["x"] == [1, 1, None, 3, 5, None]
    assert "masked after 4 of 6 steps" in chart.alt


def test_another_runs_moving_average_stands_beside_it() -> None:
    other = next(trace for trace in step_loss(SOFT, "soft", tables.steps([4.0] * 6), "hard").traces if trace["legendgroup"] == "other")
    assert other["y"] == pytest.approx([4.0] * 6)


def test_a_long_series_keeps_its_highest_and_its_lowest_value() -> None:
    values = np.ones(50_000)
    values[[12_345, 40_001]] = 9.0, 0.1
    places = kept_places(values)
    assert len(places) < 2_000
    assert {0, 12_345, 40_001, 49_999} <= set(places)


def test_that_zeros_come_back_is_shown_as_two_lines_and_said() -> None:
    chart = kept_ratio(SOFT)
    lines = {trace["legendgroup"]: trace["y"] for trace in chart.traces}
    assert lines == {"scheduled": [0.3] * 6, "kept": [1.0, 0.3, 1.0, 0.3, 1.0, 1.0]}
    assert chart.note == "above the schedule at 4 of 6 steps"
    assert kept_ratio(tables.steps(LOSSES)).note == "both lines are the same"


def test_a_tensor_without_a_weight_is_called_cut_off() -> None:
    chart = layer_density(tables.layers(("layers.0.weight", 5, 100), ("layers.1.weight", 0, 50)))
    assert chart.traces[0]["text"] == ["<b>5%</b> 5 of 100", "<b>cut off</b> 0 of 50"]
    assert chart.traces[0]["y"] == ["layers.0", "layers.1"]


def test_the_picture_of_the_mask_shows_the_share_kept_at_each_place_and_counts_blind_ones() -> None:
    chart = mask_picture([[4, 0], [1, 2]], 40)
    assert chart.traces[0]["z"] == [[0.4, 0.0], [0.1, 0.2]]
    assert chart.note == "17.5% kept, 1 of 4 pixels without any weight"


def test_the_curve_of_one_density_stands_before_those_of_the_others() -> None:
    chart = level_curves(tables.curves({0.5: 0.01, 0.2: 0.3}, pairs=2), 0.5, "tickets of 50%")
    others = [trace for trace in chart.traces if trace["legendgroup"] == "others"]
    assert [trace["y"] for trace in others] == [[0.1, 0.4, 0.1]]
    assert chart.layout["yaxis"]["range"][1] > 0.4
    assert chart.note == "tickets of 50%"


def test_compared_runs_have_a_line_each_with_points_that_say_whether_twins_are_connected() -> None:
    chart = compared_tickets([PrunedRun("SNIP", ASKED, 0), PrunedRun("PLATON", AT_TWO, 60)])
    assert [key.label for key in chart.keys] == ["SNIP", "PLATON"]
    assert named(chart, "run0", yaxis="y2")["y"] == [0.004, 0.01, 0.08]
    assert named(chart, "run0")["marker"]["color"] == ["$valley", "$valley", "$surface"]
    assert named(chart, "run1")["marker"]["color"] == ["$valley"] * 3
    assert "SNIP, accuracy 96.00% at 50%" in chart.alt


def test_more_runs_than_a_chart_can_tell_apart_are_refused() -> None:
    with pytest.raises(LMCError, match=f"One chart can tell {RUN_COLOURS} runs apart"):
        compared_tickets([PrunedRun("SNIP", ASKED, 0)] * (RUN_COLOURS + 1))
