"""The list of all runs, against an engine made of formulas."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.optim.spec import Adam
from lmc_core.pruning.spec import Magnitude, Snip
from tests.outcomes import guessing
from tests.pages.reading import charts, tables, text
from tests.ui.fake_engine import TOKEN, FakeEngine, held, result_of, stored
from tests.ui.fake_pruning import stored_pruning

Visit = Callable[..., AppTest]

SHIPPED = TwinsSpec(repeats=3)
BROKEN = TwinsSpec(repeats=3, optimizer=Adam(lr=0.005))
FAILED = TwinsSpec(epochs=5)
PRUNED, SNIPPED, ALONE = PruneSpec(repeats=2), PruneSpec(repeats=2, pruning=Snip()), PruneSpec(pruning=Magnitude(twins=False))


@pytest.fixture(autouse=True)
def runs(engine: FakeEngine) -> None:
    engine.store.runs = {SHIPPED.run_id: stored(SHIPPED, shipped=True), BROKEN.run_id: stored(BROKEN)}
    engine.held[FAILED.run_id] = held(FAILED, "failed", error="Its worker died twice.")


def test_all_runs_are_listed_with_verdict_and_numbers(visit: Visit) -> None:
    table = visit("runs").dataframe[0].value
    assert list(table["State"]) == ["Shipped", "Finished", "Failed"]
    assert list(table["Verdict"]) == ["Connected", "Not connected", ""]


def test_a_search_narrows_the_list_and_is_part_of_the_link(visit: Visit) -> None:
    page = visit("runs")
    page.text_input(key="search").set_value("adam").run()
    assert list(page.dataframe[0].value["Run"]) == [BROKEN.run_id]
    assert list(visit("runs", search="adam").dataframe[0].value["Run"]) == [BROKEN.run_id]
    page.text_input(key="search").set_value("nothing like it").run()
    assert "No run matches your search." in text(page)


def test_two_runs_are_compared_in_one_chart_with_only_what_differs(visit: Visit) -> None:
    page = visit("runs", selected=f"{SHIPPED.run_id},{BROKEN.run_id}")
    assert not page.exception
    assert [key["label"] for key in charts(page)["compared-curves"]["keys"]] == ["SGD, lr 0.1", "Adam, lr 0.005"]
    settings = [row[0] for row in tables(page)[0][1:]]
    assert settings[:4] == ["Optimiser", "Learning rate", "Momentum", "Nesterov"]
    assert not {"Data set", "Epochs", "Batch size"} & set(settings)


def test_the_comparison_shows_losses_too(visit: Visit) -> None:
    page = visit("runs", selected=f"{SHIPPED.run_id},{BROKEN.run_id}")
    page.segmented_control(key="comparison measure").set_value("loss").run()
    assert charts(page)["compared-curves"]["title"] == "Test loss on the line"


def test_an_unfinished_run_cannot_be_compared_and_shows_why_it_failed(visit: Visit) -> None:
    page = visit("runs", selected=f"{SHIPPED.run_id},{FAILED.run_id}")
    assert "Its worker died twice." in page.error[0].value
    assert "Select at least two finished runs" in page.info[0].value


@pytest.mark.parametrize("selected", ["../..", "x", ",,,", "0" * 20])
def test_nonsense_in_the_selection_selects_nothing(visit: Visit, selected: str) -> None:
    page = visit("runs", selected=selected)
    assert not page.exception
    assert page.button(key="open").disabled


def test_a_run_opens_on_the_first_page(visit: Visit) -> None:
    page = visit("runs", selected=BROKEN.run_id)
    page.button(key="open").click().run()
    assert "Not connected" in text(page)
    assert page.query_params["run"] == BROKEN.run_id
    assert page.segmented_control(key="field optimizer.name").value == "adam"


def test_deleting_needs_the_owners_token(engine: FakeEngine, visit: Visit) -> None:
    page = visit("runs", selected=BROKEN.run_id)
    page.text_input(key="owner token").set_value("guess").run()
    page.button(key="delete now").click().run()
    assert "Only the one who started this server can delete runs" in page.error[0].value
    assert engine.deleted == []


def test_the_owner_deletes_a_run(engine: FakeEngine, visit: Visit) -> None:
    page = visit("runs", selected=BROKEN.run_id)
    page.text_input(key="owner token").set_value(TOKEN).run()
    page.button(key="delete now").click().run()
    assert engine.deleted == [BROKEN.run_id]
    assert BROKEN.run_id not in list(page.dataframe[0].value["Run"])


def test_a_shipped_run_is_not_offered_for_deletion(visit: Visit) -> None:
    page = visit("runs", selected=SHIPPED.run_id)
    assert page.get("popover")[0].proto.popover.disabled


def test_without_runs_the_page_says_what_to_do(engine: FakeEngine, visit: Visit) -> None:
    engine.store.runs, engine.held = {}, {}
    assert "There are no runs yet. Train some on the other pages." in text(visit("runs"))


@pytest.fixture
def pruned(engine: FakeEngine) -> None:
    for spec in (PRUNED, SNIPPED, ALONE):
        engine.store.runs[spec.run_id] = stored_pruning(spec)


@pytest.mark.usefixtures("pruned")
def test_runs_of_both_kinds_stand_in_one_list(visit: Visit) -> None:
    table = visit("runs").dataframe[0].value.set_index("Run")
    assert list(table.loc[[BROKEN.run_id, PRUNED.run_id, SNIPPED.run_id], "Kind"]) == ["Twins", "One-shot magnitude pruning", "SNIP"]
    assert list(table.loc[[PRUNED.run_id, ALONE.run_id], "Verdict"]) == ["Connected down to 20%", "Accurate down to 20%"]
    assert table.loc[PRUNED.run_id, "Accuracy"] == pytest.approx(97)
    assert table.loc[PRUNED.run_id, "Test barrier"] == pytest.approx(0.4)


@pytest.mark.usefixtures("pruned")
def test_pruning_runs_are_found_by_their_method(visit: Visit) -> None:
    assert list(visit("runs", search="snip").dataframe[0].value["Run"]) == [SNIPPED.run_id]


@pytest.mark.usefixtures("pruned")
def test_a_pruning_run_opens_on_its_own_page(visit: Visit) -> None:
    page = visit("runs", selected=SNIPPED.run_id)
    page.button(key="open").click().run()
    assert page.title[0].value == "How many weights can go?"
    assert page.query_params["run"] == SNIPPED.run_id
    assert page.selectbox(key="field pruning.name").value == "snip"


@pytest.mark.usefixtures("pruned")
def test_two_pruning_runs_are_compared_by_their_tickets(visit: Visit) -> None:
    page = visit("runs", selected=f"{PRUNED.run_id},{SNIPPED.run_id}")
    assert not page.exception
    assert [key["label"] for key in charts(page)["compared-tickets"]["keys"]] == ["Magnitude", "SNIP"]
    rows = {row[0]: row[1:] for row in tables(page)[0]}
    assert rows["Tickets connected"] == ["down to 20%", "down to 20%"]
    assert "Data set" not in rows


@pytest.mark.usefixtures("pruned")
def test_runs_of_two_kinds_are_not_compared(visit: Visit) -> None:
    page = visit("runs", selected=f"{PRUNED.run_id},{BROKEN.run_id}")
    assert not page.exception
    assert "Select runs of one kind" in page.info[0].value


def test_whoever_entered_the_owners_token_stops_what_others_train(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec(epochs=77)
    engine.started[spec.run_id] = (spec, 0.0)
    engine.held[spec.run_id] = held(spec, "running", 2)
    page = visit("runs", selected=spec.run_id)
    assert not [button for button in page.button if button.key == "stop runs"]
    page.text_input(key="owner token entered").input(TOKEN)
    page.button(key="owner enters").click().run()
    page.button(key="stop runs").click().run()
    assert engine.cancelled == [spec.run_id]


def test_whoever_entered_the_owners_token_deletes_without_it_and_anybody_else_needs_it(engine: FakeEngine, visit: Visit) -> None:
    page = visit("runs", selected=BROKEN.run_id)
    page.button(key="delete now").click().run()
    assert engine.deleted == []
    page.text_input(key="owner token entered").input(TOKEN)
    page.button(key="owner enters").click().run()
    assert "owner token" not in [field.key for field in page.text_input]
    page.button(key="delete now").click().run()
    assert engine.deleted == [BROKEN.run_id]


def test_of_twins_that_learnt_nothing_list_and_own_page_say_so(engine: FakeEngine, visit: Visit) -> None:
    engine.store.runs = {SHIPPED.run_id: replace(stored(SHIPPED), result=guessing(result_of(SHIPPED), {0: 0.872}))}
    assert list(visit("runs").dataframe[0].value["Verdict"]) == ["Learnt nothing", ""]
    words = text(visit("twins", run=SHIPPED.run_id))
    assert "Learnt nothing" in words
    assert "Connected" not in words
