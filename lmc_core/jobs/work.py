"""In a worker process, with torch: load the data, train the twins, hand over arrays."""

from collections.abc import Callable, Generator
from pathlib import Path
from tempfile import TemporaryDirectory

from lmc_core.data.load import load
from lmc_core.events import Event
from lmc_core.spec import MLP, TwinsSpec
from lmc_core.store import Weights
from lmc_core.training.run import train_twins


def train(
    spec: TwinsSpec, data_dir: Path, checkpoint: Path, should_stop: Callable[[], bool], tell: Callable[[str], None]
) -> Generator[Event, None, Weights]:
    """A run's events from its data set in the data folder; returns the weights of all its networks.

    Raises:
        Stopped: `should_stop` was true, and a checkpoint was written.
        LMCError: the data are not to be had, or do not fit, or memory does not suffice.
    """
    dataset = load(spec.dataset, data_dir, tell)
    trained = yield from train_twins(spec, dataset, checkpoint=checkpoint, should_stop=should_stop)
    return {
        network: {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in tensors.items()}
        for network, tensors in trained.weights.items()
    }


def warm() -> None:
    """Train the smallest run once, so that the first real one finds everything imported and touched."""
    spec = TwinsSpec(architecture=MLP(width=4), batch_size=1_437, epochs=1)
    with TemporaryDirectory() as folder:
        for _ in train_twins(spec, load(spec.dataset, Path(folder))):
            pass
