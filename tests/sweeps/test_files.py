"""The files that a sweep is downloaded as: CSV, Parquet, LaTeX and the report."""

import dataclasses
import io
import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from lmc_core.experiment import TwinsSpec
from lmc_core.figures.chart import Chart, Key, axis, layout
from lmc_core.overrides import command_of
from lmc_core.runs.results import RunResult
from lmc_core.sweeps.latex import ASTERISK, Form, as_latex, escaped
from lmc_core.sweeps.plans import PLANS
from lmc_core.sweeps.report import Heading, report
from lmc_core.sweeps.sweep import Cell, Sweep, parse_factor
from lmc_core.sweeps.table import as_csv, as_parquet, cells_table
from tests.sweeps.results import result_with

TABLE2 = PLANS["table2"].plan("sketch").cells
SWEEP = Sweep(TwinsSpec(repeats=3), (parse_factor("architecture.depth=2,4"), parse_factor("optimizer.lr=0.1,0.01")))


def some_results(cells: tuple[Cell, ...] = SWEEP.cells) -> dict[str, RunResult]:
    """The first cell diverged wholly, the last has no result."""
    first, *rest, _ = cells
    results = {cell.spec.run_id: result_with(cell, 0.01 * (place + 1)) for place, cell in enumerate(rest)}
    return {first.spec.run_id: result_with(first, None, diverged=first.spec.repeats), **results}


def test_the_table_has_a_row_for_every_cell_also_the_diverged_and_the_unfinished() -> None:
    table = cells_table(SWEEP.cells, some_results())
    assert list(table["run_id"]) == [cell.spec.run_id for cell in SWEEP.cells]
    assert list(table["architecture.depth"]) == [2, 2, 4, 4]
    assert list(table["state"]) == ["done", "done", "done", "unknown"]
    assert table["diverged_pairs"].tolist() == [3, 0, 0, pd.NA]
    assert table["test_error_mean"].isna().tolist() == [True, False, False, True]
    assert table["test_error_mean"][1] == 0.01
    assert not [column for column in table if column.startswith(("published", "rounding", "verdict"))]


def test_states_of_running_cells_stand_in_the_table() -> None:
    last = SWEEP.cells[-1].spec.run_id
    assert cells_table(SWEEP.cells, some_results(), states={last: "running"})["state"].tolist() == ["done"] * 3 + ["running"]


def test_published_values_and_verdicts_stand_beside_a_preset_s_cells() -> None:
    table = cells_table(TABLE2, {cell.spec.run_id: result_with(cell, 0.0) for cell in TABLE2}, preset="table2")
    assert table["published_barrier_test_percent"].tolist() == [0.05, 0.02, 0.06, 2.86, 0.23]
    assert table["verdict"].tolist() == ["connected in both"] * 3 + ["connected here, a barrier in the paper", "connected in both"]
    assert table["cell"].tolist() == [cell.name for cell in TABLE2]


def test_csv_and_parquet_hold_the_same_table() -> None:
    table = cells_table(SWEEP.cells, some_results())
    from_csv = pd.read_csv(io.BytesIO(as_csv(table)), dtype={"run_id": str})
    from_parquet = pd.read_parquet(io.BytesIO(as_parquet(table)))
    assert list(from_csv) == list(from_parquet) == list(table)
    pd.testing.assert_frame_equal(from_parquet, table)
    assert from_csv["test_error_mean"].equals(table["test_error_mean"])


def test_factors_that_are_numbers_are_numbers_in_every_file_and_names_are_names() -> None:
    sweep = Sweep(TwinsSpec(), (parse_factor("optimizer.lr=0.1,1"), parse_factor("optimizer.name=sgd,adam")))
    table = pd.read_parquet(io.BytesIO(as_parquet(cells_table(sweep.cells, {}))))
    assert table["optimizer.lr"].tolist() == [0.1, 0.1, 1.0, 1.0]
    assert table["optimizer.name"].tolist() == ["sgd", "adam"] * 2
    depths = pd.read_parquet(io.BytesIO(as_parquet(cells_table(SWEEP.cells, {}))))["architecture.depth"]
    assert pd.api.types.is_integer_dtype(depths)


