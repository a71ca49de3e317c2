"""The charts of when connectivity emerges, and of where in the network the barrier lies, as tables."""

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from lmc_core.figures.block_lines import LABELS, block_lines
from lmc_core.figures.chart import Chart
from lmc_core.figures.emergence import _in_words, connected_from, emergence, places
from lmc_core.figures.palette import Theme
from tests.figures import tables

NOTHING: dict[str, Any] = {
    "line": "", "split": "test", "state": "done", "mean": None, "std": 0.01, "n": 3, "diverged": 0, "floor": None, "published": None
}  # fmt: skip
NUMBERS = ("mean", "std", "floor", "published", "amount")


def points(*cells: dict[str, Any]) -> pd.DataFrame:
    rows = [NOTHING | tables.outcome(cell) | {"run_id": f"{place:020x}"} | cell for place, cell in enumerate(cells)]
    return pd.DataFrame(rows).astype(dict.fromkeys(NUMBERS, float))


def spawned(*means: float | None, **more: Any) -> list[dict[str, Any]]:
    names = (("0", 0), ("50 steps", 50), ("1 epoch", 100), ("2 epochs", 200), ("4 epochs", 400))
    return [{"x": name, "amount": amount, "mean": mean, **more} for (name, amount), mean in zip(names, means, strict=False)]


def lines(blocks: list[str], pairs: int = 2, height: float = 0.1) -> pd.DataFrame:
    rows = [
        {"pair": pair, "which": which, "place": place, "block": block, "error": height * (place + 1) + 0.01 * pair, "loss": 1.0}
        for pair in range(pairs)
        for which in LABELS
        for place, block in enumerate(blocks)
    ]
    return pd.DataFrame(rows, columns=["pair", "which", "place", "block", "error", "loss"])


FALLING = points(*spawned(0.5, 0.3, 0.04, 0.01, 0.005))
NAMES = points(*({"x": name, "amount": None, "mean": 0.1} for name in ("random", "early", "late")))
CHARTS: dict[str, Callable[[], Chart]] = {
    "emergence": lambda: emergence(FALLING, "Spawn point"),
    "emergence of losses": lambda: emergence(FALLING, "Spawn point", quantity="loss"),
    "emergence, two lines": lambda: emergence(points(*spawned(0.5, 0.3, line="MLP"), *spawned(0.1, 0.01, line="CNN")), "Spawn point"),
    "emergence, unstable": lambda: emergence(points(*spawned(None, 0.3, diverged=2)), "Spawn point"),
    "emergence, going": lambda: emergence(points(*spawned(0.5, state="running"), *spawned(0.5)[:0]), "Spawn point"),
    "emergence, names": lambda: emergence(NAMES, "Checkpoint"),
    "emergence, nothing": lambda: emergence(FALLING.iloc[:0], "Spawn point"),
    "blocks": lambda: block_lines(lines(["layer 1", "layer 2", "layer 3"])),
    "blocks of a deep network": lambda: block_lines(lines([f"encoder layer {place}" for place in range(40)]), "loss", "at once"),
    "blocks, one pair": lambda: block_lines(lines(["convolution", "classifier"], pairs=1)),
    "blocks, nothing": lambda: block_lines(lines([])),
}


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
    assert json.loads(chart.payload())["name"] == chart.name


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_no_two_lines_differ_by_colour_alone(make: Callable[[], Chart]) -> None:
    looks = [(key.dash, key.symbol) for key in make().keys]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([0, 1, 2, 4], [-1, 0, 1, 2]),
        ([4, 0, 1], [2, -2, 0]),
        ([1, 2], [0, 1]),
        ([0], [0]),
        ([0, 8], [2, 3]),
        ([float("nan"), float("nan")], [0, 1]),
    ],
)
def test_amounts_stand_at_their_logarithm_and_none_at_all_a_step_to_the_left(amounts: list[float], expected: list[float]) -> None:
    assert places(amounts) == pytest.approx(expected)


YES, NO, NOTHING_LEARNT, UNSTABLE = "connected", "not connected", "learnt nothing", "unstable"


