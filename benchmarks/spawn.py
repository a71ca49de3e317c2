"""python -m benchmarks.spawn: twins at 6 spawn points as one program, which trains their common twin A once."""

import time
from collections.abc import Sequence

from benchmarks.setting import mnist_shaped, parser, table
from lmc_core.connectivity.spec import Measurement
from lmc_core.data.dataset import Dataset
from lmc_core.experiment import Spawn, TwinsSpec
from lmc_core.models.spec import MLP
from lmc_core.network_keys import steps_of_lives, steps_together
from lmc_core.optim.spec import SGD
from lmc_core.training.crew import train_crew

EPOCHS = 6
SPECS = [
    TwinsSpec(
        dataset="mnist",
        architecture=MLP(depth=2, width=512),
        optimizer=SGD(lr=0.05, momentum=0.9),
        epochs=EPOCHS,
        spawn=Spawn(at=at),
        measurement=Measurement(alphas=11, every=0),
    )
    for at in range(EPOCHS)
]
"""Twins 784-512-10, batch 128, that part at once or after one to five of six epochs."""


def seconds(crews: Sequence[Sequence[TwinsSpec]], dataset: Dataset) -> tuple[float, float]:
    """Seconds from start to end of all crews, one after the other, and those of them that were not spent in measuring."""
    begun, measuring = time.perf_counter(), 0.0
    for crew in crews:
        for _, event in train_crew(crew, dataset, device="cpu"):
            if event.event == "done":
                measuring += event.result.timing.evaluate_seconds
    whole = time.perf_counter() - begun
    return whole, whole - measuring


if __name__ == "__main__":
    chosen = parser("Twins 784-512-10 that part after 0 to 5 of 6 epochs: 6 runs one after the other, and as one program.").parse_args()
    data = mnist_shaped(chosen.data)
    apart, together = [], []
    for _ in range(chosen.repeats):
        apart.append(seconds([[spec] for spec in SPECS], data))
        together.append(seconds([SPECS], data))
    steps = sum(sum(steps_of_lives(spec).values()) for spec in SPECS), sum(steps_together(SPECS).values())
    remarks = f"The networks take {steps[0]:,} steps in 6 runs and {steps[1]:,} in one program, {steps[0] / steps[1]:.2f} times fewer."
    for name, place in (("from start to end, measured at the end", 0), ("training alone", 1)):
        plain = {"6 runs, one after the other": [took[place] for took in apart]}
        print(table(f"Twins 784-512-10 at 6 spawn points, 6 epochs, {name}", plain, [took[place] for took in together], remarks) + "\n")
