"""Results of cells that nobody trained, with the barrier and the accuracy that a test wants."""

from lmc_core.runs.results import RunResult, Spread
from lmc_core.sweeps.sweep import Cell
from tests.made_up_runs import made_up_result


def result_with(cell: Cell, barrier: float | None, *, std: float = 0.001, accuracy: float = 0.95, diverged: int = 0) -> RunResult:
    result = made_up_result(cell.spec)
    n = cell.spec.repeats - diverged
    error = Spread(mean=barrier, std=None if barrier is None else std, n=n)
    split = result.summary.test.model_copy(update={"error": error, "accuracy": Spread(mean=accuracy, std=std, n=n)})
    return result.model_copy(
        update={"summary": result.summary.model_copy(update={"test": split, "train": split, "diverged_pairs": diverged})}
    )
