"""The home page in each of its states, against an engine made of formulas."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.cost.estimates import lighter
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.numbers import percent_spread
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.optim.spec import Adam
from lmc_core.overrides import with_overrides
from lmc_core.studies.presets import PRESETS
from lmc_core.ui import engine as holder
from tests.pages.reading import charts, open_tab, tables, text, tiles
from tests.ui.fake_engine import FakeEngine, held, result_of, stored

Visit = Callable[..., AppTest]

SHIPPED = TwinsSpec(repeats=3)
BROKEN = TwinsSpec(repeats=3, optimizer=Adam(lr=0.005))


def ship(engine: FakeEngine, *specs: TwinsSpec) -> None:
    for spec in specs:
        engine.store.runs[spec.run_id] = stored(spec, shipped=True)


def test_before_anyone_trains_the_page_shows_a_shipped_run_with_its_verdict(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, SHIPPED)
    page = visit()
    assert not page.exception
    assert "Example, not your settings" in text(page)
    assert "Connected" in text(page)
    assert set(charts(page)) == {"interpolation", "barrier", "accuracy", "loss"}
    assert page.query_params == {}


def test_the_default_experiments_own_run_is_preferred(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, BROKEN, TwinsSpec())
    assert "measured on one pair of twins" in text(visit())


def test_the_run_of_the_settings_stands_there_before_any_other(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, BROKEN, TwinsSpec(), TwinsSpec(epochs=7))
    page = visit(epochs="7")
    assert f"Run {TwinsSpec(epochs=7).run_id} · These results come with the app" in text(page)
    page.text_input(key="field epochs").set_value("8").run()
    assert "Example, not your settings" in text(page)


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.spec.dataset == "digits"])
def test_a_preset_that_ships_opens_with_its_own_run_whatever_was_shown_before(engine: FakeEngine, visit: Visit, name: str) -> None:
    spec = PRESETS[name].spec
    ship(engine, BROKEN, TwinsSpec(), spec)
    page = visit(run=BROKEN.run_id)
    page.selectbox(key="preset").set_value(name).run()
    assert f"Run {spec.run_id}" in text(page)
    assert "run" not in page.query_params
    assert page.button(key="start").label == "Train the twins"


def test_without_any_run_the_page_still_offers_to_train(visit: Visit) -> None:
    page = visit()
    assert not page.exception
    assert page.button(key="start").label == "Train the twins"


def test_the_cost_stands_there_before_the_click(visit: Visit) -> None:
    words = text(visit())
    for part in ("38,922", "about 4 s", "25 MB"):
        assert part in words


def test_a_data_set_that_is_not_there_is_announced(visit: Visit) -> None:
    assert "MNIST is downloaded first" in text(visit(dataset="mnist"))
    assert "downloaded" not in text(visit())


def test_a_control_changes_the_experiment_and_the_link(visit: Visit) -> None:
    page = visit()
    page.text_input(key="field epochs").set_value("33").run()
    assert page.query_params == {"epochs": "33"}
    assert "33 epochs" in text(page)


def test_a_link_sets_the_controls_and_survives_a_reload(visit: Visit) -> None:
    link = {"epochs": "7", "optimizer.name": "adam", "optimizer.lr": "0.005", "seeds.order": "3,3", "measure": "loss"}
    page = visit(**link)
    assert page.text_input(key="field epochs").value == "7"
    assert page.text_input(key="field optimizer.adam.lr").value == "0.005"
    assert [page.text_input(key=f"field seeds.order {twin}").value for twin in "ab"] == ["3", "3"]
    assert page.query_params == link
    assert page.run().query_params == link


def test_a_link_that_names_a_default_is_not_rewritten(visit: Visit) -> None:
    assert visit(epochs="20", repeats="2").query_params == {"epochs": "20", "repeats": "2"}


def test_going_back_to_an_older_link_sets_the_controls_back(visit: Visit) -> None:
    page = visit(epochs="7")
    page.text_input(key="field epochs").set_value("8").run()
    page.query_params.clear()
    page.query_params["epochs"] = "7"
    page.run()
    assert page.text_input(key="field epochs").value == "7"


def test_only_the_fields_of_the_chosen_network_are_shown(visit: Visit) -> None:
    page = visit()
    assert "field architecture.mlp.slope" in {slider.key for slider in page.slider}
    page.selectbox(key="field architecture.name").set_value("attention").run()
    keys = {number.key for number in page.text_input}
    assert {"field architecture.attention.patch", "field architecture.attention.heads"} <= keys
    assert not {key for key in keys if key and "mlp" in key}
    assert page.query_params == {"architecture.name": "attention"}


def test_another_optimiser_starts_from_its_own_learning_rate(visit: Visit) -> None:
    page = visit()
    page.segmented_control(key="field optimizer.name").set_value("adam").run()
    assert page.text_input(key="field optimizer.adam.lr").value == "0.001"
    assert "Adam, learning rate 0.001" in text(page)
    assert "Adam starts from its own defaults. Learning rate is now 0.001." in [toast.value for toast in page.toast]


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_sets_all_controls_and_says_what_it_is(visit: Visit, name: str) -> None:
    page = visit()
    page.selectbox(key="preset").set_value(name).run()
    assert not page.exception
    assert with_overrides(dict(page.query_params)) == PRESETS[name].spec
    assert page.selectbox(key="preset").value == name
    assert PRESETS[name].caption in text(page)
    page.text_input(key="field epochs").set_value(str(PRESETS[name].spec.epochs + 1)).run()
    assert page.selectbox(key="preset").value == "own"


def test_nonsense_in_the_link_is_told_and_the_rest_is_kept(visit: Visit) -> None:
    page = visit(epochs="many", repeats="2", colour="red")
    assert len(page.warning) == 1
    assert "“Epochs” is 'many'" in page.warning[0].value
    assert "there is no setting 'colour'" in page.warning[0].value
    assert page.text_input(key="field repeats").value == "2"
    assert page.query_params == {"repeats": "2"}
    page.text_input(key="field repeats").set_value("4").run()
    assert not page.warning


@pytest.mark.parametrize("run", ["../..", "/etc/passwd", "0" * 21, "zz", "%2e%2e"])
def test_a_run_id_that_is_none_is_told_and_shows_the_example(engine: FakeEngine, visit: Visit, run: str) -> None:
    ship(engine, SHIPPED)
    page = visit(run=run, epochs="7")
    assert "is not a run id" in page.warning[0].value
    assert "Example, not your settings" in text(page)
    assert page.query_params == {"epochs": "7"}


def test_a_run_that_nobody_knows_is_told(visit: Visit) -> None:
    page = visit(run="0" * 20)
    assert not page.exception
    assert f"This server has no run {'0' * 20}" in text(page)


def test_a_run_that_nobody_knows_is_not_promised_where_the_settings_are_another_s(visit: Visit) -> None:
    page = visit(run="0" * 20, epochs="7")
    assert f"are those of another run, {TwinsSpec(epochs=7).run_id}" in text(page)


def test_a_link_with_a_run_alone_sets_the_controls_to_its_experiment(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, BROKEN)
    page = visit(run=BROKEN.run_id)
    assert page.segmented_control(key="field optimizer.name").value == "adam"
    assert "Not connected" in text(page)


def test_a_click_trains_and_puts_the_run_into_the_link(engine: FakeEngine, visit: Visit) -> None:
    engine.seconds_per_epoch = 1000
    page = visit()
    page.button(key="start").click().run()
    run_id = TwinsSpec().run_id
    assert [submitted for submitted, _ in engine.submitted] == [run_id]
    assert page.query_params == {"run": run_id}
    assert "Training: epoch 1 of 20" in text(page)
    assert page.button(key="start").disabled
    assert page.button(key="cancel").label == "Cancel"


def test_while_it_trains_all_curves_and_numbers_so_far_are_shown(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec(repeats=2)
    engine.held[spec.run_id] = held(spec, "running", epochs=5, seconds_left=12.0, watchers=3)
    page = visit(repeats="2", run=spec.run_id)
    words = text(page)
    assert "Training: epoch 6 of 20" in words
    assert "About 12 s left. 3 visitors asked for it or watch it." in words
    drawn = charts(page)
    assert drawn["interpolation"]["note"] == "after epoch 5 · mean ± standard deviation of 2 pairs"
    assert next(trace for trace in drawn["barrier"]["traces"] if trace.get("name") == "Test")["x"] == [0, 1, 2, 3, 4, 5]
    assert {key["label"] for key in drawn["accuracy"]["keys"]} == {"A test", "A train", "B test", "B train"}
    assert tiles(page)["Twins' test accuracy"].endswith("%")


def test_a_queued_run_says_how_many_turns_come_first(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec()
    engine.held[spec.run_id] = held(spec, "queued", queue_position=3, seconds_left=75.0)
    page = visit(run=spec.run_id)
    assert "2 turns before it, done in about 1 min 15 s." in text(page)
    assert page.button(key="cancel").label == "Cancel"


def test_a_paused_run_says_so(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec()
    engine.held[spec.run_id] = held(spec, "queued", 5, queue_position=2, seconds_left=75.0, paused=True)
    words = text(visit(run=spec.run_id))
    assert "Paused for a shorter run" in words
    assert "It goes on by itself from where it stopped, and is done in about 1 min 15 s." in words


def test_the_button_says_of_a_run_that_waits_nothing_but_that_it_is_below(engine: FakeEngine, visit: Visit) -> None:
    """The card is drawn once, and what it says is still true when the run has begun."""
    spec = TwinsSpec()
    engine.held[spec.run_id] = held(spec, "queued", queue_position=1)
    assert visit(run=spec.run_id).button(key="start").label == "Shown below"
    assert visit().button(key="start").label == "Watch it"


def test_cancelling_stops_the_run_and_says_so(engine: FakeEngine, visit: Visit) -> None:
    engine.seconds_per_epoch = 1000
    page = visit()
    page.button(key="start").click().run()
    page.button(key="cancel").click().run()
    assert engine.cancelled == [TwinsSpec().run_id]
    page.run()
    assert "Cancelled" in text(page)
    assert page.button(key="start").label == "Train the twins"
    assert not page.button(key="start").disabled


def test_a_run_that_was_cancelled_before_it_started_says_so_and_shows_no_chart(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec()
    engine.held[spec.run_id] = held(spec, "cancelled")
    page = visit(run=spec.run_id)
    words = text(page)
    assert "It was cancelled before it started, so there is nothing to show. Train the twins to queue it again." in words
    assert "As far as it came" not in words
    assert not charts(page)


def test_a_run_that_others_watch_goes_on(engine: FakeEngine, visit: Visit) -> None:
    engine.seconds_per_epoch, engine.cancel_works = 1000, False
    page = visit()
    page.button(key="start").click().run()
    page.button(key="cancel").click().run()
    assert "Another visitor wants this run too, so it goes on." in text(page)


def test_a_failed_run_shows_its_reason_and_can_be_tried_again(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec()
    engine.held[spec.run_id] = held(spec, "failed", error="The machine ran out of memory; lower ‹architecture.width›.")
    page = visit(run=spec.run_id)
    assert "The machine ran out of memory; lower “Width”." in text(page)
    assert page.button(key="start").label == "Train the twins"


def test_a_run_that_failed_before_it_told_anything_has_no_empty_charts(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec()
    engine.held[spec.run_id] = held(spec, "failed", error="MNIST is not there: run `python -m lmc_core data get mnist`.")
    page = visit(run=spec.run_id)
    assert any("<code>python -m lmc_core data get mnist</code>" in element.proto.body for element in page.get("html"))
    assert "Error on the line" not in text(page)
    assert "Test error barrier" not in text(page)


def test_a_notice_about_a_damaged_run_is_shown(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec()
    engine.held[spec.run_id] = held(spec, "running", epochs=1, notices=("The stored run was damaged and is computed again.",))
    assert visit(run=spec.run_id).info[0].value == "The stored run was damaged and is computed again."


def test_a_finished_experiment_is_shown_and_not_trained_again(engine: FakeEngine, visit: Visit) -> None:
    engine.store.runs[BROKEN.run_id] = stored(BROKEN)
    page = visit(**{"repeats": "3", "optimizer.name": "adam", "optimizer.lr": "0.005"})
    assert page.button(key="start").label == "Shown below"
    assert page.button(key="start").disabled
    assert "Not connected" in text(page)


def test_a_shipped_experiment_can_be_trained_here_to_watch_it(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, TwinsSpec())
    engine.seconds_per_epoch = 1000
    page = visit()
    assert page.button(key="start").label == "Train the twins"
    page.button(key="start").click().run()
    assert "Training: epoch 1 of 20" in text(page)


def test_a_finished_run_gives_numbers_distances_provenance_and_files(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, BROKEN)
    page = visit(run=BROKEN.run_id)
    barrier = result_of(BROKEN).summary.test.error
    assert tiles(page)["Test error barrier"] == f"{100 * barrier.mean:.2f}%"
    overall, pairs = tables(page)
    assert overall[1] == [
        "Error barrier (Eq. 1)",
        percent_spread(result_of(BROKEN).summary.train.error),
        f"{100 * barrier.mean:.2f}% ± {100 * barrier.std:.2f}%",
    ]
    assert [row[0] for row in overall[2:4]] == ["Normalised barrier (Eq. 2)", "Loss barrier, nats"]
    assert len(pairs) == 4
    (distances,) = tables(open_tab(page, "Distances"))
    assert [row[0] for row in distances[1:]] == ["Twin A to twin B", "Initialisation to A", "Initialisation to B"]
    words = text(open_tab(page, "How it was computed"))
    for part in ("A processor", "torch 2.14.1", "initialisation 0; data order 1 (A), 2 (B)", "sha256", "1,437 training", BROKEN.run_id):
        assert part in words, part
    assert "python -m lmc_core twins --set" in text(open_tab(page, "Download"))
    labels = {button.label for button in page.get("download_button")}
    assert {"Curves (csv)", "Training (csv)", "Spec (json)", "Everything with weights (zip)"} <= labels


def test_a_run_without_weights_offers_none(engine: FakeEngine, visit: Visit) -> None:
    engine.store.runs[SHIPPED.run_id] = stored(SHIPPED, shipped=True, weights=())
    page = open_tab(visit(run=SHIPPED.run_id), "Download")
    assert "Everything with weights (zip)" not in {button.label for button in page.get("download_button")}
    assert "The weights of this run are not kept" in text(page)


def test_a_diverged_pair_makes_the_run_unstable_and_carries_the_papers_asterisk(engine: FakeEngine, visit: Visit) -> None:
    engine.store.runs[BROKEN.run_id] = stored(BROKEN, diverged=(1,))
    page = visit(run=BROKEN.run_id)
    assert "Unstable ∗" in text(page)
    assert "1 of 3 pairs diverged" in text(page)
    assert tables(page)[1][2][0] == "Pair 2 ∗"


def test_another_experiment_in_the_controls_leaves_the_shown_run_and_says_so(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, BROKEN)
    page = visit(run=BROKEN.run_id)
    page.text_input(key="field epochs").set_value("5").run()
    assert "This run has other settings than the controls" in text(page)
    assert page.query_params["run"] == BROKEN.run_id
    assert page.button(key="start").label == "Train the twins"


def test_controls_that_do_not_fit_together_get_one_sentence_and_cost_nothing_else(visit: Visit) -> None:
    page = visit(repeats="2")
    page.text_input(key="field batch_size").set_value("100000").run()
    assert "“Batch size” is 100,000 but there are 1,437 training images" in page.error[0].value
    assert page.button(key="start").disabled
    assert page.query_params == {"repeats": "2"}
    page.text_input(key="field batch_size").set_value("64").run()
    assert not page.error
    assert page.query_params == {"repeats": "2", "batch_size": "64"}


@pytest.mark.parametrize(
    ("key", "typed", "allowed"),
    [
        ("field epochs", "abc", "“Epochs” is 'abc'; allowed: a whole number from 1 to 10,000."),
        ("field epochs", "2.7", "“Epochs” is '2.7'; allowed: a whole number from 1 to 10,000."),
        ("field repeats", "-3", "“Repeats, pairs of twins” is '-3'; allowed: a whole number from 1 to 100."),
        ("field optimizer.sgd.lr", "fast", "“Learning rate” is 'fast'; allowed: a number above 0, at most 100."),
        ("field seeds.order b", "x", "“Order seeds A, B” is 'x'; allowed: a whole number from 0 to 2,147,483,647."),
        ("field train_samples", "half", "“Training images” is 'half'; allowed: a whole number from 2 to 2,147,483,647, or nothing."),
    ],
)
def test_a_number_that_is_not_understood_is_told_beside_it_and_nothing_trains(
    engine: FakeEngine, visit: Visit, key: str, typed: str, allowed: str
) -> None:
    page = visit(batch_size="64")
    before = page.text_input(key=key).value
    page.text_input(key=key).set_value(typed).run()
    assert not page.exception
    assert page.text_input(key=key).value == typed
    assert page.button(key="start").disabled
    assert page.error[0].value == allowed
    assert any(allowed in html.proto.body.replace("&#x27;", "'") for html in page.sidebar.get("html"))
    assert page.query_params == {"batch_size": "64"}
    page.text_input(key=key).set_value(before).run()
    assert not page.error
    assert not page.button(key="start").disabled


def test_every_field_that_is_not_understood_is_named_and_the_run_below_is_not_called_theirs(engine: FakeEngine, visit: Visit) -> None:
    spec = TwinsSpec()
    engine.store.runs[spec.run_id] = stored(spec)
    page = visit(run=spec.run_id)
    assert page.button(key="start").label == "Shown below"
    page.text_input(key="field epochs").set_value("-1")
    page.text_input(key="field batch_size").set_value("many").run()
    assert "Other fields that are not understood: “" in page.error[0].value
    for name in ("“Epochs”", "“Batch size”"):
        assert name in page.error[0].value
    assert page.button(key="start").label == "Train the twins"
    assert page.button(key="start").disabled


def test_a_decimal_comma_is_understood(engine: FakeEngine, visit: Visit) -> None:
    page = visit()
    page.text_input(key="field optimizer.sgd.lr").set_value("0,05").run()
    assert not page.error
    assert page.query_params == {"optimizer.lr": "0.05"}
    page.button(key="start").click().run()
    assert engine.submitted[-1][0] == with_overrides({"optimizer.lr": "0.05"}).run_id


@pytest.mark.parametrize(("typed", "trained"), [("3", "3"), ("abc", None), ("-3", None)])
def test_the_button_trains_what_the_fields_say_at_the_click(engine: FakeEngine, visit: Visit, typed: str, trained: str | None) -> None:
    page = visit(epochs="7")
    page.text_input(key="field epochs").set_value(typed)
    page.button(key="start").click().run()
    assert not page.exception
    assert [run_id for run_id, _ in engine.submitted] == ([with_overrides({"epochs": trained}).run_id] if trained else [])
    page.text_input(key="field epochs").set_value("5").run()
    assert not page.error
    assert not page.button(key="start").disabled


def test_a_run_that_needs_too_much_memory_is_offered_with_what_fits(engine: FakeEngine, visit: Visit) -> None:
    engine.refused, engine.settings = "This run would need about 30 GiB of memory.", replace(engine.settings, max_memory_gib=4)
    large = {"dataset": "cifar10", "architecture.name": "vit", "architecture.side": "224", "architecture.patch": "8"}
    page = visit(**large)
    assert page.error[0].value == engine.refused
    page.button(key="fit").click().run()
    parts = int(page.query_params["accumulation"])
    assert lighter(with_overrides(large), 4) == with_overrides(large | {"accumulation": str(parts)})
    assert page.text_input(key="field accumulation").value == str(parts) and parts > 1
    assert "fit" not in [button.key for button in page.button], "now it fits"


def test_a_run_that_takes_too_long_is_not_offered_with_other_batches(engine: FakeEngine, visit: Visit) -> None:
    engine.refused = "This would take about 9 h; LMC_MAX_SECONDS allows 6 h."
    assert "fit" not in [button.key for button in visit().button]


def test_a_run_that_is_too_large_is_refused_before_the_click(engine: FakeEngine, visit: Visit) -> None:
    engine.refused = "This would take about 9 h; LMC_MAX_SECONDS allows 6 h."
    page = visit()
    assert page.error[0].value == engine.refused
    assert page.button(key="start").disabled


def test_error_and_loss_are_a_click_apart_and_in_the_link(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, SHIPPED)
    page = visit()
    page.segmented_control(key="measure").set_value("loss").run()
    assert page.query_params == {"measure": "loss"}
    assert charts(page)["interpolation"]["title"] == "Loss on the line from A to B"


def test_a_pasted_spec_sets_the_controls(visit: Visit) -> None:
    page = visit()
    page.text_area(key="spec text").set_value(BROKEN.model_dump_json()).run()
    next(button for button in page.button if button.label == "Use this text").click().run()
    assert page.segmented_control(key="field optimizer.name").value == "adam"
    assert with_overrides(dict(page.query_params)) == BROKEN


def test_a_pasted_text_that_is_no_spec_changes_nothing(visit: Visit) -> None:
    page = visit(epochs="7")
    page.text_area(key="spec text").set_value("epochs = 3").run()
    next(button for button in page.button if button.label == "Use this text").click().run()
    assert "This is not JSON" in page.error[0].value
    assert page.query_params == {"epochs": "7"}


def test_an_uploaded_spec_sets_the_controls(visit: Visit) -> None:
    page = visit()
    page.get("file_uploader")[0].upload("spec.json", BROKEN.model_dump_json().encode(), "application/json").run()
    assert with_overrides(dict(page.query_params)) == BROKEN


def test_coming_back_from_another_page_finds_everything_as_it_was(engine: FakeEngine, visit: Visit) -> None:
    ship(engine, BROKEN)
    page = visit(run=BROKEN.run_id, epochs="9")
    page.switch_page("../../pages/runs.py")
    page.query_params.clear()
    page.run()
    page.switch_page("../../pages/twins.py").run()
    assert page.text_input(key="field epochs").value == "9"
    assert page.query_params == {"run": BROKEN.run_id, "epochs": "9"}


def test_an_unknown_state_of_a_run_never_becomes_a_stack_trace(engine: FakeEngine, visit: Visit) -> None:
    engine.held["1" * 20] = Snapshot("1" * 20, "0", "unknown")
    assert not visit(run="1" * 20).exception


def test_without_an_engine_every_page_says_why_nothing_can_run(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "_opened", None)
    monkeypatch.setattr(holder, "_fault", "The cache cannot be written.")
    for name in ("twins", "runs"):
        page = visit(name)
        assert not page.exception
        assert page.error[0].value == "The cache cannot be written."


def test_rounding_twins_are_counted_among_the_networks_before_the_click(visit: Visit) -> None:
    assert "in each of 2 networks" in text(visit())
    assert "in each of 3 networks" in text(visit(**{"measurement.rounding_twin": "true"}))
