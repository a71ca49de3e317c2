"""A sweep's cells with their results as one table, and the files that it is downloaded as."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lmc_core.cost.estimates import parameter_count
from lmc_core.experiment import PruneSpec
from lmc_core.figures.spikes import highest, spikes_of_twins
from lmc_core.overrides import command_of
from lmc_core.runs.outcome import outcome_of
from lmc_core.runs.pruning_progress import levels_frame
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.runs.results import RunResult, Spread
from lmc_core.sweeps.published import Published, published_of
from lmc_core.sweeps.sweep import Cell
from lmc_core.sweeps.verdict import verdict_of

if TYPE_CHECKING:
    import pandas as pd

SPLITS = ("train", "test")
QUANTITIES = ("error", "normalized", "loss", "accuracy")
NOTHING = Spread(mean=None, std=None, n=0)
PRINTED = ("barrier_test_percent", "barrier_train_percent", "test_accuracy_percent", "millions")


def cells_table(
    cells: Sequence[Cell], results: Mapping[str, RunResult], *, preset: str = "", states: Mapping[str, str] | None = None
) -> "pd.DataFrame":
    """A row a cell, in their order.

    Columns: `cell` where cells have names; a column for each factor's path, with numbers where all of its values are some; `run_id`,
    `state`, `parameters`, `pairs`, `diverged_pairs`, `spikes` (in all networks; missing where not counted), `highest_spike` (nats);
    `outcome`, the verdict in a word, and `reason`, which says why; then `{split}_{quantity}_{mean,std}` as shares (the loss in nats) and
    `rounding_{split}_error_{mean,std}` where a floor was measured; then what the paper prints and how it compares (`verdict`), where it
    prints something; last `command`, which makes the cell's run again. Missing numbers are NaN.

    Args:
        cells: of a sweep or a plan.
        results: what their runs found, by run id; a cell without one has no numbers.
        preset: whose published values and verdicts stand in the table; empty for a sweep of one's own.
        states: of the runs, by run id; where there are none, a cell is done or unknown.
    """
    import pandas as pd

    found = [results.get(cell.spec.run_id) for cell in cells]
    table: dict[str, list[object]] = {"cell": [cell.name for cell in cells]} if any(cell.name for cell in cells) else {}
    for path in factor_paths(cells):
        table[path] = values_of([cell.factors.get(path) for cell in cells])
    table["run_id"] = [cell.spec.run_id for cell in cells]
    table["state"] = [
        (states or {}).get(cell.spec.run_id, "done" if result else "unknown") for cell, result in zip(cells, found, strict=True)
    ]
    table["parameters"] = [parameter_count(cell.spec) for cell in cells]
    table["pairs"] = [cell.spec.repeats for cell in cells]
    frame = pd.DataFrame(table)
    frame["diverged_pairs"] = pd.array([result.summary.diverged_pairs if result else None for result in found], dtype="Int64")
    spikes = [spikes_of_twins(result) if result else {} for result in found]
    frame["spikes"] = pd.array([sum(each.count for each in of_run.values()) if of_run else None for of_run in spikes], dtype="Int64")
    frame["highest_spike"] = [highest(of_run).loss if any(each.count for each in of_run.values()) else float("nan") for of_run in spikes]
    outcomes = [outcome_of(result, cell.spec.dataset) if result else None for cell, result in zip(cells, found, strict=True)]
    frame["outcome"] = [outcome.word if outcome else "" for outcome in outcomes]
    frame["reason"] = [outcome.reason if outcome else "" for outcome in outcomes]
    for split in SPLITS:
        for quantity in QUANTITIES:
            _add_spread(frame, f"{split}_{quantity}", [spread_of(result, split, quantity) for result in found])
    if any(result and result.summary.rounding for result in found):
        for split in SPLITS:
            _add_spread(frame, f"rounding_{split}_error", [floor_of(result, split) for result in found])
    _add_published(frame, preset, cells, found)
    frame["command"] = [command_of(cell.spec) for cell in cells]
    return frame


def levels_table(cells: Sequence[Cell[PruneSpec]], results: Mapping[str, PruneResult]) -> "pd.DataFrame":
    """A row for each level of each cell that has a result, in their order.

    Columns: one for each factor's path, with numbers where all of its values are some; `run_id`; those of
    `PruningProgress.levels_table`, shares being between 0 and 1, of a single repeat without standard deviation; last `command`,
    which makes the cell's run again.

    Args:
        cells: of a sweep.
        results: what their runs found, by run id.
    """
    import pandas as pd

    values = {path: values_of([cell.factors.get(path) for cell in cells]) for path in factor_paths(cells)}
    frames = []
    for place, cell in enumerate(cells):
        found = results.get(cell.spec.run_id)
        levels = levels_frame(found.levels if found else (), cell.spec.dataset)
        for column, (path, of_cells) in enumerate(values.items()):
            levels.insert(column, path, [of_cells[place]] * len(levels))
        levels.insert(len(values), "run_id", cell.spec.run_id)
        if cell.spec.repeats < 2:
            levels[[column for column in levels if column.endswith("_std")]] = float("nan")
        levels["command"] = command_of(cell.spec)
        frames.append(levels)
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled or frames, ignore_index=True)


def values_of(texts: Sequence[str | None]) -> list[object]:
    """A factor's values: whole numbers or numbers where all that are there are such, else texts."""
    for kind in (int, float):
        try:
            return [None if text is None else kind(text) for text in texts]
        except ValueError:
            continue
    return list(texts)


