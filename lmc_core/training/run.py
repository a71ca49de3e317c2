"""One run trained alone: a crew of one."""

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

from lmc_core.data.dataset import Dataset
from lmc_core.experiment import TwinsSpec
from lmc_core.runs.events import Event
from lmc_core.training.crew import never, train_crew
from lmc_core.training.crewed import TrainedTwins

__all__ = ["TrainedTwins", "train_twins"]


def train_twins(
    spec: TwinsSpec,
    dataset: Dataset,
    *,
    device: str | None = None,
    checkpoint: Path | None = None,
    should_stop: Callable[[], bool] = never,
    threads: int | None = None,
    checkpoint_seconds: float = 10.0,
) -> Generator[Event, None, TrainedTwins]:
    """Trains and measures the spec's pairs; yields events, Done as the last, and returns the final weights.

    On a CPU the same spec on the same machine gives the same bits, whatever `threads` is, however often it was interrupted
    and whichever runs it shared a crew with.

    Args:
        spec: the experiment.
        dataset: all catalogued images, or the part of them that is there.
        device: instead of the spec's.
        checkpoint: a folder; the state is written there as training goes on, and read from there if one is.
        should_stop: asked about five times a second, from the thread that iterates.
        threads: cores to use on a CPU; all that the process may use where it is None.
        checkpoint_seconds: between two writes, at least.

    Raises:
        LMCError: no such device, too few images, out of memory, a disk that cannot be written.
        Stopped: `should_stop` said so; the state is in the checkpoint.
    """
    crew = train_crew(
        [spec],
        dataset,
        checkpoints=None if checkpoint is None else [checkpoint],
        should_stop=should_stop,
        device=device,
        threads=threads,
        checkpoint_seconds=checkpoint_seconds,
    )
    with closing(crew):
        while True:
            try:
                _, event = next(crew)
            except StopIteration as end:
                trained: list[TrainedTwins] = end.value
                return trained[0]
            yield event
