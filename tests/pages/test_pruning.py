"""The page of pruning in each of its states, against an engine made of formulas."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.overrides import choices_of, with_overrides
from lmc_core.pruning.spec import METHODS, Iterative, Magnitude, Platon, Random, Snip
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from tests.pages.reading import charts, open_tab, text, tiles
from tests.ui.fake_engine import FakeEngine, held, stored
from tests.ui.fake_pruning import all_epochs, stored_pruning

Visit = Callable[..., AppTest]

ONCE = PruneSpec(repeats=2)
REWOUND = PruneSpec(repeats=2, pruning=Iterative(densities=(0.5, 0.2, 0.05), rewind=(0, 2)))
PLATON = PruneSpec(pruning=Platon(densities=(0.5, 0.1), initial_epochs=2, final_epochs=4))
METHODS_AS_SPECS = {model.__name__.lower(): PruneSpec(pruning=model()) for model in (Magnitude, Random, Platon, Iterative, Snip)}
QUESTION, INSIDE = {"tickets", "sparsity"}, {"step-loss", "kept-ratio", "level-curves", "layer-density", "mask-picture"}


def show(engine: FakeEngine, visit: Visit, spec: PruneSpec, **more: str) -> AppTest:
    """The page at a finished run."""
    engine.store.runs[spec.run_id] = stored_pruning(spec)
    page = visit("pruning", run=spec.run_id, **more)
    assert not page.exception
    return page


def choice(page: AppTest, name: str) -> object:
    """The widget of a choice that the page makes anew where it goes on by itself."""
    widgets = [*page.segmented_control, *page.selectbox, *page.select_slider]
    return next(widget for widget in widgets if str(widget.key).startswith(f"pruning {name} "))


def test_before_anyone_trains_the_page_offers_to_with_its_cost(visit: Visit) -> None:
    page = visit("pruning")
    assert not page.exception
    assert page.button(key="start").label == "Prune and train"
    for part in ("38,922", "parameters in each of 18 networks", "about 4 s", "25 MB"):
        assert part in text(page)


def test_a_shipped_preset_is_shown_before_anyone_trains(engine: FakeEngine, visit: Visit) -> None:
    spec = next(iter(PRUNING_PRESETS.values())).spec
    engine.store.runs[spec.run_id] = stored_pruning(spec, shipped=True)
    page = visit("pruning")
    assert f"Run {spec.run_id} · These results come with the app" in text(page)
    assert set(charts(page)) >= QUESTION
    assert page.query_params == {}


@pytest.mark.parametrize("name", choices_of(PruneSpec)["pruning"])
def test_every_method_has_its_fields_as_controls_and_is_explained(visit: Visit, name: str) -> None:
    page = visit("pruning", **{"pruning.name": name})
    assert not page.exception
    own = set(choices_of(PruneSpec)["pruning"][name].model_fields) - set(Random.model_fields) - {"scope"}
    keys = {str(widget.key) for kind in (page.text_input, page.segmented_control, page.slider, page.selectbox) for widget in kind}
    assert {f"field pruning.{name}.{field}" for field in own} <= keys
    assert METHODS[name].explanation.split("**")[1] in text(page)
    assert "95.3% with 20% of the weights kept and 93.7% with 5%" in text(page)


def test_another_method_keeps_the_densities_and_what_else_all_methods_have(visit: Visit) -> None:
    page = visit("pruning", **{"pruning.densities": "0.4,0.1", "pruning.rewind": "0,2"})
    page.selectbox(key="field pruning.name").set_value("platon").run()
    assert page.text_input(key="field pruning.densities").value == "0.4, 0.1"
    assert page.query_params == {"pruning.name": "platon", "pruning.densities": "0.4,0.1", "pruning.rewind": "0,2"}


@pytest.mark.parametrize("typed", ["0.5, 0.1", "0.5 0.1", "0.5;0.1,"])
def test_densities_are_typed_with_what_one_likes_between_them(visit: Visit, typed: str) -> None:
    page = visit("pruning")
    page.text_input(key="field pruning.densities").set_value(typed).run()
    assert page.query_params == {"pruning.densities": "0.5,0.1"}
    assert "50% and 10% of the weights kept" in text(page)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0.1, 0.5", "each has to be below the one before"),
        ("0", "“Densities (shares kept)” has '0'; allowed: a number above 0, at most 1."),
        ("x", "“Densities (shares kept)” has 'x'"),
        ("", "“Densities (shares kept)” is empty"),
    ],
)
def test_densities_that_do_not_fit_get_one_sentence(visit: Visit, typed: str, sentence: str) -> None:
    page = visit("pruning")
    page.text_input(key="field pruning.densities").set_value(typed).run()
    assert not page.exception
    assert sentence in page.error[0].value
    assert page.button(key="start").disabled


@pytest.mark.parametrize("name", PRUNING_PRESETS)
def test_each_preset_sets_all_controls_and_says_what_it_is(visit: Visit, name: str) -> None:
    page = visit("pruning", epochs="3")
    page.selectbox(key="preset").set_value(name).run()
    assert not page.exception
    assert with_overrides(dict(page.query_params), model=PruneSpec) == PRUNING_PRESETS[name].spec
    assert PRUNING_PRESETS[name].caption in text(page)


def test_a_click_trains_and_puts_the_run_into_the_link(engine: FakeEngine, visit: Visit) -> None:
    engine.seconds_per_epoch = 1000
    page = visit("pruning")
    page.button(key="start").click().run()
    assert page.query_params == {"run": PruneSpec().run_id}
    assert page.button(key="cancel").label == "Cancel"
    assert page.button(key="start").disabled


def test_while_it_trains_the_page_says_which_part_and_shows_what_the_networks_have_reached(engine: FakeEngine, visit: Visit) -> None:
    engine.held[ONCE.run_id] = held(ONCE, "running", epochs=ONCE.epochs + 5, seconds_left=12.0, watchers=3)
    page = visit("pruning", run=ONCE.run_id)
    words = text(page)
    assert "Part 2 of 2: epoch 6 of 20" in words
    assert "About 12 s left. 32 networks train from step 0. 3 visitors asked for it or watch it." in words
    drawn = charts(page)
    assert {key["label"] for key in drawn["sparsity"]["keys"]} == {"Dense", "As pruned", "Training so far"}
    assert drawn["step-loss"]["note"] == "Ticket 5%"
    assert tiles(page)["Dense test accuracy"] == "97.00%"
    assert tiles(page)["Sparsest accurate ticket"] == "–"
    assert page.query_params == {"run": ONCE.run_id}


def test_what_is_looked_into_follows_the_training_until_one_chooses(engine: FakeEngine, visit: Visit) -> None:
    engine.held[ONCE.run_id] = held(ONCE, "running", epochs=3)
    page = visit("pruning", run=ONCE.run_id)
    assert charts(page)["step-loss"]["note"] == "Dense"
    engine.held[ONCE.run_id] = held(ONCE, "running", epochs=ONCE.epochs + 1)
    assert charts(page.run())["step-loss"]["note"] == "Ticket 5%"
    choice(page, "density").set_value(0.2).run()
    engine.held[ONCE.run_id] = held(ONCE, "running", epochs=ONCE.epochs + 2)
    assert charts(page.run())["step-loss"]["note"] == "Ticket 20%"
    assert page.query_params == {"repeats": "2", "run": ONCE.run_id, "network": "ticket-0", "density": "0.2"}


def test_a_finished_run_answers_the_open_question(engine: FakeEngine, visit: Visit) -> None:
    page = show(engine, visit, ONCE)
    words = text(page)
    assert "Connected down to 20%" in words
    assert (
        "tickets stay within 1 percentage point of the dense network's 97.00% ± 0.20% down to 20% and are connected down to 20%." in words
    )
    assert "Accuracy and connectivity go together in 4 of 4 tickets." in words
    assert "Of 4 random masks, 0 are connected and 0 keep the accuracy." in words
    assert tiles(page)["The two go together"] == "4 of 4"
    assert set(charts(page)) == QUESTION | INSIDE


@pytest.mark.parametrize("spec", METHODS_AS_SPECS.values(), ids=METHODS_AS_SPECS.keys())
def test_each_method_shows_its_result(engine: FakeEngine, visit: Visit, spec: PruneSpec) -> None:
    drawn = charts(show(engine, visit, spec))
    assert drawn["tickets"]["traces"]
    assert drawn["step-loss"]["traces"]
    assert drawn["mask-picture"]["traces"]


def test_without_twins_there_is_accuracy_alone(engine: FakeEngine, visit: Visit) -> None:
    page = show(engine, visit, PruneSpec(pruning=Magnitude(twins=False)))
    assert "Accurate down to 20%" in text(page)
    assert set(charts(page)) == {"sparsity", *INSIDE} - {"level-curves"}
    assert "Test barrier" not in page.dataframe[0].value


def test_each_rewinding_point_has_its_chart_and_k_can_lie_along_the_axis(engine: FakeEngine, visit: Visit) -> None:
    page = show(engine, visit, REWOUND)
    step = REWOUND.rewind_steps[1]
    assert set(charts(page)) - INSIDE == {"tickets-0", f"tickets-{step}"}
    assert charts(page)["tickets-0"]["layout"]["yaxis2"]["range"] == charts(page)[f"tickets-{step}"]["layout"]["yaxis2"]["range"]
    assert charts(page)[f"tickets-{step}"]["title"] == "From epoch 2: accuracy and barrier"
    choice(page, "over").set_value("k").run()
    assert charts(page)["tickets-over-k"]["layout"]["xaxis"]["tickvals"] == [0.0, 2.0]
    assert page.query_params["over"] == "k"


def test_one_looks_into_a_network_and_the_link_says_which(engine: FakeEngine, visit: Visit) -> None:
    page = show(engine, visit, REWOUND)
    step = REWOUND.rewind_steps[1]
    look = choice(page, "networks")
    look.set_value(next(option for option in look.options if option == "Random mask, from epoch 2")).run()
    choice(page, "density").set_value(0.5).run()
    assert charts(page)["level-curves"]["note"] == "Random mask 50%, from epoch 2"
    link = dict(page.query_params)
    assert (link["network"], link["density"]) == (f"random-{step}", "0.5")
    again = visit("pruning", **link)
    assert charts(again)["level-curves"]["note"] == "Random mask 50%, from epoch 2"


def test_all_weights_is_the_dense_network(engine: FakeEngine, visit: Visit) -> None:
    page = show(engine, visit, ONCE, density="1", network="ticket-0")
    assert charts(page)["layer-density"]["note"] == "Dense"
    assert charts(page)["mask-picture"]["note"].startswith("100% kept")


def test_soft_and_hard_masking_are_two_runs_of_which_one_stands_beside_the_other(engine: FakeEngine, visit: Visit) -> None:
    assert "Train the same run with **hard** masking" in text(show(engine, visit, PLATON))
    hard = PLATON.model_copy(update={"pruning": PLATON.pruning.model_copy(update={"masking": "hard"})})
    engine.store.runs[hard.run_id] = stored_pruning(hard)
    page = visit("pruning", run=PLATON.run_id)
    assert "Hard masking" in {key["label"] for key in charts(page)["step-loss"]["keys"]}
    assert charts(page)["kept-ratio"]["note"].startswith("above the schedule at")


def test_a_layer_that_was_cut_off_is_told(engine: FakeEngine, visit: Visit) -> None:
    spec = PruneSpec(repeats=3)
    engine.store.runs[spec.run_id] = stored_pruning(spec, cut_off=0.05)
    page = visit("pruning", run=spec.run_id)
    assert "**A layer is wholly cut off** (Ticket at 5%: layers.0)" in page.warning[0].value
    assert "<b>cut off</b> 0 of 6,400" in charts(page)["layer-density"]["traces"][0]["text"]
    assert list(page.dataframe[0].value["Cut off"])[-5:-4] == ["layers.0.weight"]


def test_no_warning_where_nothing_was_cut_off(engine: FakeEngine, visit: Visit) -> None:
    assert not show(engine, visit, ONCE).warning


def test_a_failed_run_shows_its_reason_and_can_be_tried_again(engine: FakeEngine, visit: Visit) -> None:
    engine.held[ONCE.run_id] = held(ONCE, "failed", error="The machine ran out of memory; lower ‹architecture.width›.")
    page = visit("pruning", run=ONCE.run_id)
    assert "The machine ran out of memory; lower “Width”." in text(page)
    assert page.button(key="start").label == "Prune and train"
    assert not charts(page)


def test_a_cancelled_run_shows_how_far_it_came(engine: FakeEngine, visit: Visit) -> None:
    engine.held[ONCE.run_id] = held(ONCE, "cancelled", epochs=all_epochs(ONCE) - 1)
    page = visit("pruning", run=ONCE.run_id)
    assert "Cancelled" in text(page)
    assert charts(page)["sparsity"]["traces"]


def test_nonsense_in_the_link_is_told_and_the_rest_is_kept(visit: Visit) -> None:
    page = visit("pruning", **{"pruning.densities": "2", "pruning.name": "platon", "network": "nobody", "density": "9", "over": "time"})
    told = page.warning[0].value
    for part in ("“Densities (shares kept)” has '2'", "network is 'nobody'", "density is '9'", "over is 'time'"):
        assert part in told, told
    assert page.query_params == {"pruning.name": "platon"}


@pytest.mark.parametrize("run", ["../..", "/etc/passwd", "0" * 21, "zz"])
def test_a_run_id_that_is_none_is_told(visit: Visit, run: str) -> None:
    assert "is not a run id" in visit("pruning", run=run).warning[0].value


def test_a_network_that_the_run_does_not_have_leaves_the_choice_to_the_page(engine: FakeEngine, visit: Visit) -> None:
    page = show(engine, visit, ONCE, network="ticket-7", density="0.33")
    assert charts(page)["step-loss"]["note"] == "Ticket 5%"


def test_a_link_to_a_run_of_twins_goes_to_their_page_and_back(engine: FakeEngine, visit: Visit) -> None:
    engine.store.runs[TwinsSpec().run_id] = stored(TwinsSpec())
    engine.store.runs[ONCE.run_id] = stored_pruning(ONCE)
    assert visit("pruning", run=TwinsSpec().run_id).title[0].value == "Do twins end in the same valley?"
    page = visit(run=ONCE.run_id)
    assert page.title[0].value == "How many weights can go?"
    assert page.query_params == {"repeats": "2", "run": ONCE.run_id}


def test_a_finished_run_gives_levels_provenance_and_files(engine: FakeEngine, visit: Visit) -> None:
    page = show(engine, visit, ONCE)
    table = page.dataframe[0].value
    assert list(table["Networks"])[:2] == ["Dense", "As pruned"]
    assert set(table["Nonzero"]) >= {"6,400 of 6,400", "320 of 6,400"}
    words = text(open_tab(page, "How it was computed"))
    for part in ("A processor", "torch 2.14.1", "sha256", "1,437 training", ONCE.run_id, "6,400 of them prunable"):
        assert part in words, part
    open_tab(page, "Download")
    labels = {button.label for button in page.get("download_button")}
    assert {"Levels (csv)", "Levels (parquet)", "Steps (csv)", "Curves (csv)", "Report (html)", "Spec (json)"} <= labels


def test_a_spec_of_twins_is_refused_with_a_word(visit: Visit) -> None:
    page = visit("pruning")
    page.text_area(key="spec text").set_value(TwinsSpec(epochs=3).model_dump_json()).run()
    next(button for button in page.button if button.label == "Use this text").click().run()
    assert "a spec of the kind twins" in page.error[0].value


def test_a_pasted_spec_sets_the_controls(visit: Visit) -> None:
    page = visit("pruning")
    page.text_area(key="spec text").set_value(REWOUND.model_dump_json()).run()
    next(button for button in page.button if button.label == "Use this text").click().run()
    assert with_overrides(dict(page.query_params), model=PruneSpec) == REWOUND
