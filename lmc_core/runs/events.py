"""What a training tells while it runs: the same events for the page, the command line, the tests and the benchmarks."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lmc_core.connectivity.results import PairMeasurement
from lmc_core.plan import LevelKind
from lmc_core.runs.pruning_results import Level, PruneResult
from lmc_core.runs.results import RunResult


class EventBase(BaseModel):
    """An event: immutable plain values that travel as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Started(EventBase):
    """Data and networks are ready; training begins, or goes on, at a step."""

    event: Literal["started"] = "started"
    step: int
    total_steps: int
    parameters: int
    engine: str


class MemberEpoch(EventBase):
    """One twin after an epoch: running means over its training batches, and the test set measured at the epoch's end."""

    pair: int
    twin: Literal["a", "b"]
    train_loss: float | None
    train_error: float | None
    test_loss: float | None
    test_error: float | None


class EpochDone(EventBase):
    """An epoch has ended; epoch counts finished epochs."""

    event: Literal["epoch"] = "epoch"
    epoch: int
    step: int
    lr: float
    members: list[MemberEpoch]
    train_seconds: float


class StepsDone(EventBase):
    """Some steps inside a long epoch have ended: a sign of life, and what the time left is reckoned from."""

    event: Literal["steps"] = "steps"
    step: int
    train_seconds: float


class CurveMeasured(EventBase):
    """The line between the twins of every pair was measured after an epoch (0 is the initialisation)."""

    event: Literal["curve"] = "curve"
    epoch: int
    step: int
    alphas: list[float]
    pairs: list[PairMeasurement]


class Diverged(EventBase):
    """A twin's loss or weights left the finite numbers at a step; it is frozen and its pair is marked."""

    event: Literal["diverged"] = "diverged"
    pair: int
    twin: Literal["a", "b"]
    step: int


class PhaseBegun(EventBase):
    """A part of a pruning run begins, at a step of the run: networks train together until the next part; phases count from 0."""

    event: Literal["phase"] = "phase"
    phase: int
    phases: int
    step: int
    text: str
    """What trains, in a few words, such as `8 networks are pruned by PLATON`."""
    members: int


class NetworkEpoch(EventBase):
    """One network of a pruning run after an epoch: who it is, and means over its training batches."""

    kind: LevelKind
    density: float
    rewind: int | None
    pair: int
    twin: Literal["a", "b"]
    train_loss: float | None
    train_error: float | None


class NetworksEpoch(EventBase):
    """An epoch of a pruning run's phase has ended.

    Attributes:
        phase: as in PhaseBegun.
        epoch: of the networks' training, finished; a ticket rewound to epoch 2 begins with 3.
        step: of the run.
        lr: of the last step.
        networks: that train in the phase.
        train_seconds: of the run so far.
    """

    event: Literal["networks"] = "networks"
    phase: int
    epoch: int
    step: int
    lr: float
    networks: list[NetworkEpoch]
    train_seconds: float


class StepsRecorded(EventBase):
    """Each step of an epoch of one network while it is pruned, or retrained (the first repeat's twin A).

    Attributes:
        phase: as in PhaseBegun.
        kind: of the network.
        density: that it shall have in the end.
        rewind: as in `Level`.
        first: step of the network's training (from 0) of the first value.
        loss: of the batch; None where not finite.
        scheduled: share of the prunable weights that shall be kept after the step.
        kept: share of them that are not 0 after the step.
        masked: whether the step was masked.
    """

    event: Literal["recorded"] = "recorded"
    phase: int
    kind: LevelKind
    density: float
    rewind: int | None
    first: int
    loss: list[float | None]
    scheduled: list[float]
    kept: list[float]
    masked: list[bool]


class LevelMeasured(EventBase):
    """The networks of one level have been measured."""

    event: Literal["level"] = "level"
    step: int
    level: Level


class Done(EventBase):
    """Training and measuring have ended."""

    event: Literal["done"] = "done"
    result: RunResult | PruneResult


class Notice(EventBase):
    """A sentence for the user, such as that a damaged run was set aside."""

    event: Literal["notice"] = "notice"
    text: str


Event = Annotated[
    Started | StepsDone | EpochDone | CurveMeasured | Diverged | PhaseBegun | NetworksEpoch | StepsRecorded | LevelMeasured | Notice | Done,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