@pytest.mark.parametrize(
    ("outcomes", "first"),
    [
        ([NO, NO, YES, YES], "c"),
        ([YES, NO, YES, YES], "c"),
        ([YES, YES, YES, YES], "a"),
        ([NO, NO, YES, NO], None),
        ([NO, UNSTABLE, YES, YES], "c"),
        ([YES, YES, NOTHING_LEARNT, YES], "d"),
        ([YES, YES, YES, UNSTABLE], None),
    ],
)
def test_twins_are_connected_from_where_all_later_ones_are(outcomes: list[str], first: str | None) -> None:
    assert connected_from(["a", "b", "c", "d"], outcomes) == first


def test_the_note_says_from_where_on_twins_are_connected_once_all_is_known() -> None:
    assert emergence(FALLING, "Spawn point").note.endswith("connected from 2 epochs on")
    going = points(*spawned(0.5, 0.3, 0.04, 0.01), *spawned(0.5, 0.3, 0.04, 0.01, 0.005, state="queued")[4:])
    assert "connected from" not in emergence(going, "Spawn point").note
    assert emergence(points(*spawned(0.5, 0.3)), "Spawn point").note.endswith("not connected anywhere")
    assert emergence(points(*spawned(0.005, 0.003)), "Spawn point").note.endswith("connected everywhere")
    assert emergence(points(*spawned(0.005, 0.003, 0.3)), "Spawn point").note.endswith("connected at 2 of 3")


def test_the_line_that_sets_apart_what_shares_nothing_stands_only_where_there_is_such_a_cell() -> None:
    def dotted(chart: Chart) -> int:
        return sum(shape["line"].get("dash") == "dot" for shape in chart.layout.get("shapes", []))

    assert dotted(emergence(FALLING, "Spawn point")) == 1
    assert dotted(emergence(FALLING.iloc[1:], "Spawn point")) == 0
    assert dotted(emergence(NAMES, "Checkpoint")) == 0


def test_unstable_cells_stand_above_the_axis_and_every_point_opens_its_run() -> None:
    chart = emergence(points(*spawned(None, 0.3, diverged=2)), "Spawn point")
    stars = next(trace for trace in chart.traces if trace.get("marker", {}).get("symbol") == "asterisk-open")
    assert len(stars["x"]) == 2
    assert chart.layout["yaxis2"]["ticktext"] == ["unstable ∗"]
    opened = {run for trace in chart.traces for run in trace.get("customdata", [])}
    assert opened == {f"{place:020x}" for place in range(2)}


def test_the_blocks_stand_from_the_bottom_to_the_top_with_a_band_over_pairs() -> None:
    chart = block_lines(lines(["layer 1", "layer 2", "layer 3"]))
    main = next(trace for trace in chart.traces if trace.get("name") == LABELS["alone"])
    assert main["x"] == [0, 1, 2]
    assert main["y"] == pytest.approx([0.105, 0.205, 0.305])
    assert chart.layout["xaxis"]["ticktext"] == ["layer 1", "layer 2", "layer 3"]
    assert sum(trace.get("fill") == "tonexty" for trace in chart.traces) == 3
    assert "Alone, layer 3 rises highest, by 30.50%." in chart.alt


def test_of_many_blocks_only_some_have_their_name_below() -> None:
    chart = block_lines(lines([f"encoder layer {place}" for place in range(40)]))
    assert chart.layout["xaxis"]["tickvals"] == list(range(0, 40, 3))


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ([NOTHING_LEARNT] * 3, "learnt nothing everywhere"),
        ([UNSTABLE] * 3, "unstable everywhere"),
        ([UNSTABLE, NOTHING_LEARNT, UNSTABLE], "learnt nothing or unstable everywhere"),
        ([NO, NOTHING_LEARNT, NOTHING_LEARNT], "not connected at 1 of 3"),
        ([NO, NO, NO], "not connected anywhere"),
        ([YES, NO, NOTHING_LEARNT], "connected at 1 of 3"),
    ],
)
def test_of_networks_that_learnt_nothing_no_connection_is_told(outcomes: list[str], words: str) -> None:
    assert _in_words(outcomes) == words
