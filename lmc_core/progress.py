"""What a run's events add up to: tables of its epochs, curves and measurements, and where it stands."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, Literal, Self

import pandas as pd

from lmc_core.events import CurveMeasured, Diverged, Done, EpochDone, Event, Notice, Started, StepsDone
from lmc_core.results import RunResult

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

Row = tuple[int | float | str | None, ...]


class Table:
    """Rows that come in order of their step, as many at a time as one event tells; told again, a moment is replaced."""

    def __init__(self, columns: Mapping[str, str], moments: tuple[tuple[int, int, tuple[Row, ...]], ...] = ()) -> None:
        self._columns = columns
        self._moments = list(moments)

    def put(self, epoch: int, step: int, rows: tuple[Row, ...]) -> None:
        """Add the rows of one moment; what was told of this moment or later ones before is forgotten."""
        while self._moments and self._moments[-1][0] >= epoch:
            self._moments.pop()
        self._moments.append((epoch, step, rows))

    def back_to(self, step: int) -> None:
        """Forget what was told of later steps: the run goes on from here."""
        while self._moments and self._moments[-1][1] > step:
            self._moments.pop()

    @property
    def last_epoch(self) -> int:
        """The epoch of the last rows; 0 where there are none."""
        return self._moments[-1][0] if self._moments else 0

    @property
    def last_rows(self) -> tuple[Row, ...]:
        """The rows of the last moment."""
        return self._moments[-1][2] if self._moments else ()

    def copy(self) -> "Table":
        """A table that can grow apart from this one."""
        return Table(self._columns, tuple(self._moments))

    def frame(self) -> pd.DataFrame:
        """All rows as a data frame with the table's columns."""
        rows = [row for _, _, rows in self._moments for row in rows]
        values: Iterable[Iterable[object]] = zip(*rows, strict=True) if rows else [()] * len(self._columns)
        return pd.DataFrame(
            {name: pd.Series(list(column), dtype=kind) for (name, kind), column in zip(self._columns.items(), values, strict=True)}
        )


class Progress:
    """What a run has told so far. It does not change: `after` gives another one; its data frames are shared, so only read them."""

    def __init__(self) -> None:
        self._history = Table(HISTORY)
        self._curves = Table(CURVES)
        self._measurements = Table(MEASUREMENTS)
        self.started = False
        """Whether data and networks were ready at some time."""
        self.first_step = 0
        """The step at which the training last started or went on."""
        self.step = 0
        self.epoch = 0
        """Finished epochs."""
        self.total_steps = 0
        self.parameters = 0
        self.engine = ""
        self.train_seconds = 0.0
        self.diverged: tuple[Diverged, ...] = ()
        self.notices: tuple[str, ...] = ()
        self.result: RunResult | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """The progress that events add up to, from the first on."""
        progress = cls()
        for event in events:
            progress._fold(event)
        return progress

    @classmethod
    def finished(cls, result: RunResult, history: pd.DataFrame, curves: pd.DataFrame, measurements: pd.DataFrame) -> Self:
        """The progress of a run that was read from the disk, with the tables as they were kept there; nothing comes after it."""
        progress = cls()
        progress.started, progress.result, progress.parameters, progress.engine = True, result, result.parameters, result.environment.engine
        progress.train_seconds = result.timing.train_seconds
        if len(history):
            progress.epoch, progress.step = int(history["epoch"].iloc[-1]), int(history["step"].iloc[-1])
        progress.first_step = progress.total_steps = progress.step
        progress.diverged = tuple(
            Diverged(pair=pair.pair, twin=twin, step=step)
            for pair in result.pairs
            for twin, step in zip(("a", "b"), pair.diverged_at, strict=True)
            if step is not None
        )
        progress.__dict__.update(history=history, curves=curves, measurements=measurements)
        return progress

    def after(self, events: Iterable[Event]) -> Self:
        """The progress once these events are told too; this one stays as it is."""
        later = type(self)()
        later.__dict__.update({name: value for name, value in self.__dict__.items() if name not in ("history", "curves", "measurements")})
        later._history, later._curves, later._measurements = self._history.copy(), self._curves.copy(), self._measurements.copy()
        for event in events:
            later._fold(event)
        return later

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
    def fraction(self) -> float:
        """Part of the optimiser steps that is done, from 0 to 1."""
        return self.step / self.total_steps if self.total_steps else 0.0

    @property
    def test_barrier(self) -> float | None:
        """Mean over pairs of the test error barrier when it was last measured; None where it was not, or is not finite."""
        split, error = (list(MEASUREMENTS).index(name) for name in ("split", "error_barrier"))
        heights = [row[error] for row in self._measurements.last_rows if row[split] == "test"]
        finite = [height for height in heights if isinstance(height, float)]
        return sum(finite) / len(finite) if finite else None

    def _fold(self, event: Event) -> None:
        match event:
            case Started():
                for table in (self._history, self._curves, self._measurements):
                    table.back_to(event.step)
                self.diverged = tuple(fault for fault in self.diverged if fault.step < event.step)
                self.started, self.first_step, self.step = True, event.step, event.step
                self.epoch = self._history.last_epoch
                self.total_steps, self.parameters, self.engine = event.total_steps, event.parameters, event.engine
            case StepsDone():
                self.step, self.train_seconds = event.step, event.train_seconds
            case EpochDone():
                self.step, self.epoch, self.train_seconds = event.step, event.epoch, event.train_seconds
                self._history.put(event.epoch, event.step, _history_rows(event))
            case CurveMeasured():
                self._curves.put(event.epoch, event.step, _curve_rows(event))
                self._measurements.put(event.epoch, event.step, _measurement_rows(event))
            case Diverged():
                self.diverged = (*(fault for fault in self.diverged if (fault.pair, fault.twin) != (event.pair, event.twin)), event)
            case Notice():
                self.notices = (*self.notices, event.text)
            case Done():
                self.result, self.step = event.result, self.total_steps


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
