"""The page of transformers in each of its states, against an engine made of formulas."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.cost.estimates import memory_bytes
from lmc_core.experiment import AnySpec
from lmc_core.runs.results import RunResult
from lmc_core.studies.blog import BLOG_STUDIES, TINY
from lmc_core.studies.fine_tuning import Origin
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.ui.transformers_link import CHECKPOINT_KEY, PRECISION_KEY, SHOW_KEY, SIZE_KEY
from tests.checkpoints.made_up import save_tiny_vit
from tests.outcomes import guessing
from tests.pages.reading import charts, open_tab
from tests.pages.reading import text as all_words
from tests.ui.fake_engine import FakeEngine, finished, held

Visit = Callable[..., AppTest]


def text(page: AppTest) -> str:
    """All words of a page with one blank between them."""
    return " ".join(all_words(page).split())


def runs(engine: FakeEngine, name: str = "connectivity", size: Size = "sketch", **settings: str) -> dict[Origin, AnySpec]:
    return BLOG_STUDIES[name].make(size).both(engine.settings.data_dir, settings).runs


def finish(engine: FakeEngine, name: str = "connectivity") -> None:
    for spec in runs(engine, name).values():
        engine.store.runs[spec.run_id] = finished(spec)


@pytest.fixture
def mine(engine: FakeEngine) -> Path:
    """A checkpoint of one's own, named `mine`."""
    return save_tiny_vit(engine.settings.data_dir / "models" / "mine")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", BLOG_STUDIES)
def test_each_experiment_says_what_it_asks_and_what_its_size_trains(visit: Visit, name: str, size: Size) -> None:
    page = visit("transformers", show=name, size=size)
    assert not page.exception
    words = text(page)
    assert BLOG_STUDIES[name].caption.split(".")[0] in words
    assert BLOG_STUDIES[name].settings[size] in words
    assert all(choice in words for choice in BLOG_STUDIES[name].choices)
    assert "Nothing trained yet" in words


