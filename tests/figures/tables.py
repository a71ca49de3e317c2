"""Small tables of curves, barriers and epochs for tests of figures."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

ALPHAS = [0.0, 0.25, 0.5, 0.75, 1.0]


def curves(*pairs: list[float | None], epoch: int = 3, split: str = "test") -> pd.DataFrame:
    """A curve a pair; losses are ten times the errors."""
    rows = [
        {"epoch": epoch, "step": 10 * epoch, "pair": pair, "split": split, "alpha": alpha, "error": error, "loss": error and 10 * error}
        for pair, errors in enumerate(pairs)
        for alpha, error in zip(ALPHAS, errors, strict=True)
    ]
    return pd.DataFrame(rows).astype({"error": float, "loss": float})


def measurements(*barriers: list[float | None], split: str = "test") -> pd.DataFrame:
    """A list of barriers over epochs 0, 1, ... a pair."""
    rows = [
        {"epoch": epoch, "pair": pair, "split": split, "error_barrier": value, "loss_barrier": value and 10 * value}
        for pair, values in enumerate(barriers)
        for epoch, value in enumerate(values)
    ]
    return pd.DataFrame(rows).astype({"error_barrier": float, "loss_barrier": float})


def history(a: list[float], b: list[float], pairs: int = 1) -> pd.DataFrame:
    """Test errors of both twins after epochs 1, 2, ...; train errors are half of them, losses twice."""
    rows = [
        {
            "epoch": epoch + 1,
            "pair": pair,
            "twin": twin,
            "train_error": error / 2,
            "test_error": error,
            "train_loss": 2 * error,
            "test_loss": 2 * error,
        }
        for pair in range(pairs)
        for twin, errors in (("a", a), ("b", b))
        for epoch, error in enumerate(errors)
    ]
    return pd.DataFrame(rows)


def outcome(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict on a cell of a chart, from what a test says of it."""
    if cell.get("state", "done") != "done":
        return {"outcome": "", "why": ""}
    if cell.get("diverged") or cell.get("mean") is None:
        return {"outcome": "unstable", "why": "1 of 3 pairs diverged: a loss or a weight was not finite."}
    return {"outcome": "connected" if cell["mean"] < 0.02 else "not connected", "why": "The barrier says so."}
