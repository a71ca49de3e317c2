"""Where a run of any kind stands, by what it has told: what the queue and every page need of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import ClassVar, Generic, Self, TypeVar

import pandas as pd

from lmc_core.runs.events import Done, Event, Notice, Started, StepsDone
from lmc_core.runs.pruning_results import PruneResult
from lmc_core.runs.results import RunResult
from lmc_core.runs.table import Table

Outcome = TypeVar("Outcome", RunResult, PruneResult)


class Standing(ABC, Generic[Outcome]):
    """The fold of a run's events. It does not change: `after` gives another one; its data frames are shared, so only read them."""

    tables: ClassVar[tuple[str, ...]]
    """The data frames that are kept beside a finished run's result, each an attribute of that name."""

    def __init__(self) -> None:
        self.started = False
        """Whether data and networks were ready at some time."""
        self.first_step = 0
        """The step at which the training last started or went on."""
        self.step = 0
        self.epoch = 0
        """Finished epochs of the networks that train."""
        self.total_steps = 0
        self.parameters = 0
        self.engine = ""
        self.train_seconds = 0.0
        self.notices: tuple[str, ...] = ()
        self.result: Outcome | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """What events add up to, from the first on."""
        standing = cls()
        for event in events:
            standing._fold(event)
        return standing

    def after(self, events: Iterable[Event]) -> Self:
        """Where the run stands once these events are told too; this one stays as it is."""
        later = type(self)()
        frames = {name for name in vars(self) if isinstance(getattr(type(self), name, None), cached_property)}
        later.__dict__.update(
            {name: value.copy() if isinstance(value, Table) else value for name, value in vars(self).items() if name not in frames}
        )
        for event in events:
            later._fold(event)
        return later

    def bounded(self, most_rows: int) -> Self:
        """The same for a process that shows it: its tables keep no more rows than that, and leave out older moments."""
        later = self.after(())
        for value in vars(later).values():
            if isinstance(value, Table):
                value.most_rows = most_rows
        return later

    def epoch_of(self, epochs: int) -> int:
        """Finished epochs out of all of a run's, whatever it trains one after the other."""
        return epochs * self.step // self.total_steps if self.total_steps else 0

    @property
    def rows(self) -> int:
        """Rows that its tables hold."""
        return sum(value.rows for value in vars(self).values() if isinstance(value, Table))

    @property
    def fraction(self) -> float:
        """Part of the optimiser steps that is done, from 0 to 1."""
        return self.step / self.total_steps if self.total_steps else 0.0

    def _ended(self, result: Outcome, frames: Mapping[str, pd.DataFrame]) -> Self:
        """The progress, told of a run that was read from the disk; nothing comes after it."""
        self.started, self.result, self.parameters, self.engine = True, result, result.parameters, result.environment.engine
        self.train_seconds = result.timing.train_seconds
        if len(history := frames["history"]):
            self.epoch, self.step = int(history["epoch"].iloc[-1]), int(history["step"].iloc[-1])
        self.first_step = self.total_steps = self.step
        vars(self).update(frames)
        return self

    def _fold(self, event: Event) -> None:
        match event:
            case Started():
                self._back_to(event.step)
                self.started, self.first_step, self.step = True, event.step, event.step
                self.total_steps, self.parameters, self.engine = event.total_steps, event.parameters, event.engine
            case StepsDone():
                self.step, self.train_seconds = event.step, event.train_seconds
            case Notice():
                self.notices = (*self.notices, event.text)
            case Done():
                self.result, self.step = self._result(event), self.total_steps
            case _:
                self._take(event)

    @property
    def stage(self) -> str:
        """Which part of the training is under way, in a few words."""
        return f"epoch {self.epoch}"

    @abstractmethod
    def _back_to(self, step: int) -> None:
        """Forget what was told of later steps: the run goes on from here."""

    @abstractmethod
    def _take(self, event: Event) -> None:
        """Fold an event of this kind of run."""

    @abstractmethod
    def _result(self, event: Done) -> Outcome:
        """The result, of this kind of run."""