def factor_paths(cells: Sequence[Cell[Any]]) -> list[str]:
    """The paths of all the cells' factors, in the order in which they come."""
    return list(dict.fromkeys(path for cell in cells for path in cell.factors))


def spread_of(result: RunResult | None, split: str, quantity: str) -> Spread:
    """Mean and deviation over a run's pairs; empty where there is no result."""
    if result is None:
        return NOTHING
    spread = getattr(getattr(result.summary, split), quantity)
    return spread if isinstance(spread, Spread) else NOTHING


def floor_of(result: RunResult | None, split: str, quantity: str = "error") -> Spread:
    """The same of a barrier between rounding twins; empty where it was not measured, or the quantity is none of a line."""
    if result is None or result.summary.rounding is None:
        return NOTHING
    spread = getattr(getattr(result.summary.rounding, split), quantity, NOTHING)
    return spread if isinstance(spread, Spread) else NOTHING


def _add_spread(frame: "pd.DataFrame", name: str, spreads: Sequence[Spread]) -> None:
    frame[f"{name}_mean"] = [float("nan") if spread.mean is None else spread.mean for spread in spreads]
    frame[f"{name}_std"] = [float("nan") if spread.std is None or spread.n < 2 else spread.std for spread in spreads]


def _add_published(frame: "pd.DataFrame", preset: str, cells: Sequence[Cell], found: Sequence[RunResult | None]) -> None:
    printed = [published_of(preset, cell) for cell in cells]
    if not any(printed):
        return
    for field in PRINTED:
        values = [_printed(published, field) for published in printed]
        if any(value is not None for value in values):
            frame[f"published_{field}"] = [float("nan") if value is None else value for value in values]
    frame["published_unstable"] = [published is not None and published.unstable for published in printed]
    verdicts = [verdict_of(preset, cell, result) for cell, result in zip(cells, found, strict=True)]
    frame["verdict"] = [verdict.text if verdict else "" for verdict in verdicts]


def _printed(published: Published | None, field: str) -> float | None:
    value = getattr(published, field, None)
    return value if isinstance(value, float) else None


def as_csv(table: "pd.DataFrame") -> bytes:
    """The table as CSV, UTF-8, with a header; a text that a spreadsheet would compute has an apostrophe before it."""
    text: str = table.map(_inert).to_csv(index=False)
    return text.encode()


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_parquet(table: "pd.DataFrame") -> bytes:
    """The table as Parquet."""
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()
