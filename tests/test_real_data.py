"""Every architecture on the real MNIST and CIFAR-10, a few hundred images each, from files to barrier."""

from pathlib import Path

import pytest

from lmc_core.data.load import load
from lmc_core.overrides import with_overrides
from lmc_core.runs.events import Done
from lmc_core.training.run import train_twins

ARCHITECTURES: dict[str, dict[str, str]] = {
    "linear": {"architecture.depth": "2", "architecture.width": "32"},
    "mlp": {"architecture.width": "64"},
    "cnn": {"architecture.filters": "16"},
    "lc_cnn": {"architecture.filters": "16"},
    "attention": {"architecture.heads": "2", "architecture.head_dim": "16"},
}
CHANCE = 0.9
"""Error of guessing one of ten classes."""


@pytest.mark.real_data
@pytest.mark.parametrize("dataset", ["mnist", "cifar10"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_twins_learn_real_images_and_the_line_between_them_is_measured(real_data: Path, dataset: str, name: str) -> None:
    settings = {"architecture.name": name, "dataset": dataset, "train_samples": "2000", "epochs": "4", "measurement.every": "0"}
    spec = with_overrides(
        settings | ARCHITECTURES[name] | {"optimizer.name": "adam", "optimizer.lr": "0.003", "batch_size": "100", "measurement.alphas": "3"}
    )
    *_, done = train_twins(spec, load(spec.dataset, real_data))
    assert isinstance(done, Done)
    [pair] = done.result.pairs
    assert not pair.diverged
    assert done.result.environment.dataset["test_samples"] == 10_000
    errors = pair.curves.test.error
    assert errors[0] is not None
    assert errors[0] < CHANCE - 0.1
    assert pair.barriers.test.error is not None
