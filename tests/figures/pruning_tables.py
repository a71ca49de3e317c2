"""Small tables of levels, steps, curves and epochs of a pruning run for tests of figures."""

from collections.abc import Sequence

import pandas as pd

from lmc_core.runs.pruning_progress import CURVES, HISTORY, LEVELS, STEPS

DENSITIES = [0.5, 0.2, 0.05]
ALPHAS = [0.0, 0.5, 1.0]


def _frame(rows: Sequence[dict[str, object]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns)).astype(columns)


def level(
    kind: str,
    density: float,
    rewind: int | None,
    accuracy: float | None,
    barrier: float | None = None,
    diverged: int = 0,
    outcome: str = "",
) -> dict[str, object]:
    """A level whose standard deviations are a tenth of its test barrier and a hundredth of accuracy."""
    return {
        "kind": kind,
        "density": density,
        "rewind": rewind,
        "nonzero": round(1000 * density),
        "prunable": 1000,
        "train_accuracy": accuracy,
        "train_accuracy_std": None if accuracy is None else 0.01,
        "test_accuracy": accuracy,
        "test_accuracy_std": None if accuracy is None else 0.01,
        "train_barrier": barrier,
        "train_barrier_std": None if barrier is None else barrier / 10,
        "test_barrier": barrier,
        "test_barrier_std": None if barrier is None else barrier / 10,
        "normalized_barrier": barrier,
        "outcome": outcome or ("unstable" if diverged else "" if barrier is None else "connected" if barrier < 0.02 else "not connected"),
        "connected": None if barrier is None or outcome or diverged else barrier < 0.02,
        "diverged_pairs": diverged,
    }


def levels(*rows: dict[str, object]) -> pd.DataFrame:
    return _frame(rows, LEVELS)


def open_question(rewinds: Sequence[int] = (0,)) -> pd.DataFrame:
    """Tickets that stay connected to 20% and keep their accuracy, and random masks that lose both."""
    rows = [level("pruned", density, None, 0.9 * density + 0.1) for density in DENSITIES]
    for place, rewind in enumerate(rewinds):
        rows.append(level("dense", 1.0, rewind, 0.96, 0.003))
        for density, accuracy, barrier in zip(DENSITIES, (0.96, 0.95, 0.90), (0.004, 0.01, 0.08), strict=True):
            rows.append(level("ticket", density, rewind, accuracy, barrier / (1 + 4 * place)))
            rows.append(level("random", density, rewind, accuracy - 0.06, barrier + 0.05))
    return levels(*rows)


def history(kind: str, density: float, rewind: int | None, errors: Sequence[float | None]) -> pd.DataFrame:
    """Training errors of one network after epochs 1, 2, ..."""
    rows = [
        {
            "phase": 1,
            "epoch": epoch + 1,
            "step": 10 * (epoch + 1),
            "lr": 0.1,
            "kind": kind,
            "density": density,
            "rewind": rewind,
            "pair": 0,
            "twin": "a",
            "train_loss": error,
            "train_error": error,
            "train_seconds": 0.1,
        }
        for epoch, error in enumerate(errors)
    ]
    return _frame(rows, HISTORY)


def steps(losses: Sequence[float | None], masked: Sequence[int] = (), scheduled: float = 0.5, kept: Sequence[float] = ()) -> pd.DataFrame:
    """Steps of one network; `masked` are the steps after which it was masked."""
    rows = [
        {
            "phase": 1,
            "kind": "pruned",
            "density": 0.2,
            "rewind": None,
            "step": step,
            "loss": loss,
            "scheduled": scheduled,
            "kept": kept[step] if kept else scheduled,
            "masked": step in masked,
        }
        for step, loss in enumerate(losses)
    ]
    return _frame(rows, STEPS)


def curves(humps: dict[float, float], pairs: int = 1) -> pd.DataFrame:
    """For each density a curve of three points between ends of 10%, with a hump of this height in the middle."""
    rows = [
        {"kind": "ticket", "density": density, "rewind": 0, "pair": pair, "split": split, "alpha": alpha, "error": error, "loss": error}
        for density, hump in humps.items()
        for pair in range(pairs)
        for split in ("train", "test")
        for alpha, error in zip(ALPHAS, (0.1, 0.1 + hump, 0.1), strict=True)
    ]
    return _frame(rows, CURVES)


def layers(*parts: tuple[str, int, int]) -> pd.DataFrame:
    """Tensors with their nonzero weights and all of their weights."""
    return pd.DataFrame(list(parts), columns=["name", "nonzero", "weights"])