def test_a_checkpoint_that_is_not_there_is_one_sentence_and_the_random_run_trains_all_the_same(
    engine: FakeEngine, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    engine.settings = replace(engine.settings, hub_models=(TINY.checkpoint,))
    page = visit("transformers")
    assert f"{TINY.checkpoint} is not on this machine: put its config.json" in text(page)
    page.button(key="start").click().run()
    assert [run_id for run_id, _ in engine.submitted] == [runs(engine)["random"].run_id]
    assert "the hub is out of reach" in text(page)
    assert "Random initialisation: run" not in text(page), "one run alone has no verdict on both"
    assert len(charts(page)) == 5


def test_a_visitor_is_told_which_models_may_be_fetched_and_the_random_run_trains_all_the_same(engine: FakeEngine, visit: Visit) -> None:
    page = visit("transformers", checkpoint="someone/vit")
    page.button(key="start").click().run()
    assert "someone/vit is not on this machine, and visitors may not have it fetched from the hub" in text(page)
    assert all(name in text(page) for name in engine.settings.hub_models)
    assert [run_id for run_id, _ in engine.submitted] == [runs(engine)["random"].run_id]


def test_a_checkpoint_that_is_typed_gives_both_runs_its_configuration(engine: FakeEngine, visit: Visit, mine: Path) -> None:
    page = visit("transformers")
    page.text_input(key=CHECKPOINT_KEY).set_value("mine").run()
    assert "ViT, 2 blocks of width 8" in text(page)
    assert page.query_params["checkpoint"] == "mine"
    page.button(key="start").click().run()
    both = runs(engine, **{"start.checkpoint": "mine"})
    assert [run_id for run_id, _ in engine.submitted] == [both["pretrained"].run_id, both["random"].run_id]
    assert not page.error


def test_a_checkpoint_that_cannot_be_used_is_one_sentence_and_nothing_starts(engine: FakeEngine, visit: Visit) -> None:
    (engine.settings.data_dir / "models" / "empty").mkdir(parents=True)
    page = visit("transformers", checkpoint="empty")
    assert "empty (in " in text(page)
    assert "is no checkpoint: it has no config.json" in text(page)
    assert page.button(key="start").disabled


def test_both_lines_and_their_barriers_stand_in_one_chart_with_a_verdict(engine: FakeEngine, visit: Visit) -> None:
    finish(engine)
    page = visit("transformers")
    words = text(page)
    assert "Connected from neither" in words, "the formulas let no twins under AdamW be connected"
    assert "against 2%, the loss on the line reaches" in words
    drawn = charts(page)
    assert list(drawn) == ["both-lines-error", "both-lines-loss", "instability", "both-accuracy", "both-loss"]
    for chart in drawn.values():
        assert {key["label"].partition(",")[0] for key in chart["keys"]} == {"Pretrained", "Random initialisation"}
    assert page.button(key="start").disabled
    assert "is not on this machine" not in words, "what is there needs no checkpoint"
    assert [link.label for link in page.get("page_link")] == [
        f"{name}: run {spec.run_id}" for name, spec in zip(("Pretrained", "Random initialisation"), runs(engine).values(), strict=True)
    ]


def test_of_twins_that_learnt_nothing_no_connection_is_told(engine: FakeEngine, visit: Visit) -> None:
    finish(engine)
    for spec in runs(engine).values():
        run = engine.store.runs[spec.run_id]
        assert isinstance(run.result, RunResult)
        engine.store.runs[spec.run_id] = replace(run, result=guessing(run.result, dict.fromkeys(range(spec.repeats), 0.89)))
    words = text(visit("transformers"))
    assert "Pretrained: learnt nothing; Random initialisation: learnt nothing" in words
    assert not any(headline in words for headline in ("Connected from", "Connected when", "not from random"))


def test_dense_and_sparse_of_both_origins_stand_in_one_chart(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, "tickets")
    page = visit("transformers", show="tickets")
    assert list(charts(page)) == ["both-tickets", "both-pruned", "step-loss-pretrained", "step-loss-random"]
    assert "Sparsity changes a verdict on connectivity" in text(page)
    assert "Pretrained: dense 97.00%" in text(page)


def test_pruning_alone_has_no_barriers(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, "pruning")
    page = visit("transformers", show="pruning")
    assert "both-pruned" in charts(page)
    assert "both-tickets" not in charts(page)
    assert "What pruning keeps" in text(page)


def test_a_live_pair_shows_both_stages_the_curve_so_far_and_the_time_left(engine: FakeEngine, visit: Visit) -> None:
    pretrained, random = runs(engine).values()
    engine.held[pretrained.run_id] = held(pretrained, "running", 3, seconds_left=90.0)
    engine.held[random.run_id] = held(random, "queued", queue_position=2, seconds_left=200.0)
    page = visit("transformers")
    words = text(page)
    assert "Training: epoch 4 of 8" in words
    assert "About 1 min 30 s left." in words
    assert "In the queue" in words
    assert len(charts(page)["both-lines-error"]["keys"]) == 1
    assert page.button(key="stop").label == "Stop both"


def test_both_are_stopped_with_one_click(engine: FakeEngine, visit: Visit) -> None:
    engine.seconds_per_epoch = 1000.0
    for spec in runs(engine).values():
        engine.submit(spec, "somebody")
    page = visit("transformers")
    page.button(key="stop").click().run()
    assert engine.cancelled == [spec.run_id for spec in runs(engine).values()]


def test_the_tables_below_are_those_of_the_run_that_one_chooses(engine: FakeEngine, visit: Visit) -> None:
    finish(engine)
    page = visit("transformers", details="random")
    assert page.query_params["details"] == "random"
    pretrained, random = (spec.run_id for spec in runs(engine).values())
    words = text(open_tab(page, "How it was computed"))
    assert random in words
    assert pretrained not in words


def test_another_size_stands_at_its_own_precision_unless_one_chooses_the_other(visit: Visit) -> None:
    page = visit("transformers")
    assert page.segmented_control(key=PRECISION_KEY).value == "bfloat16"
    page.segmented_control(key=SIZE_KEY).set_value("paper").run()
    assert page.segmented_control(key=PRECISION_KEY).value == "float32"
    assert "precision" not in page.query_params
    page.segmented_control(key=PRECISION_KEY).set_value("bfloat16").run()
    assert page.query_params["precision"] == "bfloat16"
    page.segmented_control(key=SHOW_KEY).set_value("tickets").run()
    assert "precision" not in page.query_params


def test_a_link_opens_the_page_where_it_stood_and_says_what_it_could_not_use(visit: Visit) -> None:
    page = visit("transformers", show="tickets", size="classroom", precision="half", colour="red")
    assert page.segmented_control(key=SHOW_KEY).value == "tickets"
    assert page.segmented_control(key=SIZE_KEY).value == "classroom"
    assert "precision is 'half'; allowed: float32, bfloat16." in text(page)
    assert "there is no setting 'colour'." in text(page)


def test_a_run_that_would_pass_a_limit_says_so_before_the_click(engine: FakeEngine, visit: Visit) -> None:
    engine.refused = "This run would need about 40 GiB of memory."
    page = visit("transformers")
    assert "40 GiB" in text(page)
    assert page.button(key="start").disabled


def test_a_run_that_would_not_fit_into_memory_is_offered_in_parts_that_do(engine: FakeEngine, visit: Visit) -> None:
    whole = BLOG_STUDIES["connectivity"].make("sketch").base
    least = memory_bytes(whole.model_copy(update={"accumulation": 4})) / 2**30
    engine.settings = replace(engine.settings, max_memory_gib=least)
    engine.refused = "This run would need more memory than there is."
    page = visit("transformers")
    assert page.button(key="fit").label == "Set Accumulation: 4, which fits"
    page.button(key="fit").click().run()
    assert page.query_params["accumulation"] == "4"
    engine.refused = None
    page.run()
    page.button(key="start").click().run()
    assert engine.submitted[-1][0] == runs(engine, accumulation="4")["random"].run_id
    page.segmented_control(key=SIZE_KEY).set_value("classroom").run()
    assert "accumulation" not in page.query_params
