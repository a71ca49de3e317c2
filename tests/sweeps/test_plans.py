"""The paper's tables and figures as cells: what each size trains, and that nothing printed is missing."""

import re

import pytest

from lmc_core.cost.estimates import estimate, parameter_count
from lmc_core.errors import LMCError
from lmc_core.experiment import canonical
from lmc_core.overrides import with_overrides
from lmc_core.sweeps.plan import SIZES, PaperPreset, Size, checked_size
from lmc_core.sweeps.plans import PLANS, preset_of
from lmc_core.sweeps.published import published_of
from lmc_core.sweeps.sweep import text_at

TRAINED = [preset for preset in PLANS.values() if preset.trains]
EVERY = [pytest.param(preset, size, id=f"{preset.name} {size}") for preset in TRAINED for size in SIZES]
PRINTED = {"table1": 24, "table2": 5, "table3": 3, "table4": 24}


def test_every_table_and_figure_of_the_paper_is_a_preset() -> None:
    assert sorted(PLANS) == sorted([*(f"table{n}" for n in range(1, 5)), *(f"figure{n}" for n in range(1, 6)), "appendixC"])
    assert all(name == preset.name and preset.title and preset.caption and preset.choices for name, preset in PLANS.items())


@pytest.mark.parametrize(("preset", "size"), EVERY)
def test_the_cells_are_different_runs_told_apart_by_their_factors(preset: PaperPreset, size: Size) -> None:
    plan = preset.plan(size)
    assert len({cell.spec.run_id for cell in plan.cells}) == len({cell.label for cell in plan.cells}) == len(plan.cells) > 1
    for cell in plan.cells:
        assert cell.factors == {path: text_at(cell.spec, path) for path in cell.factors}
        assert with_overrides(cell.factors, canonical(cell.spec)) == cell.spec
    varied = set(preset.x + preset.series + preset.panels)
    assert plan.setting
    assert varied & set(plan.cells[0].factors) or preset.chart == "bars"


@pytest.mark.parametrize(("preset", "size"), EVERY)
def test_each_cell_is_repeated_so_that_it_has_a_spread(preset: PaperPreset, size: Size) -> None:
    assert all(cell.spec.repeats >= (2 if size == "sketch" else 3) for cell in preset.plan(size).cells)


@pytest.mark.parametrize("preset", TRAINED, ids=lambda preset: preset.name)
def test_a_sketch_needs_no_download_and_takes_minutes(preset: PaperPreset) -> None:
    cells = preset.plan("sketch").cells
    assert {cell.spec.dataset for cell in cells} == {"digits"}
    assert sum(estimate(cell.spec).seconds for cell in cells) < 6 * 60
    assert "igits" in preset.settings["sketch"]


@pytest.mark.parametrize("preset", TRAINED, ids=lambda preset: preset.name)
def test_the_paper_s_size_is_200_epochs_on_whole_data_sets(preset: PaperPreset) -> None:
    for cell in preset.plan("paper").cells:
        assert (cell.spec.epochs, cell.spec.train_samples) == (200, None)
        assert cell.spec.dataset != "digits"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PRINTED)
def test_each_printed_value_stands_beside_one_cell(name: str, size: Size) -> None:
    printed = [published_of(name, cell) for cell in preset_of(name).plan(size).cells]
    if name == "table4" and size == "sketch":  # digits stand in for data sets that they are not
        assert printed == [None] * len(printed)
        return
    assert None not in printed
    assert len(printed) == PRINTED[name]


def test_where_the_sizes_differ_a_cell_still_knows_the_paper_s_own() -> None:
    for sketch, paper in zip(PLANS["table1"].plan("sketch").cells, PLANS["table1"].plan("paper").cells, strict=True):
        assert sketch.paper == paper.paper == paper.factors
        assert published_of("table1", sketch) == published_of("table1", paper)


def test_warm_up_is_the_same_share_of_training_at_each_size() -> None:
    for size in SIZES:
        warmed = [cell.spec for cell in PLANS["table2"].plan(size).cells if "warm-up" in cell.name]
        assert {spec.schedule.warmup_epochs / spec.epochs for spec in warmed} == {0.05}


def test_a_batch_of_table_1_makes_as_many_steps_an_epoch_on_digits_as_on_mnist() -> None:
    steps = [[cell.spec.steps_per_epoch for cell in PLANS["table1"].plan(size).cells] for size in ("sketch", "paper")]
    assert all(abs(sketch - paper) <= 1 for sketch, paper in zip(*steps, strict=True))


def test_figure_3_and_table_4_are_the_same_runs() -> None:
    for size in SIZES:
        runs = [{cell.spec.run_id for cell in PLANS[name].plan(size).cells} for name in ("figure3", "table4")]
        assert runs[0] == runs[1]


def test_the_networks_of_table_3_have_the_printed_counts() -> None:
    for cell in PLANS["table3"].plan("paper").cells:
        published = published_of("table3", cell)
        assert published
        assert round(parameter_count(cell.spec) / 1e6, 2) == published.millions


def test_a_preset_or_size_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(LMCError, match=r"There is no preset 'table9' of the paper; there are table1, table2, "):
        preset_of("table9")
    with pytest.raises(LMCError, match=r"There is no size 'huge'; the sizes are sketch, classroom, paper\."):
        checked_size("huge")


@pytest.mark.parametrize("preset", PLANS.values(), ids=list(PLANS))
def test_what_was_found_is_told_as_the_papers_finding_since_a_smaller_size_may_find_otherwise(preset: PaperPreset) -> None:
    for sentence in preset.caption.split(". "):
        if re.search(r"connected|barrier (grows|under)|higher the barrier|takes", sentence):
            assert "paper" in sentence, sentence
