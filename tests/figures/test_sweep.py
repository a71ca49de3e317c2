"""The charts of a sweep as tables: what is drawn, marked and said for given cells."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from lmc_core.figures.batches import Batch, batches
from lmc_core.figures.chart import Chart, Trace
from lmc_core.figures.grid import ABREAST, WIDEST, Small, grid
from lmc_core.figures.palette import Theme
from lmc_core.figures.sweep import sweep
from tests.figures import tables

NOTHING: dict[str, Any] = {
    "line": "", "split": "test", "state": "done", "mean": None, "std": 0.0, "n": 3, "diverged": 0, "floor": None, "published": None
}  # fmt: skip
NUMBERS = ("mean", "std", "floor", "published")


def points(*cells: dict[str, Any]) -> pd.DataFrame:
    """A row for each cell, done by three pairs unless it says otherwise."""
    rows = [NOTHING | tables.outcome(cell) | {"run_id": f"{place:020x}"} | cell for place, cell in enumerate(cells)]
    return pd.DataFrame(rows).astype(dict.fromkeys(NUMBERS, float))


def slopes(line: str = "", **more: Any) -> list[dict[str, Any]]:
    return [{"x": x, "line": line, "mean": mean, "std": 0.002, **more} for x, mean in (("0", 0.001), ("0.1", 0.01), ("0.5", 0.05))]


SLOPES = points(*slopes("2"), *slopes("4"))
UNSTABLE = points({"x": "0.001", "mean": 0.01}, {"x": "0.01", "mean": 0.03, "n": 2, "diverged": 1}, {"x": "0.1", "n": 0, "diverged": 3})
LOW = {"outcome": "learnt nothing", "why": "The twins' test accuracy is 12.80%; guessing gives 10%."}
UNLEARNT = points(
    {"x": "0.01", "line": "2", "mean": 0.01},
    {"x": "0.1", "line": "2", "mean": 0.0, **LOW},
    {"x": "0.5", "line": "2", "mean": 0.7, "n": 2, "diverged": 1},
    {"x": "0.1", "line": "4", "mean": 0.0, **LOW},
)
GOING = points(
    {"x": "0", "mean": 0.01}, {"x": "0.1", "mean": 0.2, "n": 0, "state": "running"}, {"x": "0.5", "n": 0, "state": "queued"}
)  # fmt: skip
NAMES = points({"x": "SGD", "mean": 0.001}, {"x": "Adam", "mean": 0.3, "std": 0.05, "published": 0.28, "floor": 0.004})
HUMP = tables.curves([0.05, 0.3, 0.45, 0.3, 0.07])
FLAT = tables.curves([0.05, 0.05, 0.06, 0.05, 0.05])


def small(row: str, column: str = "", **more: Any) -> Small:
    return Small(row, column, f"{row}{column}", **({"state": "done", "curves": HUMP, "barrier": 0.39, "outcome": "not connected"} | more))


PICTURES = np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 8, 8)
CHARTS: dict[str, Callable[[], Chart]] = {
    "sweep": lambda: sweep(SLOPES, "Leaky-ReLU slope p", "Weight layers"),
    "sweep of losses": lambda: sweep(SLOPES, "Slope", "Depth", "loss"),
    "sweep of accuracies": lambda: sweep(SLOPES, "Slope", "Depth", "accuracy"),
    "sweep with both splits": lambda: sweep(points(*slopes("2"), *slopes("2", split="train")), "Slope", "Depth"),
    "sweep, many lines": lambda: sweep(points(*(cell for line in range(12) for cell in slopes(str(line)))), "Slope", "Depth"),
    "sweep, unstable": lambda: sweep(UNSTABLE, "Learning rate"),
    "sweep, learnt nothing": lambda: sweep(UNLEARNT, "Learning rate", "Depth"),
    "sweep of names, learnt nothing": lambda: sweep(UNLEARNT, "Learning rate", "Depth", form="points"),
    "sweep, going": lambda: sweep(GOING, "Slope"),
    "sweep, names": lambda: sweep(NAMES, "Optimiser"),
    "sweep, numbers as names": lambda: sweep(SLOPES, "Slope", "Depth", form="points"),
    "sweep, nothing yet": lambda: sweep(SLOPES.iloc[:0], "Slope"),
    "sweep, nothing done": lambda: sweep(points({"x": "0", "state": "queued", "n": 0}), "Slope"),
    "grid": lambda: grid([small(row, column) for row in "12" for column in "ab"], "Depth", "Slope"),
    "grid, learnt nothing": lambda: grid(
        [small("1", "a", outcome="learnt nothing"), small("2", "a", outcome="unstable")], "Depth", "Slope"
    ),
    "grid, one factor": lambda: grid([small(row) for row in "123456789"], "Depth"),
    "grid, waiting": lambda: grid([small("1", state="queued", curves=None, barrier=None)], "Depth"),
    "grid, nothing": lambda: grid([], "Depth"),
    "batches": lambda: batches([Batch("43", draw, PICTURES) for draw in (1, 2, 3)]),
    "batches, nothing": lambda: batches([]),
}


def traces_of(chart: Chart, ending: str) -> list[Trace]:
    return [trace for trace in chart.traces if trace.get("name", "").endswith(ending)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_each_chart_is_a_figure_that_plotly_accepts_in_both_themes(make: Callable[[], Chart], theme: Theme) -> None:
    figure = make().figure(theme)
    assert '"$' not in json.dumps(figure)
    go.Figure(figure)  # plotly raises for a setting that it does not know


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_each_chart_describes_itself_and_can_be_sent(make: Callable[[], Chart]) -> None:
    chart = make()
    assert len(chart.alt) > 15
    assert "nan" not in chart.alt.lower()
    assert "None" not in chart.alt
    assert json.loads(chart.payload())["name"] == chart.name


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_no_two_lines_differ_by_colour_alone(make: Callable[[], Chart]) -> None:
    chart = make()
    looks = [(key.colour, key.dash, key.symbol) for key in chart.keys]
    assert len(set(looks)) == len(looks)
    if len(looks) <= 8:
        assert len({look[1:] for look in looks}) == len(looks)


def test_a_line_has_its_means_in_the_order_of_numbers_with_a_band_of_one_standard_deviation() -> None:
    shuffled = SLOPES.iloc[::-1]
    chart = sweep(shuffled, "Slope", "Depth")
    main = traces_of(chart, "4")[0]
    assert main["x"] == [0.0, 0.1, 0.5]
    assert main["y"] == [0.001, 0.01, 0.05]
    upper = next(trace for trace in chart.traces if trace.get("fill") and trace["legendgroup"] == main["legendgroup"])
    assert upper["y"] == pytest.approx([0.003, 0.012, 0.052])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["0.001", "0.01", "0.1"], "log"),
        (["1", "2", "4", "8"], "log"),
        (["0", "0.01", "0.1"], None),
        (["0.01", *(f"{place / 10}" for place in range(1, 10)), "0.99"], None),
        (["10", "20", "30"], None),
        (["1024", "30000"], None),
    ],
)
def test_numbers_stand_on_the_axis_that_spreads_them_more_evenly(values: list[str], kind: str | None) -> None:
    chart = sweep(points(*({"x": x, "mean": 0.1} for x in values)), "Something")
    assert chart.layout["xaxis"].get("type") == kind


def test_a_cell_without_neighbours_shows_its_spread_as_a_bar() -> None:
    cells = [{"x": "0", "mean": 0.3, "std": 0.37}, {"x": "0.1", "n": 0, "diverged": 3}, *({"x": x, "mean": 0.1, "std": 0.02} for x in "23")]
    traces = sweep(points(*cells), "Slope").traces
    (bar,) = (trace for trace in traces if "error_y" in trace)
    assert (bar["x"], bar["y"], bar["error_y"]["array"]) == ([0.0], [0.3], [0.37])
    (area,) = (trace for trace in traces if trace.get("fill") == "tonexty")
    assert area["x"] == [2.0, 3.0]


def test_an_unstable_cell_stands_above_the_axis_whether_or_not_a_pair_is_left() -> None:
    chart = sweep(UNSTABLE, "Learning rate")
    stars = traces_of(chart, "unstable")[0]
    assert stars["x"] == [0.01, 0.1]
    assert stars["marker"]["symbol"] == "asterisk-open"
    main = next(trace for trace in chart.traces if trace["name"] == "Measured")
    assert main["y"] == [0.01, None, None]
    assert "In 2 cells training was unstable." in chart.alt
    assert "of the other pairs: 3.00%" in stars["text"][0]
    assert "of the other pairs" not in stars["text"][1]


def test_what_learnt_nothing_or_was_unstable_has_a_place_of_its_own_named_in_words_and_told_by_shape() -> None:
    chart = sweep(UNLEARNT, "Learning rate", "Depth")
    above, axis = chart.layout["yaxis2"], chart.layout["yaxis"]
    assert axis["domain"][1] < above["domain"][0] < above["domain"][1] == pytest.approx(1.0)
    assert above["ticktext"] == ["learnt<br>nothing ⊗", "unstable ∗"]
    marks = {trace["name"]: trace for trace in chart.traces if trace.get("yaxis") == "y2"}
    assert set(marks) == {"2: learnt nothing", "2: unstable", "4: learnt nothing"}
    heights = {name: trace["y"][0] for name, trace in marks.items()}
    assert heights["2: unstable"] > above["tickvals"][0] > heights["4: learnt nothing"]
    assert heights["2: learnt nothing"] != heights["4: learnt nothing"]
    assert {trace["marker"]["symbol"] for trace in marks.values()} == {"circle-x-open", "asterisk-open"}
    assert axis["range"][1] < 0.1, "what is drawn elsewhere does not stretch the axis of barriers"
    drawn = [value for trace in chart.traces if trace.get("yaxis") != "y2" for value in trace.get("y", []) if value is not None]
    assert max(drawn) < 0.1
    assert "12.80%" in marks["2: learnt nothing"]["text"][0]
    assert "0.00%" not in marks["2: learnt nothing"]["text"][0]


def test_a_chart_without_such_cells_is_as_high_as_it_was_asked_for() -> None:
    plain, marked = sweep(SLOPES, "Slope", height=400), sweep(UNLEARNT, "Slope", height=400)
    assert "yaxis2" not in plain.layout
    assert (plain.height, marked.height > 400) == (400, True)


def test_accuracies_of_networks_that_learnt_nothing_are_drawn_as_what_they_are() -> None:
    chart = sweep(UNLEARNT, "Learning rate", "Depth", "accuracy")
    assert chart.layout["yaxis2"]["ticktext"] == ["unstable ∗"]
    assert traces_of(chart, "4")[0]["y"] == [0.0]


def test_cells_that_are_not_done_are_counted_and_a_running_one_shows_where_it_stands() -> None:
    chart = sweep(GOING, "Slope")
    assert traces_of(chart, "so far")[0]["y"] == [0.2]
    assert "1 of 3 cells" in chart.note
    assert "2 cells not finished" in chart.alt


def test_names_stand_one_by_one_with_bars_of_one_standard_deviation() -> None:
    chart = sweep(NAMES, "Optimiser")
    assert chart.layout["xaxis"]["ticktext"] == ["SGD", "Adam"]
    main = next(trace for trace in chart.traces if "error_y" in trace)
    assert main["error_y"]["array"] == [0.0, 0.05]
    assert main["mode"] == "markers"


def test_what_the_paper_prints_and_the_rounding_floor_have_entries_of_their_own() -> None:
    chart = sweep(NAMES, "Optimiser")
    assert {key.label for key in chart.keys} >= {"Published", "Rounding floor"}
    assert traces_of(chart, "published")[0]["y"] == [0.28]
    assert traces_of(chart, "rounding floor")[0]["y"] == [0.004]
    assert not sweep(SLOPES, "Slope").keys or "Published" not in {key.label for key in sweep(SLOPES, "Slope").keys}


def test_every_point_of_a_cell_carries_the_run_that_it_opens() -> None:
    chart = sweep(UNSTABLE, "Learning rate")
    opened = {run for trace in chart.traces for run in trace.get("customdata", [])}
    assert opened == set(UNSTABLE["run_id"])


def test_the_threshold_is_drawn_for_error_barriers_only() -> None:
    assert "shapes" in sweep(SLOPES, "Slope").layout
    assert "shapes" not in sweep(SLOPES, "Slope", quantity="loss").layout
    assert "shapes" not in sweep(SLOPES, "Slope", quantity="normalized").layout


def test_a_small_curve_stands_in_its_own_cell_on_a_common_scale() -> None:
    chart = grid([small("1", "a"), small("1", "b", curves=FLAT, barrier=0.005, outcome="connected")], "Depth", "Slope")
    hump, flat = chart.traces
    assert 0 < min(hump["x"]) < max(hump["x"]) < 1 < min(flat["x"]) < max(flat["x"]) < 2
    assert min(hump["y"]) < min(flat["y"])
    assert (hump["legendgroup"], flat["legendgroup"]) == ("not connected", "connected")
    assert "2 are done: 1 connected, 1 not connected." in chart.alt
    assert [key.label for key in chart.keys] == ["Connected", "Not connected"]


def test_with_one_factor_the_cells_are_wrapped_and_say_their_value() -> None:
    chart = grid([small(f"{place}") for place in range(ABREAST + 1)], "Depth")
    assert chart.layout["xaxis"]["range"] == [0, ABREAST]
    assert chart.layout["yaxis"]["range"] == [2, 0]
    assert "<b>0</b>" in chart.layout["annotations"][0]["text"]


def test_the_factor_with_fewer_values_stands_across_when_the_other_is_long() -> None:
    chart = grid([small(row, f"{column}") for row in "12" for column in range(WIDEST + 1)], "Depth", "Slope")
    assert chart.layout["xaxis"]["ticktext"] == ["1", "2"]
    assert chart.layout["xaxis"]["title"]["text"] == "Depth"


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ({"state": "queued", "curves": None, "barrier": None}, "waiting"),
        ({"state": "running", "curves": None, "barrier": None}, "trains …"),
        ({"curves": None, "barrier": None, "outcome": "unstable"}, "unstable"),
        ({"outcome": "unstable"}, "unstable"),
        ({"barrier": 0.0, "outcome": "learnt nothing"}, "learnt<br>nothing"),
    ],
)
def test_a_cell_of_the_grid_without_a_curve_says_why(cell: dict[str, Any], label: str) -> None:
    assert label in grid([small("1", "a", **cell), small("1", "b")], "Depth", "Slope").layout["annotations"][0]["text"]


@pytest.mark.parametrize("outcome", ["unstable", "learnt nothing"])
def test_a_cell_of_the_grid_without_a_verdict_has_a_mark_in_place_of_a_curve_and_no_colour_of_a_verdict(outcome: str) -> None:
    chart = grid([small("1", "a", outcome=outcome), small("1", "b")], "Depth", "Slope")
    mark = chart.traces[0]
    assert (mark["mode"], mark["legendgroup"], mark["customdata"]) == ("markers", outcome, ["1a"])
    assert mark["marker"]["color"] == "$muted"
    assert "%" not in chart.layout["annotations"][0]["text"]
    assert [key.group for key in chart.keys] == ["not connected", outcome]


def test_drawings_of_a_seed_that_differ_are_told() -> None:
    same = batches([Batch("43", 1, PICTURES), Batch("43", 2, PICTURES), Batch("118", 1, PICTURES[::-1])])
    assert same.note == "each seed draws the same images every time, different seeds draw different images"
    assert "∗ a seed draws different images the second time" in batches([Batch("43", 1, PICTURES), Batch("43", 2, PICTURES[::-1])]).note
