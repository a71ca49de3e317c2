"""The page of emergence in each of its states, against an engine made of formulas."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.studies.emergence import Emergence
from lmc_core.training.networks import initialise
from lmc_core.ui.emergence_link import example, read_emergence_link, started
from tests.outcomes import guessing
from tests.pages.reading import charts, open_tab
from tests.pages.reading import text as all_words
from tests.ui.fake_engine import FakeEngine, held, stored

Visit = Callable[..., AppTest]

SPAWN = {"by": "spawn", "values": "0, 5 steps, 1", "epochs": "3", "repeats": "2"}
PRETRAINING = {"by": "pretraining", "values": "0, 1, 2", "epochs": "3", "pretrain.augmentation": "shift_flip"}
BLOCKS = {"by": "blocks", "values": "0, 1", "epochs": "3", "architecture.depth": "3"}


def text(page: AppTest) -> str:
    """All words of a page with one blank between them."""
    return " ".join(all_words(page).split())


def study(link: dict[str, str]) -> Emergence:
    return read_emergence_link(link).study()


def run_ids(link: dict[str, str]) -> list[str]:
    return [cell.spec.run_id for cell in study(link).cells]


@pytest.fixture
def stages(engine: FakeEngine) -> Path:
    """The checkpoints that the pretraining makes, once it has ended."""
    pretraining = study(PRETRAINING).pretraining
    assert pretraining is not None
    folder = engine.settings.data_dir / "models" / pretraining.run_id
    for epoch in pretraining.keep:
        save_pretrained(pretraining, initialise(pretraining, epoch), folder / f"epoch-{epoch}")
    return folder


def test_the_page_opens_with_a_study_and_an_empty_link(visit: Visit) -> None:
    page = visit("emergence")
    assert not page.exception
    assert "Spawn point: MLP." in text(page)
    assert "Shown: sketch size." in text(page)
    assert f"{len(example().study().cells)} cells" in text(page)
    assert page.query_params == {}


def test_the_cost_stands_there_before_the_click(visit: Visit) -> None:
    words = text(visit("emergence", **SPAWN))
    assert "3 cells" in words
    assert "networks to train" in words
    assert "on this machine" in words


def test_a_click_trains_every_spawn_point_and_the_chart_has_them(engine: FakeEngine, visit: Visit) -> None:
    page = visit("emergence", **SPAWN)
    page.button(key="start").click().run()
    assert [run_id for run_id, _ in engine.submitted] == run_ids(SPAWN)
    drawn = charts(page)["emergence-spawn"]
    assert drawn["title"] == "Error barrier against spawn point"
    assert "connected everywhere" in drawn["note"]
    assert {run for trace in drawn["traces"] for run in trace.get("customdata", [])} == set(run_ids(SPAWN))
    assert page.button(key="start").disabled


def test_a_further_spawn_point_trains_alone(engine: FakeEngine, visit: Visit) -> None:
    page = visit("emergence", **SPAWN)
    page.button(key="start").click().run()
    page.text_input(key="emergence values").set_value("0, 5 steps, 1, 2").run()
    assert page.button(key="start").label == "Train the other 1"
    page.button(key="start").click().run()
    assert len(engine.submitted) == 4


def test_while_cells_train_they_can_be_stopped_and_show_where_they_stand(engine: FakeEngine, visit: Visit) -> None:
    cells = study(SPAWN).cells
    engine.held[cells[1].spec.run_id] = held(cells[1].spec, "running", epochs=2, seconds_left=8.0)
    page = visit("emergence", **SPAWN)
    assert "About 8 s left." in text(page)
    assert any(trace.get("name", "").endswith("so far") for trace in charts(page)["emergence-spawn"]["traces"])
    page.button(key="stop").click()


def test_diverged_cells_are_marked_and_never_dropped(engine: FakeEngine, visit: Visit) -> None:
    for cell in study(SPAWN).cells:
        engine.store.runs[cell.spec.run_id] = stored(cell.spec, (0,))
    page = visit("emergence", **SPAWN)
    drawn = charts(page)["emergence-spawn"]
    assert any(trace.get("marker", {}).get("symbol") == "asterisk-open" for trace in drawn["traces"])
    assert len(page.dataframe[0].value) == 3


def test_spawn_points_whose_twins_learnt_nothing_are_no_emergence(engine: FakeEngine, visit: Visit) -> None:
    for cell in study(SPAWN).cells:
        run = stored(cell.spec)
        engine.store.runs[cell.spec.run_id] = replace(run, result=guessing(run.result, {0: 0.89, 1: 0.89}))
    page = visit("emergence", **SPAWN)
    assert "3 learnt nothing." in text(page)
    drawn = charts(page)["emergence-spawn"]
    assert "learnt nothing everywhere" in drawn["note"]
    assert "connected anywhere" not in f"{drawn['note']} {drawn.get('alt', '')}"
    assert "not connected" not in text(page).lower()


def test_a_pretraining_comes_first_and_its_cost_and_the_twins_stand_there_before(engine: FakeEngine, visit: Visit) -> None:
    page = visit("emergence", **PRETRAINING)
    assert "4 cells" in text(page)
    assert page.button(key="start").label == "Pretrain, then 3 cells"
    page.button(key="start").click().run()
    pretraining = study(PRETRAINING).pretraining
    assert pretraining is not None
    assert [run_id for run_id, _ in engine.submitted] == [pretraining.run_id]


def test_while_the_pretraining_goes_the_page_says_how_far_and_lets_it_be_stopped(engine: FakeEngine, visit: Visit) -> None:
    pretraining = study(PRETRAINING).pretraining
    assert pretraining is not None
    engine.held[pretraining.run_id] = held(pretraining, "running", epochs=1)
    page = visit("emergence", **PRETRAINING)
    assert "Stage 1 of 2: pretraining" in text(page)
    assert "1 of 2 epochs" in text(page)
    assert page.button(key="stop").label == "Stop"


def test_once_its_checkpoints_are_there_the_twins_follow_by_themselves(
    engine: FakeEngine, visit: Visit, request: pytest.FixtureRequest
) -> None:
    engine.seconds_per_epoch = 100
    page = visit("emergence", **PRETRAINING)
    page.button(key="start").click().run()
    pretraining = study(PRETRAINING).pretraining
    assert pretraining is not None
    engine.store.runs[pretraining.run_id] = stored(pretraining)
    request.getfixturevalue("stages")
    page.run()
    assert not page.exception
    assert len(engine.submitted) == 4
    ready = study(PRETRAINING).ready(engine.settings.data_dir)
    assert ready is not None
    assert [run_id for run_id, _ in engine.submitted][1:] == [cell.spec.run_id for cell in ready]


def test_checkpoints_that_were_deleted_are_written_again_before_the_twins_begin(engine: FakeEngine, visit: Visit) -> None:
    pretraining = study(PRETRAINING).pretraining
    assert pretraining is not None
    engine.store.runs[pretraining.run_id] = stored(pretraining)
    page = visit("emergence", **PRETRAINING)
    assert "its checkpoints are gone" in text(page)
    page.button(key="start").click().run()
    assert [run_id for run_id, _ in engine.submitted] == [pretraining.run_id]


def test_what_ships_is_shown_without_its_checkpoints_and_other_settings_pretrain_again(
    engine: FakeEngine, visit: Visit, stages: Path
) -> None:
    cells = study(PRETRAINING).ready(engine.settings.data_dir)
    pretraining = study(PRETRAINING).pretraining
    assert cells is not None
    assert pretraining is not None
    shutil.rmtree(stages)
    for spec in (pretraining, *(cell.spec for cell in cells)):
        engine.store.runs[spec.run_id] = stored(spec, shipped=True, weights=())
    page = visit("emergence", **PRETRAINING)
    assert "All cells are done" in [button.label for button in page.button]
    assert "Its checkpoints are not on this machine" in text(page)
    assert charts(page)["emergence-pretraining"]["layout"]["xaxis"]["ticktext"] == ["random", "1<br>epoch", "2<br>epochs"]
    page.text_input(key="field epochs").set_value("4").run()
    assert page.button(key="start").label == "Pretrain, then 3 cells"
    assert "its checkpoints are gone" not in text(page)


@pytest.mark.usefixtures("stages")
def test_who_comes_later_starts_the_twins_with_a_click(engine: FakeEngine, visit: Visit) -> None:
    page = visit("emergence", **PRETRAINING)
    assert engine.submitted == []
    page.button(key="start").click().run()
    assert len(engine.submitted) == 3
    drawn = charts(page)["emergence-pretraining"]
    assert drawn["layout"]["xaxis"]["ticktext"] == ["random", "1<br>epoch", "2<br>epochs"]


def test_a_folder_of_checkpoints_takes_the_pretraining_s_place(engine: FakeEngine, visit: Visit, stages: Path) -> None:
    page = visit("emergence", **PRETRAINING, checkpoints=stages.name)
    assert not page.exception
    assert page.text_input(key="emergence values").disabled
    page.button(key="start").click().run()
    assert len(engine.submitted) == 3
    assert charts(page)["emergence-pretraining"]["title"] == "Error barrier against checkpoint"


def test_a_folder_that_is_not_there_is_told_in_a_sentence(visit: Visit) -> None:
    page = visit("emergence", **PRETRAINING, checkpoints="no/such/folder")
    assert "There is no folder 'no/such/folder'" in text(page)
    assert page.button(key="start").disabled


def test_where_in_the_network_has_a_chart_for_each_cell(visit: Visit) -> None:
    page = visit("emergence", **BLOCKS)
    page.button(key="start").click().run()
    drawn = charts(page)
    assert {"emergence-blocks-1", "emergence-blocks-2"} <= set(drawn)
    assert drawn["emergence-blocks-1"]["layout"]["xaxis"]["ticktext"] == ["layer 1", "layer 2", "layer 3"]
    assert next(key["label"] for key in drawn["emergence-blocks-1"]["keys"]) == "This block alone"
    open_tab(page, "Download")
    labels = [button.proto.label for button in page.get("download_button")]
    assert "Lines of blocks (csv)" in labels


def test_another_way_keeps_network_and_size_and_another_network_the_way(visit: Visit) -> None:
    page = visit("emergence")
    page.selectbox(key="emergence network").set_value("vit").run()
    assert not page.exception
    assert "Spawn point: Vision transformer." in text(page)
    page.segmented_control(key="emergence size").set_value("classroom").run()
    page.segmented_control(key="emergence way").set_value("pretraining").run()
    assert "Pretraining: Vision transformer." in text(page)
    assert "Shown: classroom size." in text(page)
    assert page.query_params == started("pretraining", "vit", "classroom").parameters()


def test_one_s_own_settings_keep_the_way_and_are_in_the_link(visit: Visit) -> None:
    page = visit("emergence")
    page.text_input(key="field epochs").set_value("17").run()
    assert page.selectbox(key="emergence network").value == "own"
    assert page.query_params["epochs"] == "17"
    page.segmented_control(key="emergence way").set_value("pretraining").run()
    assert page.query_params["epochs"] == "17"
    assert page.text_input(key="emergence values").value == "0, 1, 2, 4, 8, 16"


@pytest.mark.parametrize("link", [SPAWN, PRETRAINING, BLOCKS, PRETRAINING | {"shows": "loss", "on": "train"}])
def test_a_link_sets_all_and_stays_as_it_is(visit: Visit, link: dict[str, str]) -> None:
    page = visit("emergence", **link)
    assert not page.exception
    assert page.text_input(key="emergence values").value == link["values"]
    assert page.query_params == link


@pytest.mark.parametrize(
    ("values", "sentence"),
    [("soon", "not a point in training"), ("0, 99", "training ends after"), ("", "Write the points"), ("1, 1", "is given twice")],
)
def test_values_that_do_not_fit_are_refused_in_a_sentence(visit: Visit, values: str, sentence: str) -> None:
    page = visit("emergence", **SPAWN)
    page.text_input(key="emergence values").set_value(values).run()
    assert not page.exception
    assert sentence in text(page)
    assert page.button(key="start").disabled


def test_nonsense_in_the_link_is_told_and_the_rest_is_kept(visit: Visit) -> None:
    page = visit("emergence", **SPAWN, colour="red")
    assert "colour" in page.warning[0].value
    assert page.text_input(key="emergence values").value == SPAWN["values"]


def test_the_pretraining_s_own_numbers_are_read_as_all_others(visit: Visit) -> None:
    page = visit("emergence", **PRETRAINING)
    page.text_input(key="emergence pretrain optimizer.lr").set_value("0,05").run()
    assert not page.error
    assert page.query_params["pretrain.optimizer.lr"] == "0.05"
    page.text_input(key="emergence pretrain batch_size").set_value("many").run()
    assert "“Batch size” is 'many'; allowed: a whole number from 1 to 2,147,483,647." in text(page)
    assert page.button(key="start").disabled
