"""What a training tells while it runs: the same events for the page, the command line, the tests and the benchmarks."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lmc_core.results import PairMeasurement, RunResult


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


class Done(EventBase):
    """Training and measuring have ended."""

    event: Literal["done"] = "done"
    result: RunResult


class Notice(EventBase):
    """A sentence for the user, such as that a damaged run was set aside."""

    event: Literal["notice"] = "notice"
    text: str


Event = Annotated[Started | StepsDone | EpochDone | CurveMeasured | Diverged | Notice | Done, Field(discriminator="event")]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