def test_the_table_has_the_outcome_of_every_cell_its_reason_and_the_command_that_makes_it_again() -> None:
    results = some_results()
    low = SWEEP.cells[1]
    results[low.spec.run_id] = result_with(low, 0.0, accuracy=0.128)
    table = cells_table(SWEEP.cells, results)
    assert table["outcome"].tolist() == ["unstable", "learnt nothing", "not connected", ""]
    assert table["reason"][0] == "3 of 3 pairs diverged: a loss or a weight was not finite."
    assert table["reason"][1] == "The mean test accuracy is 12.80%; guessing gives 10%."
    assert table["command"].tolist() == [command_of(cell.spec) for cell in SWEEP.cells]


def test_latex_explains_its_asterisk_where_it_has_one_and_names_runs_and_commands() -> None:
    text = as_latex(SWEEP.cells, some_results(), Form.of_sweep(SWEEP))
    caption = next(line for line in text.splitlines() if line.startswith(r"\caption"))
    assert rf"{ASTERISK}: a network of some pair diverged" in caption
    assert "has learnt nothing" in caption or "have learnt nothing" in caption
    comments = [line for line in text.splitlines() if line.startswith("%")]
    for cell in SWEEP.cells:
        assert any(cell.spec.run_id in line for line in comments)
        assert f"%   {command_of(cell.spec)}" in comments
    assert "unstable. 3 of 3 pairs diverged" in comments[1]
    sound = {cell.spec.run_id: result_with(cell, 0.0) for cell in SWEEP.cells}
    assert ASTERISK not in as_latex(SWEEP.cells, sound, Form.of_sweep(SWEEP))


def rows_of(latex: str) -> list[list[str]]:
    body = latex[latex.index(r"\midrule") : latex.index(r"\bottomrule")].splitlines()[1:]
    return [line.removesuffix(r" \\").split(" & ") for line in body]


def test_latex_has_the_first_factor_downwards_and_the_second_across() -> None:
    rows = rows_of(as_latex(SWEEP.cells, some_results(), Form.of_sweep(SWEEP)))
    assert rows == [
        ["depth 2", ASTERISK, ASTERISK, r"1.00 $\pm$ 0.10", r"1.00 $\pm$ 0.10"],
        ["depth 4", r"2.00 $\pm$ 0.10", r"2.00 $\pm$ 0.10", "--", "--"],
    ]


@pytest.mark.parametrize("name", [name for name in PLANS if PLANS[name].plan("sketch").cells])
def test_each_preset_s_latex_has_every_cell_once_and_every_row_as_wide_as_the_table(name: str) -> None:
    preset = PLANS[name]
    cells = preset.plan("sketch").cells
    results = {cell.spec.run_id: result_with(cell, 0.1, std=0.0, accuracy=0.9) for cell in cells}
    latex = as_latex(cells, results, Form.of_preset(preset), preset.title)
    (columns,) = re.findall(r"begin\{tabular\}\{(l(r+))\}", latex)
    numbers = [line.split(" & ")[1:] for line in latex.splitlines() if line.endswith(r"\\") and re.search(r"\d", line.split(" & ")[-1])]
    rows = [row for row in numbers if "multicolumn" not in row[0]]
    assert {len(row) for row in rows} == {len(columns[1])}
    assert sum(map(len, rows)) == len(cells) * (2 if preset.measure in ("error", "normalized") else 1)


def test_latex_prints_the_paper_s_value_in_brackets() -> None:
    preset = PLANS["table2"]
    rows = rows_of(as_latex(TABLE2, {}, Form.of_preset(preset), preset.title))
    assert rows[3] == ["Adam high", "-- [2.86]", "-- [2.92]"]


def test_what_means_something_to_latex_is_made_plain() -> None:
    assert escaped("50% of a_b & {c}") == r"50\% of a\_b \& \{c\}"


CHART = Chart(
    name="hostile",
    title="<b>title</b>",
    alt='"alt" </div>',
    traces=[{"type": "scatter", "x": [0, 1], "y": [0, 1], "name": "</script><script>alert(1)</script>", "line": {"color": "$a"}}],
    layout=layout(axis("x"), axis("y")),
)


