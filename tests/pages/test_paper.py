"""The page of the paper, against an engine made of formulas."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.figures.batches import Batch
from lmc_core.sweeps.claims import RULE, counts_of
from lmc_core.sweeps.first_batches import keep
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.sweeps.plans import PLANS
from tests.outcomes import guessing
from tests.pages.reading import charts
from tests.pages.reading import text as all_words
from tests.ui.fake_engine import FakeEngine, stored

Visit = Callable[..., AppTest]


def text(page: AppTest) -> str:
    """All words of a page with one blank between them."""
    return " ".join(all_words(page).split())


TRAINED = [name for name, preset in PLANS.items() if preset.trains]


def finish(engine: FakeEngine, name: str, size: Size = "sketch") -> None:
    for cell in PLANS[name].plan(size).cells:
        engine.store.runs[cell.spec.run_id] = stored(cell.spec, shipped=True)


@pytest.mark.parametrize("name", TRAINED)
def test_each_preset_opens_with_its_results_in_the_papers_form(engine: FakeEngine, visit: Visit, name: str) -> None:
    finish(engine, name)
    page = visit("paper", show=name)
    assert not page.exception
    assert not page.error
    words = text(page)
    assert PLANS[name].caption.split(".")[0] in words
    assert "All cells are done" in words
    drawn = charts(page)
    panels = len({tuple(cell.factors.get(path) for path in PLANS[name].panels) for cell in PLANS[name].plan("sketch").cells})
    assert len(drawn) == panels + 1
    assert "grid" in drawn
    assert all(len(choice) > 5 and choice in words for choice in PLANS[name].choices)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_says_which_size_it_shows(visit: Visit, size: Size) -> None:
    page = visit("paper", show="table2", size=size)
    assert f"Shown: {size} size." in text(page)
    assert PLANS["table2"].settings[size] in text(page)


def test_the_cost_stands_there_before_the_click_and_a_click_trains_all(engine: FakeEngine, visit: Visit) -> None:
    page = visit("paper", show="table2")
    assert "5 cells" in text(page)
    assert "30 networks to train" in text(page)
    assert "about 21 s on this machine" in text(page)
    page.button(key="start").click().run()
    assert len(engine.submitted) == 5
    assert "All cells are done" in text(page)


def test_what_the_paper_prints_stands_beside_ours_with_a_verdict_and_its_rule(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, "table2")
    words = text(visit("paper", show="table2"))
    assert "paper 2.86% · train 2.92%" in words
    assert "a barrier here, connected in the paper" in words
    assert "Same side: the published and our mean test error barrier lie on the same side of 2%." in words
    assert "pairs of cells differ in the paper" in words


def test_cells_that_learnt_nothing_are_counted_as_that_and_agree_with_nothing(engine: FakeEngine, visit: Visit) -> None:
    cells = PLANS["table2"].plan("sketch").cells
    for cell in cells:
        run = stored(cell.spec)
        engine.store.runs[cell.spec.run_id] = replace(run, result=guessing(run.result, dict.fromkeys(range(cell.spec.repeats), 0.89)))
    words = text(visit("paper", show="table2"))
    assert f"{len(cells)} learnt nothing." in words
    assert "connected here" not in words
    assert "a barrier here" not in words


def test_a_figure_without_printed_numbers_says_so(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, "figure1")
    page = visit("paper", show="figure1")
    assert "The paper prints no numbers for these cells" in text(page)
    assert [tab.label for tab in page.tabs] == ["The paper's words beside ours", "All cells", "Download"]


def test_what_the_paper_says_of_a_figure_in_words_is_counted_in_our_cells(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, "figure1")
    words = text(visit("paper", show="figure1"))
    cells = PLANS["figure1"].plan("sketch").cells
    results = {cell.spec.run_id: engine.store.runs[cell.spec.run_id].result for cell in cells}
    sentences = [count.sentence for count in counts_of("figure1", cells, results)]
    assert len(sentences) == 3
    assert all(sentence in words for sentence in sentences)
    assert RULE in words


def test_the_parameter_counts_are_exact_and_need_no_training(engine: FakeEngine, visit: Visit) -> None:
    page = visit("paper", show="table3")
    words = text(page)
    for count in ("88,202", "483,338", "25,255,946", "paper 25.26 million ✓"):
        assert count in words
    assert not [button for button in page.button if button.key == "start"]


def test_the_first_batches_are_shown_as_images(engine: FakeEngine, visit: Visit) -> None:
    pixels = np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 8, 8)
    keep(engine.settings.cache_dir, "sketch", [Batch("43", draw, pixels) for draw in (1, 2, 3)])
    page = visit("paper", show="figure4")
    assert charts(page)["figure4"]["note"] == "each seed draws the same images every time"


def test_a_size_whose_results_are_all_here_is_marked(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, "table2", "classroom")
    page = visit("paper", show="table2")
    options = page.segmented_control(key="paper size").options
    assert options == ["Sketch", "Classroom ✓", "Paper"]


def test_the_rounding_twin_makes_other_cells_and_is_part_of_the_link(engine: FakeEngine, visit: Visit) -> None:
    finish(engine, "table2")
    page = visit("paper", show="table2")
    page.toggle(key="paper rounding").set_value(True).run()
    assert "45 networks to train" in text(page)
    assert page.query_params == {"show": "table2", "rounding": "true"}


def test_the_link_holds_the_choice_and_going_back_takes_it_back(visit: Visit) -> None:
    page = visit("paper", show="table2")
    page.segmented_control(key="paper size").set_value("paper").run()
    assert page.query_params == {"show": "table2", "size": "paper"}
    page.query_params.clear()
    page.query_params["show"] = "figure1"
    page.run()
    assert page.selectbox(key="paper show").value == "figure1"
    assert page.segmented_control(key="paper size").value == "sketch"


def test_nonsense_in_the_link_is_told(visit: Visit) -> None:
    page = visit("paper", show="table9", size="huge")
    assert not page.exception
    assert "show is 'table9'" in page.warning[0].value
    assert "size is 'huge'; allowed: sketch, classroom, paper." in page.warning[0].value
