"""What the events of a pruning run add up to: its levels, tables of its epochs and steps, and where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import pandas as pd
from typing_extensions import override

from lmc_core.data.spec import DatasetName
from lmc_core.plan import LevelKind
from lmc_core.runs.events import Done, Event, LevelMeasured, NetworksEpoch, PhaseBegun, StepsRecorded
from lmc_core.runs.outcome import outcome_of_level
from lmc_core.runs.progress import SPLITS
from lmc_core.runs.pruning_results import BarriersOfLevel, Level, PruneResult
from lmc_core.runs.results import Spread
from lmc_core.runs.standing import Standing
from lmc_core.runs.table import Row, Table, frame_of

NETWORK: Final = {"kind": "str", "density": "float64", "rewind": "float64"}
"""Who a row is about: kind and density of its level, and the step that its networks were rewound to, NaN where they were not."""
HISTORY: Final = {
    "phase": "int64",
    "epoch": "int64",
    "step": "int64",
    "lr": "float64",
    **NETWORK,
    "pair": "int64",
    "twin": "str",
    "train_loss": "float64",
    "train_error": "float64",
    "train_seconds": "float64",
}
STEPS: Final = {
    "phase": "int64",
    **NETWORK,
    "step": "int64",
    "loss": "float64",
    "scheduled": "float64",
    "kept": "float64",
    "masked": "bool",
}
CURVES: Final = {**NETWORK, "pair": "int64", "split": "str", "alpha": "float64", "error": "float64", "loss": "float64"}
LEVELS: Final = {
    **NETWORK,
    "nonzero": "int64",
    "prunable": "int64",
    "train_accuracy": "float64",
    "train_accuracy_std": "float64",
    "test_accuracy": "float64",
    "test_accuracy_std": "float64",
    "train_barrier": "float64",
    "train_barrier_std": "float64",
    "test_barrier": "float64",
    "test_barrier_std": "float64",
    "normalized_barrier": "float64",
    "outcome": "str",
    "connected": "boolean",
    "diverged_pairs": "int64",
}

Series = tuple[int, LevelKind, float, int | None]
"""Phase, kind, density and rewinding point of what is recorded step by step."""


@dataclass(frozen=True)
class _Recorded:
    """Steps of one network in a row, and the step of the run at which they were told."""

    at: int
    event: StepsRecorded

    def before(self, step: int) -> "_Recorded | None":
        """The part of them before a step of the network; None where there is none."""
        event, count = self.event, step - self.event.first
        if count >= len(event.loss):
            return self
        parts = {
            "loss": event.loss[:count],
            "scheduled": event.scheduled[:count],
            "kept": event.kept[:count],
            "masked": event.masked[:count],
        }
        return _Recorded(self.at, event.model_copy(update=parts)) if count > 0 else None


class PruningProgress(Standing[PruneResult]):
    """What a pruning run has told so far."""

    tables = ("history", "steps", "curves")

    def __init__(self) -> None:
        super().__init__()
        self.phase = 0
        """Index of the part of the run that trains, from 0."""
        self.phases = 0
        """How many parts the run has."""
        self.phase_text = ""
        """What trains, in a few words."""
        self._history = Table(HISTORY)
        self._recorded: dict[Series, tuple[_Recorded, ...]] = {}
        self._most_steps: int | None = None
        self._measured: tuple[tuple[int, Level], ...] = ()

    @classmethod
    def finished(cls, result: PruneResult, history: pd.DataFrame, steps: pd.DataFrame, curves: pd.DataFrame) -> Self:
        """The progress of a run that was read from the disk, with the tables as they were kept there; nothing comes after it."""
        progress = cls()
        if len(history):
            progress.phase, progress.phases = int(history["phase"].iloc[-1]), int(history["phase"].iloc[-1]) + 1
        progress._measured = tuple((0, level) for level in result.levels)
        return progress._ended(result, {"history": history, "steps": steps, "curves": curves})

    @property
    def stage(self) -> str:
        """Which part of the training is under way, in a few words."""
        return f"part {self.phase + 1} of {self.phases}, epoch {self.epoch}" if self.phases else super().stage

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that were measured, in that order."""
        return tuple(level for _, level in self._measured)

    @cached_property
    def history(self) -> pd.DataFrame:
        """Epochs: phase, epoch, step (of the run), lr, kind, density, rewind, pair, twin, train_loss, train_error, train_seconds."""
        return self._history.frame()

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Steps of the first repeat: phase, kind, density, rewind, step (of the network), loss, scheduled, kept, masked."""
        rows = (row for series, parts in self._recorded.items() for part in parts for row in _step_rows(series, part.event))
        return frame_of(STEPS, rows)

    def steps_of(self, kind: LevelKind, density: float, rewind: int | None) -> pd.DataFrame:
        """The steps of one network, in their order: as `steps`, of which a live run would make far more than one looks at."""
        if "steps" in vars(self):
            steps = self.steps
            at_rewind = steps["rewind"].isna() if rewind is None else steps["rewind"] == rewind
            found = steps[(steps["kind"] == kind) & (steps["density"] == density) & at_rewind]
        else:
            own = {series: parts for series, parts in self._recorded.items() if series[1:] == (kind, density, rewind)}
            found = frame_of(STEPS, (row for series, parts in own.items() for part in parts for row in _step_rows(series, part.event)))
        return found.sort_values("step", kind="stable")

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Lines between the twins of each level: kind, density, rewind, pair, split, alpha, error, loss."""
        return frame_of(CURVES, [row for level in self.levels for row in _curve_rows(level)])

    def levels_table(self, dataset: DatasetName) -> pd.DataFrame:
        """A row for each level; accuracies and error barriers are means over repeats, each with its standard deviation.

        `outcome` is the verdict in a word, empty where there is none to give; `connected` follows from it.
        """
        return levels_frame(self.levels, dataset)

    @override
    def bounded(self, most_rows: int) -> Self:
        later = super().bounded(most_rows)
        later._most_steps = most_rows
        return later

    @property
    @override
    def rows(self) -> int:
        return super().rows + self._steps_kept

    @property
    def _steps_kept(self) -> int:
        return sum(len(part.event.loss) for parts in self._recorded.values() for part in parts)

    def _back_to(self, step: int) -> None:
        self._history.back_to(step)
        kept = {series: tuple(part for part in parts if part.at <= step) for series, parts in self._recorded.items()}
        self._recorded = {series: parts for series, parts in kept.items() if parts}
        self._measured = tuple((at, level) for at, level in self._measured if at <= step)

    def _take(self, event: Event) -> None:
        match event:
            case PhaseBegun():
                self.phase, self.phases, self.phase_text, self.epoch = event.phase, event.phases, event.text, 0
            case NetworksEpoch():
                self.step, self.epoch, self.train_seconds = event.step, event.epoch, event.train_seconds
                self._history.put(event.step, event.step, _history_rows(event))
            case StepsRecorded():
                series = event.phase, event.kind, event.density, event.rewind
                kept = filter(None, (part.before(event.first) for part in self._recorded.get(series, ())))
                self._recorded = {**self._recorded, series: (*kept, _Recorded(self.step, event))}
                while self._most_steps is not None and self._steps_kept > self._most_steps and any(map(_can_thin, self._recorded.values())):
                    self._recorded = {series: _thinned(parts) for series, parts in self._recorded.items()}
            case LevelMeasured():
                others = tuple(kept for kept in self._measured if _place(kept[1]) != _place(event.level))
                self._measured = (*others, (event.step, event.level))

    def _result(self, event: Done) -> PruneResult:
        if not isinstance(event.result, PruneResult):
            raise TypeError("a pruning run ends with a PruneResult")
        return event.result


