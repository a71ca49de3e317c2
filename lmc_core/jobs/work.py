"""In a worker process, with torch: load the data, train the runs, hand over arrays."""

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import Tensor

from lmc_core.data.load import load
from lmc_core.events import Event
from lmc_core.spec import MLP, TwinsSpec
from lmc_core.store import Weights
from lmc_core.training.crew import train_crew
from lmc_core.training.run import train_twins


def train(
    specs: Sequence[TwinsSpec], data_dir: Path, checkpoints: Sequence[Path], should_stop: Callable[[], bool], tell: Callable[[str], None]
) -> Generator[tuple[int, Event], None, list[Weights]]:
    """The events of runs on one data set from the data folder, each with its run's index; returns each run's weights.

    Raises:
        Stopped: `should_stop` was true, and the checkpoints were written.
        LMCError: the data are not to be had, or do not fit, or memory does not suffice.
    """
    dataset = load(specs[0].dataset, data_dir, tell)
    trained = yield from train_crew(specs, dataset, checkpoints=checkpoints, should_stop=should_stop)
    return [_arrays(twins.weights) for twins in trained]


def _arrays(weights: Mapping[str, Mapping[str, Tensor]]) -> Weights:
    return {
        network: {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in tensors.items()}
        for network, tensors in weights.items()
    }


def warm() -> None:
    """Train the smallest run once, so that the first real one finds everything imported and touched."""
    spec = TwinsSpec(architecture=MLP(width=4), batch_size=1_437, epochs=1)
    with TemporaryDirectory() as folder:
        for _ in train_twins(spec, load(spec.dataset, Path(folder))):
            pass
