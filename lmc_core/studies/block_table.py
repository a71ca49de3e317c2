"""The lines of a run on which only some blocks move: as rows for a chart, and as means with their spread."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from lmc_core.connectivity.results import BlockLine
from lmc_core.data.spec import Split
from lmc_core.runs.results import RunResult, Spread
from lmc_core.sweeps.sweep import Cell

if TYPE_CHECKING:
    import pandas as pd

SPLITS: tuple[Split, ...] = get_args(Split)
COLUMNS = ["pair", "which", "place", "block", "error", "loss"]


def block_rows(result: RunResult, split: Split) -> "pd.DataFrame":
    """A row for each pair that did not diverge and each of its lines, as `figures.block_lines` takes them.

    Args:
        result: of a run; one that was not asked for lines of blocks has none.
        split: train or test.
    """
    import pandas as pd  # slow to import: only where a chart is drawn

    rows = []
    for pair in result.pairs:
        lines = pair.blocks or []
        names = [line.blocks[0] for line in lines if line.which == "alone"]
        for line in lines:
            block = line.blocks[0] if line.which == "from_top" else line.blocks[-1]
            height = line.test if split == "test" else line.train
            rows.append((pair.pair, line.which, names.index(block), block, height.error, height.loss))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"error": float, "loss": float})


def block_tables(cells: Sequence[Cell], results: Mapping[str, RunResult]) -> "pd.DataFrame":
    """The rows of all finished cells on both splits, with the columns `cell`, `run_id` and `split` before them."""
    import pandas as pd  # slow to import: only where a table is written

    tables = [
        block_rows(result, split).assign(cell=cell.label, run_id=cell.spec.run_id, split=split)
        for cell in cells
        if (result := results.get(cell.spec.run_id))
        for split in SPLITS
    ]
    names = ["cell", "run_id", "split", *COLUMNS]
    return pd.concat(tables, ignore_index=True)[names] if tables else pd.DataFrame(columns=names)


def block_spreads(result: RunResult) -> list[dict[str, object]] | None:
    """Each line with the mean and spread of its heights over the pairs; None where no lines of blocks were asked for.

    A line has `which`, `blocks`, and on each split `error` and `loss` as mean, std and n, as in the summary of a run.
    """
    if all(pair.blocks is None for pair in result.pairs):
        return None
    kept = [pair.blocks for pair in result.pairs if pair.blocks]
    return [_of_line(lines) for lines in zip(*kept, strict=True)]


def _of_line(lines: Sequence[BlockLine]) -> dict[str, object]:
    return {
        "which": lines[0].which,
        "blocks": lines[0].blocks,
        "train": {"error": _spread([line.train.error for line in lines]), "loss": _spread([line.train.loss for line in lines])},
        "test": {"error": _spread([line.test.error for line in lines]), "loss": _spread([line.test.loss for line in lines])},
    }


def _spread(values: Sequence[float | None]) -> dict[str, object]:
    known = [value for value in values if value is not None and math.isfinite(value)]
    mean = statistics.fmean(known) if known else None
    std = (statistics.stdev(known) if len(known) > 1 else 0.0) if known else None
    return Spread(mean=mean, std=std, n=len(known)).model_dump()