def _can_thin(parts: tuple[_Recorded, ...]) -> bool:
    return len(parts) > 2


def _thinned(parts: tuple[_Recorded, ...]) -> tuple[_Recorded, ...]:
    """Every second part, and the last."""
    return (*parts[:-1:2], parts[-1]) if _can_thin(parts) else parts


def _place(level: Level) -> tuple[LevelKind, float, int | None]:
    return level.kind, level.density, level.rewind


def _step_rows(series: Series, event: StepsRecorded) -> Iterable[Row]:
    values = zip(event.loss, event.scheduled, event.kept, event.masked, strict=True)
    return ((*series, step, *row) for step, row in enumerate(values, start=event.first))


def _history_rows(event: NetworksEpoch) -> tuple[Row, ...]:
    moment = event.phase, event.epoch, event.step, event.lr
    return tuple(
        (
            *moment,
            *(network.kind, network.density, network.rewind, network.pair, network.twin),
            *(network.train_loss, network.train_error, event.train_seconds),
        )
        for network in event.networks
    )


def _curve_rows(level: Level) -> list[Row]:
    rows: list[Row] = []
    for pair in level.pairs:
        for split in SPLITS if pair.curves else ():
            curve = getattr(pair.curves, split)
            last = len(curve.error) - 1
            rows += [
                (*_place(level), pair.pair, split, place / last, error, loss)
                for place, (error, loss) in enumerate(zip(curve.error, curve.loss, strict=True))
            ]
    return rows


def _level_row(level: Level, dataset: DatasetName) -> Row:
    outcome = outcome_of_level(level, dataset)
    return (
        *_place(level),
        *(level.nonzero[0], level.prunable),
        *_mean_and_std(level.train_accuracy),
        *_mean_and_std(level.test_accuracy),
        *_mean_and_std(_error(level.train)),
        *_mean_and_std(_error(level.test)),
        level.test.normalized.mean if level.test else None,
        *((outcome.word, outcome.connected) if outcome else ("", None)),
        level.diverged_pairs,
    )


def levels_frame(levels: Iterable[Level], dataset: DatasetName) -> pd.DataFrame:
    """A row for each level, as `PruningProgress.levels_table` describes it."""
    return frame_of(LEVELS, (_level_row(level, dataset) for level in levels))


def _error(barriers: BarriersOfLevel | None) -> Spread | None:
    return barriers.error if barriers else None


def _mean_and_std(spread: Spread | None) -> tuple[float | None, float | None]:
    return (spread.mean, spread.std) if spread else (None, None)
