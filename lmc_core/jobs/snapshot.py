"""What a page or a command sees of a run at one moment."""

from dataclasses import dataclass, field
from typing import Literal

from lmc_core.experiment import AnySpec
from lmc_core.runs.kinds import AnyProgress, AnyResult
from lmc_core.runs.progress import Progress
from lmc_core.runs.store import StoredRun

State = Literal["unknown", "queued", "running", "done", "failed", "cancelled"]
"""`unknown`: nobody asked for this run, and it is not in the cache. The last three and `unknown` change only when somebody asks again."""

ENDED: frozenset[State] = frozenset({"unknown", "done", "failed", "cancelled"})


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment; `version` is another text whenever something that is worth a redraw has changed."""

    run_id: str
    version: str
    state: State
    spec: AnySpec | None = None
    """None only where the state is unknown."""
    progress: AnyProgress = field(default_factory=Progress)
    """What was told so far, of the kind of its spec: data frames and figures; of a finished run, all of it."""
    run: StoredRun | None = None
    """The finished run, with its result; set exactly when the state is done."""
    queue_position: int | None = None
    """How many turns come before this queued run gets a worker, plus one; None unless queued."""
    seconds_left: float | None = None
    """Estimated seconds to the end, waiting included; None where it has ended or nothing can be said yet."""
    paused: bool = False
    """Whether it waits since it gave way to shorter runs."""
    stopping: bool = False
    """Whether it was asked to stop and is writing its checkpoint."""
    error: str | None = None
    """The sentence that says why it failed."""
    notices: tuple[str, ...] = ()
    """Sentences for the user, such as that a damaged run was set aside."""
    watchers: int = 0
    """How many visitors want this queued or running run."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come unless somebody asks again."""
        return self.state in ENDED


@dataclass(frozen=True)
class QueueEntry:
    """A run that waits or runs, in the order in which workers will take them."""

    run_id: str
    spec: AnySpec
    state: Literal["queued", "running"]
    position: int | None
    """As `Snapshot.queue_position`."""
    mine: bool
    """Whether the visitor who asked for the queue asked for this run."""
    seconds_left: float | None
    watchers: int


@dataclass(frozen=True)
class RunListing:
    """A run as the list of all runs shows it: finished, or in the journal."""

    run_id: str
    spec: AnySpec
    state: State
    when: float
    """Seconds since 1970 at which it finished or, unfinished, was asked for."""
    result: AnyResult | None
    """Set when the state is done."""
    error: str | None
    shipped: bool
    """Whether it came with the program and cannot be deleted."""
