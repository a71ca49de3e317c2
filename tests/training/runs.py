"""Small specs, and trainings that are run to their end."""

from lmc_core.data.dataset import Dataset
from lmc_core.experiment import TwinsSpec
from lmc_core.runs.events import Event
from lmc_core.runs.results import RunResult
from lmc_core.training.run import TrainedTwins, train_twins
from tests.small_data import small_dataset

ARCHITECTURES = {
    "logistic regression": {"name": "linear"},
    "deep linear net": {"name": "linear", "depth": 3, "width": 12},
    "mlp": {"name": "mlp", "depth": 2, "width": 20},
    "deep leaky mlp": {"name": "mlp", "depth": 4, "width": 17, "slope": 0.2},
    "cnn": {"name": "cnn", "filters": 5, "kernel": 4},
    "locally connected": {"name": "lc_cnn", "filters": 5, "kernel": 3, "slope": 0.1},
    "attention": {"name": "attention", "patch": 4, "heads": 3, "head_dim": 6},
    "vit": {"name": "vit", "side": 8, "patch": 4, "width": 12, "layers": 2, "heads": 3, "mlp": 16},
}
OPTIMIZERS = {
    "sgd": {"name": "sgd", "lr": 0.05, "momentum": 0},
    "momentum": {"name": "sgd", "lr": 0.05},
    "nesterov with decay": {"name": "sgd", "lr": 0.05, "nesterov": True, "weight_decay": 0.01},
    "clipped sgd": {"name": "sgd", "lr": 0.05, "clip_norm": 0.5},
    "adam": {"name": "adam", "lr": 0.005},
    "adam with decay": {"name": "adam", "lr": 0.005, "weight_decay": 0.01},
    "adamw": {"name": "adamw", "lr": 0.005, "weight_decay": 0.1},
    "clipped adamw": {"name": "adamw", "lr": 0.005, "clip_norm": 0.5},
}
DATA = small_dataset()
STEPS = 20
"""Four epochs of five steps, each epoch's last with half a batch."""


def small_spec(architecture: str | dict = "mlp", optimizer: str | dict = "momentum", **rest) -> TwinsSpec:
    """A spec for `DATA`; architecture and optimiser by their name in the tables above, or as values."""
    values = {
        "train_samples": 90,
        "test_samples": 70,
        "batch_size": 20,
        "epochs": 4,
        "architecture": ARCHITECTURES[architecture] if isinstance(architecture, str) else architecture,
        "optimizer": OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer,
        "measurement": {"alphas": 5, "every": 0},
        "device": "cpu",
    }
    return TwinsSpec.model_validate(values | rest)


def train(spec: TwinsSpec, dataset: Dataset = DATA, **rest) -> tuple[list[Event], TrainedTwins]:
    """All events, and the weights."""
    events, generator = [], train_twins(spec, dataset, **rest)
    while True:
        try:
            events.append(next(generator))
        except StopIteration as end:
            return events, end.value


def result_of(events: list[Event]) -> RunResult:
    return events[-1].result
