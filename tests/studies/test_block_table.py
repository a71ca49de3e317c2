"""Lines of blocks as rows of a chart and as means with their spread."""

import statistics

import pytest

from lmc_core.overrides import with_overrides
from lmc_core.studies.block_table import block_rows, block_spreads, block_tables
from lmc_core.sweeps.sweep import Cell
from tests.ui.fake_engine import result_of

SPEC = with_overrides({"architecture.depth": "3", "measurement.blocks": "true", "repeats": "3"})


def test_a_line_stands_at_the_block_that_joined_last() -> None:
    rows = block_rows(result_of(SPEC), "test")
    first = rows[rows["pair"] == 0]
    assert first[first["which"] == "from_bottom"]["block"].tolist() == ["layer 1", "layer 2", "layer 3"]
    assert first[first["which"] == "from_top"]["place"].tolist() == [2, 1, 0]
    assert first[first["which"] == "alone"]["place"].tolist() == [0, 1, 2]


def test_all_blocks_from_the_bottom_and_all_from_the_top_are_the_same_line() -> None:
    rows = block_rows(result_of(SPEC), "test")
    bottom = rows[(rows["which"] == "from_bottom") & (rows["place"] == 2)]["error"].tolist()
    assert bottom == rows[(rows["which"] == "from_top") & (rows["place"] == 0)]["error"].tolist()


def test_a_line_s_spread_is_over_the_pairs_that_did_not_diverge() -> None:
    result = result_of(SPEC, diverged=(1,))
    lines = block_spreads(result)
    assert lines is not None
    kept = [pair.blocks for pair in result.pairs if pair.blocks]
    heights = [blocks[0].test.error for blocks in kept]
    assert lines[0]["which"] == "alone"
    assert lines[0]["test"]["error"] == pytest.approx(  # type: ignore[index]
        {"mean": statistics.fmean(heights), "std": statistics.stdev(heights), "n": 2}  # type: ignore[type-var]
    )


def test_a_run_that_was_not_asked_has_no_lines() -> None:
    result = result_of(with_overrides({"repeats": "2"}))
    assert block_spreads(result) is None
    assert block_rows(result, "test").empty


def test_the_table_of_all_cells_has_both_splits_of_finished_ones() -> None:
    done, waiting = Cell({}, SPEC, "0"), Cell({}, SPEC.model_copy(update={"epochs": 7}), "1")
    table = block_tables([done, waiting], {SPEC.run_id: result_of(SPEC)})
    assert set(table["cell"]) == {"0"}
    assert table["split"].value_counts().to_dict() == {"train": 27, "test": 27}
