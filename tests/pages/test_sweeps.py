"""The page of sweeps in each of its states, against an engine made of formulas."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.sweeps.sweep import read_sweep
from lmc_core.ui.sweep_link import example
from tests.outcomes import guessing
from tests.pages.reading import charts, open_tab
from tests.pages.reading import text as all_words
from tests.ui.fake_engine import FakeEngine, held, result_of, stored

Visit = Callable[..., AppTest]


def text(page: AppTest) -> str:
    """All words of a page with one blank between them."""
    return " ".join(all_words(page).split())


LINK = {"epochs": "3", "factor": "architecture.slope=0,0.5", "factor2": "optimizer.name=sgd,adam"}
CELLS = read_sweep(LINK).cells


def go(page: AppTest, name: str) -> None:
    """Follow a link of the navigation, which has no parameters."""
    page.switch_page(f"../../pages/{name}.py")
    page.query_params.clear()
    page.run()


def finish(engine: FakeEngine, places: range | list[int], **more: object) -> None:
    for place in places:
        spec = CELLS[place].spec
        engine.store.runs[spec.run_id] = stored(spec, **more)  # type: ignore[arg-type]


def test_the_page_opens_with_the_papers_figure_1_as_a_sketch_and_an_empty_link(engine: FakeEngine, visit: Visit) -> None:
    for cell in example().sweep().cells:
        engine.store.runs[cell.spec.run_id] = stored(cell.spec, shipped=True)
    page = visit("sweeps")
    assert not page.exception
    assert "36 cells, all done" in text(page)
    assert "These results come with the app." in text(page)
    assert set(charts(page)) == {"sweep", "grid"}
    assert page.query_params == {}


def test_the_cost_stands_there_before_the_click(visit: Visit) -> None:
    words = text(visit("sweeps", **LINK))
    assert "Leaky-ReLU slope p × Optimiser: 4 cells" in words
    assert "8 networks to train" in words
    assert "about 17 s on this machine" in words


def test_a_click_trains_all_cells_and_the_chart_has_them(engine: FakeEngine, visit: Visit) -> None:
    page = visit("sweeps", **LINK)
    page.button(key="start").click().run()
    assert [run_id for run_id, _ in engine.submitted] == [cell.spec.run_id for cell in CELLS]
    assert "All cells are done" in text(page)
    assert "2 connected, 2 not connected." in text(page)
    drawn = charts(page)["sweep"]
    assert [key["label"] for key in drawn["keys"]] == ["SGD", "Adam"]
    opened = {run for trace in drawn["traces"] for run in trace.get("customdata", [])}
    assert opened == {cell.spec.run_id for cell in CELLS}
    assert page.button(key="start").disabled


def test_a_widened_sweep_trains_only_what_is_new(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, [0, 1, 2])
    page = visit("sweeps", **LINK)
    assert page.button(key="start").label == "Train the other 1"
    page.button(key="start").click().run()
    assert [run_id for run_id, _ in engine.submitted] == [CELLS[3].spec.run_id]


def test_while_cells_train_they_can_be_stopped_and_what_is_done_is_shown(engine: FakeEngine, visit: Visit) -> None:
    engine.seconds_per_epoch = 100
    finish(engine, [0])
    page = visit("sweeps", **LINK)
    page.button(key="start").click().run()
    assert "1 of 4 cells done" in text(page)
    assert "1 of 4 cells" in charts(page)["sweep"]["note"]
    page.button(key="stop").click().run()
    assert engine.cancelled == [cell.spec.run_id for cell in CELLS[1:]]
    assert page.button(key="start").label == "Train the other 3"


def test_a_running_cell_shows_where_it_stands(engine: FakeEngine, visit: Visit) -> None:
    engine.held[CELLS[1].spec.run_id] = held(CELLS[1].spec, "running", epochs=2, seconds_left=8.0)
    page = visit("sweeps", **LINK)
    assert "About 8 s left." in text(page)
    assert any(trace.get("name", "").endswith("so far") for trace in charts(page)["sweep"]["traces"])


def test_diverged_cells_are_marked_and_never_dropped(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, [0, 1])
    finish(engine, [2, 3], diverged=(0,))
    page = visit("sweeps", **LINK)
    drawn = charts(page)["sweep"]
    stars = [trace for trace in drawn["traces"] if trace.get("marker", {}).get("symbol") == "asterisk-open"]
    assert sorted(run for trace in stars for run in trace["customdata"]) == sorted(cell.spec.run_id for cell in CELLS[2:])
    assert "1 connected, 1 not connected, 2 unstable." in text(page)
    assert len(page.dataframe[0].value) == 4


def test_a_failed_cell_says_why(engine: FakeEngine, visit: Visit) -> None:
    engine.held[CELLS[1].spec.run_id] = held(CELLS[1].spec, "failed", error="A worker died twice.")
    assert [error.value for error in visit("sweeps", **LINK).error] == ["A worker died twice."]


def test_a_link_sets_all_and_survives_a_reload_and_going_back(visit: Visit) -> None:
    link = LINK | {"shows": "normalized", "on": "train"}
    page = visit("sweeps", **link)
    assert page.text_input(key="factor 0 text").value == "0, 0.5"
    assert page.multiselect(key="factor 1 names").value == ["sgd", "adam"]
    assert page.query_params == link
    page.text_input(key="factor 0 text").set_value("0..1/3").run()
    assert page.query_params == link | {"factor": "architecture.slope=0..1/3"}
    assert "6 cells" in text(page)
    page.query_params.clear()
    page.query_params.update(link)
    page.run()
    assert page.text_input(key="factor 0 text").value == "0, 0.5"


def test_another_field_starts_from_values_worth_trying(visit: Visit) -> None:
    page = visit("sweeps", **LINK)
    page.selectbox(key="factor 0 field").set_value("optimizer.lr").run()
    assert page.text_input(key="factor 0 text").value == "0.001, 0.01, 0.1"
    page.selectbox(key="factor 1 field").set_value("one factor").run()
    assert page.query_params == {"epochs": "3", "factor": "optimizer.lr=0.001,0.01,0.1"}
    page.selectbox(key="factor 0 field").set_value("measurement.rounding_twin").run()
    assert page.multiselect(key="factor 0 names").value == ["false", "true"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("0, 7", "“Leaky-ReLU slope p” is '7'"),
        ("0, zero", "“Leaky-ReLU slope p” is 'zero'"),
        ("", "empty value"),
        ("0, 0", "has the value 0 twice"),
        ("0..1/2000", "is no range"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_a_sentence(visit: Visit, values: str, sentence: str) -> None:
    page = visit("sweeps", **LINK)
    page.text_input(key="factor 0 text").set_value(values).run()
    assert not page.exception
    assert sentence in " ".join(error.value for error in page.error)
    assert page.button(key="start").disabled


def test_a_sweep_that_passes_a_limit_is_refused_before_the_click(engine: FakeEngine, visit: Visit) -> None:
    engine.refused = "This sweep has 300 runs to train, and 200 is the most."
    page = visit("sweeps", **LINK)
    assert page.button(key="start").disabled
    assert "200 is the most" in text(page)


def test_nonsense_in_the_link_is_told_and_the_rest_is_kept(visit: Visit) -> None:
    page = visit("sweeps", **LINK, colour="red", shows="beauty")
    assert len(page.warning) == 1
    assert "colour" in page.warning[0].value
    assert "shows is 'beauty'" in page.warning[0].value
    assert page.query_params == LINK


def test_the_two_pages_with_controls_do_not_take_each_others_experiment(visit: Visit) -> None:
    page = visit("twins", epochs="7")
    go(page, "sweeps")
    page.text_input(key="field epochs").set_value("9").run()
    go(page, "twins")
    assert page.text_input(key="field epochs").value == "7"
    go(page, "sweeps")
    assert page.text_input(key="field epochs").value == "9"


def test_what_can_be_taken_along(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, range(4))
    page = open_tab(visit("sweeps", **LINK), "Download")
    labels = [button.proto.label for button in page.get("download_button")]
    assert {"Table (csv)", "Table (Parquet)", "Table (LaTeX)", "Report (html)"} <= set(labels)


@pytest.mark.parametrize("typed", ["abc", "2.7", "-3"])
def test_a_number_that_is_not_understood_trains_no_cell(engine: FakeEngine, visit: Visit, typed: str) -> None:
    page = visit("sweeps", factor="architecture.slope=0,1", epochs="7")
    page.text_input(key="field epochs").set_value(typed)
    page.button(key="start").click().run()
    assert not page.exception
    assert engine.submitted == []
    assert page.button(key="start").disabled
    assert any(f"“Epochs” is '{typed}'; allowed: a whole number from 1 to 10,000." in error.value for error in page.error)
    page.text_input(key="field epochs").set_value("3").run()
    assert not page.error
    assert page.query_params["epochs"] == "3"


def test_a_cell_that_learnt_nothing_is_counted_as_that(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, range(4))
    run_id = CELLS[0].spec.run_id
    engine.store.runs[run_id] = replace(engine.store.runs[run_id], result=guessing(result_of(CELLS[0].spec), {0: 0.872}))
    assert "1 connected, 2 not connected, 1 learnt nothing." in text(visit("sweeps", **LINK))