class Elements(HTMLParser):
    """The elements that a browser finds, and the texts of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts.append(data)


def test_the_report_loads_nothing_and_holds_plotly_once() -> None:
    page = Elements(report(Heading.of_sweep(SWEEP), SWEEP.cells, some_results(), [CHART, CHART]))
    assert not {"link", "iframe", "img"} & set(page.tags)
    assert not [value for name, value in page.attributes if name in ("src", "href")]
    assert sum("plotly.js (cartesian" in script for script in page.scripts) == 1
    assert page.tags.count("script") == 3
    assert any(name == "content" and value and value.startswith("default-src 'none'") for name, value in page.attributes)


def test_the_legend_stands_for_lines_not_for_the_edges_of_their_bands() -> None:
    edge = {"type": "scatter", "x": [0, 1], "y": [0, 1], "legendgroup": "one", "hoverinfo": "skip"}
    line = {"type": "scatter", "x": [0, 1], "y": [0, 1], "legendgroup": "one", "text": "hover"}
    chart = dataclasses.replace(CHART, traces=[edge, line, line], keys=[Key("one", "The line", "$a")])
    script = Elements(report(Heading.of_sweep(SWEEP), SWEEP.cells, some_results(), [chart])).scripts[-1]
    traces = json.loads(script[script.index("[") : script.index("], {") + 1].replace("\n", ""))
    assert [trace["showlegend"] for trace in traces] == [False, True, False]
    assert traces[1]["name"] == "The line"


def test_nothing_in_the_report_can_become_markup_or_code() -> None:
    hostile = Heading("<script>alert(1)</script>", ("<img src=x onerror=alert(1)>",), ("<i>choice</i>",))
    cells = tuple(dataclasses.replace(cell, name='<a href="//x">&') for cell in SWEEP.cells)
    page = Elements(report(hostile, cells, some_results(), [CHART]))
    assert not {"img", "i", "a", "b"} & set(page.tags)
    assert page.tags.count("script") == 2
    assert "alert(1)" in page.scripts[-1]


def test_the_report_has_every_cell_its_run_and_the_command_that_makes_it_again() -> None:
    text = report(Heading.of_preset(PLANS["table2"], PLANS["table2"].plan("sketch")), TABLE2, some_results(TABLE2), [])
    assert all(cell.spec.run_id in text and cell.name in text for cell in TABLE2)
    assert text.count("python -m lmc_core twins") == len(TABLE2)
    assert "2.86% · train 2.92%" in text
    assert "2 of 4 cells agree with the paper." in text
    assert "<script" not in text


def test_what_the_paper_says_in_words_is_counted_in_the_report() -> None:
    preset = PLANS["figure1"]
    cells = preset.plan("sketch").cells
    results = {cell.spec.run_id: result_with(cell, 0.0) for cell in cells}
    text = report(Heading.of_preset(preset, preset.plan("sketch")), cells, results, [])
    assert "One hidden layer stays connected at every slope: true in 24, false in 0, unclear in 0." in text
    assert "more than the larger of their standard deviations" in text


def test_a_diverged_cell_is_marked_in_the_report() -> None:
    text = report(Heading.of_sweep(SWEEP), SWEEP.cells, some_results(), [])
    first = next(line for line in text.splitlines() if SWEEP.cells[0].spec.run_id in line)
    assert first.count("∗") == 3


def test_no_text_in_a_csv_file_is_computed_by_a_spreadsheet() -> None:
    import pandas as pd

    lines = as_csv(pd.DataFrame({"cell": ["=1+1", "@a", "plain"], "mean": [-0.5, 1.0, 2.0]})).decode().splitlines()
    assert lines == ["cell,mean", "'=1+1,-0.5", "'@a,1.0", "plain,2.0"]


def test_on_paper_a_report_cuts_no_column_off() -> None:
    text = report(Heading.of_sweep(SWEEP), SWEEP.cells, some_results(), [])
    style = text[text.index("<style>") : text.index("</style>")]
    printed = style.partition("@media print")[2]
    assert "size: landscape" in printed
    assert ".table { overflow: visible }" in printed
    assert "table { white-space: normal;" in printed
