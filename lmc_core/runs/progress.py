"""What the events of a run of twins add up to: tables of its epochs, curves and measurements, and where it stands."""

import math
from functools import cached_property
from typing import Final, Literal, Self

import pandas as pd

from lmc_core.runs.events import CurveMeasured, Diverged, Done, EpochDone, Event
from lmc_core.runs.results import RunResult
from lmc_core.runs.standing import Standing
from lmc_core.runs.table import Row, Table

HISTORY: Final = {
    "epoch": "int64",
    "step": "int64",
    "lr": "float64",
    "pair": "int64",
    "twin": "str",
    "train_loss": "float64",
    "train_error": "float64",
    "test_loss": "float64",
    "test_error": "float64",
    "train_seconds": "float64",
}
CURVES: Final = {
    "epoch": "int64",
    "step": "int64",
    "pair": "int64",
    "split": "str",
    "alpha": "float64",
    "error": "float64",
    "loss": "float64",
}
MEASUREMENTS: Final = {
    "epoch": "int64",
    "step": "int64",
    "pair": "int64",
    "split": "str",
    "error_barrier": "float64",
    "normalized_barrier": "float64",
    "loss_barrier": "float64",
    "error_chord_gap": "float64",
    "loss_chord_gap": "float64",
    "l2": "float64",
    "cosine": "float64",
    "init_a_l2": "float64",
    "init_a_cosine": "float64",
    "init_b_l2": "float64",
    "init_b_cosine": "float64",
}
SPLITS: Final[tuple[Literal["train", "test"], ...]] = ("train", "test")


class Progress(Standing[RunResult]):
    """What a run of twins has told so far."""

    tables = ("history", "curves", "measurements")

    def __init__(self) -> None:
        super().__init__()
        self._history = Table(HISTORY)
        self._curves = Table(CURVES)
        self._measurements = Table(MEASUREMENTS)
        self.diverged: tuple[Diverged, ...] = ()

    @classmethod
    def finished(cls, result: RunResult, history: pd.DataFrame, curves: pd.DataFrame, measurements: pd.DataFrame) -> Self:
        """The progress of a run that was read from the disk, with the tables as they were kept there; nothing comes after it."""
        progress = cls()
        progress.diverged = tuple(
            Diverged(pair=pair.pair, twin=twin, step=step)
            for pair in result.pairs
            for twin, step in zip(("a", "b"), pair.diverged_at, strict=True)
            if step is not None
        )
        return progress._ended(result, {"history": history, "curves": curves, "measurements": measurements})

    @cached_property
    def history(self) -> pd.DataFrame:
        """Epochs: epoch, step, lr, pair, twin, train_loss, train_error, test_loss, test_error, train_seconds."""
        return self._history.frame()

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Curves at every measured moment: epoch, step, pair, split, alpha, error, loss."""
        return self._curves.frame()

    @cached_property
    def measurements(self) -> pd.DataFrame:
        """Barriers and distances at every measured moment: epoch, step, pair, split and a column for each quantity."""
        return self._measurements.frame()

    @property
    def test_barrier(self) -> float | None:
        """Mean over pairs of the test error barrier when it was last measured; None where it was not, or is not finite."""
        rows = zip(self._measurements.last("split"), self._measurements.last("error_barrier"), strict=True)
        finite = [float(height) for split, height in rows if split == "test" and isinstance(height, float) and math.isfinite(height)]
        return sum(finite) / len(finite) if finite else None

    def _back_to(self, step: int) -> None:
        for table in (self._history, self._curves, self._measurements):
            table.back_to(step)
        self.diverged = tuple(fault for fault in self.diverged if fault.step < step)
        self.epoch = self._history.last_epoch

    def _take(self, event: Event) -> None:
        match event:
            case EpochDone():
                self.step, self.epoch, self.train_seconds = event.step, event.epoch, event.train_seconds
                self._history.put(event.epoch, event.step, _history_rows(event))
            case CurveMeasured():
                self._curves.put(event.epoch, event.step, _curve_rows(event))
                self._measurements.put(event.epoch, event.step, _measurement_rows(event))
            case Diverged():
                self.diverged = (*(fault for fault in self.diverged if (fault.pair, fault.twin) != (event.pair, event.twin)), event)

    def _result(self, event: Done) -> RunResult:
        if not isinstance(event.result, RunResult):
            raise TypeError("a run of twins ends with a RunResult")
        return event.result


def _history_rows(event: EpochDone) -> tuple[Row, ...]:
    return tuple(
        (
            event.epoch,
            event.step,
            event.lr,
            member.pair,
            member.twin,
            member.train_loss,
            member.train_error,
            member.test_loss,
            member.test_error,
            event.train_seconds,
        )
        for member in event.members
    )


def _curve_rows(event: CurveMeasured) -> tuple[Row, ...]:
    rows: list[Row] = []
    for pair in event.pairs:
        for split in SPLITS:
            curve = getattr(pair.curves, split)
            rows += [
                (event.epoch, event.step, pair.pair, split, alpha, error, loss)
                for alpha, error, loss in zip(event.alphas, curve.error, curve.loss, strict=True)
            ]
    return tuple(rows)


def _measurement_rows(event: CurveMeasured) -> tuple[Row, ...]:
    rows: list[Row] = []
    for pair in event.pairs:
        distances = tuple(
            value for two in (pair.distances.twins, pair.distances.init_a, pair.distances.init_b) for value in (two.l2, two.cosine)
        )
        for split in SPLITS:
            barrier = getattr(pair.barriers, split)
            heights = (barrier.error, barrier.normalized, barrier.loss, barrier.error_chord_gap, barrier.loss_chord_gap)
            rows.append((event.epoch, event.step, pair.pair, split, *heights, *distances))
    return tuple(rows)
