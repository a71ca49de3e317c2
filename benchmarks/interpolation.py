"""python -m benchmarks.interpolation: error and loss at 11 alphas over 70,000 images, for one and for three hidden layers."""

import time

import torch

from benchmarks import plain
from benchmarks.setting import mnist_shaped, parser, table
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.interpolation import equidistant, interpolate
from lmc_core.data.dataset import Dataset
from lmc_core.experiment import TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.spec import MLP
from lmc_core.models.stacked import Samples
from lmc_core.training.networks import initialise, stacked

ALPHAS = equidistant(11)
UNDECIDED = 1e-3
"""Part of the images on which two orders of summation may disagree."""


def compare(dataset: Dataset, depth: int, measured: int, repeats: int) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of a whole curve on both splits, for each plain variant and here.

    Args:
        dataset: of MNIST's shape.
        depth: weight layers; hidden ones have 512 units.
        measured: alphas that the plain variants really look at; their time is scaled to all.
        repeats: measurements of each.

    Raises:
        AssertionError: the project's errors are not those of the plain loop.
    """
    plain.quiet()
    spec = TwinsSpec(dataset="mnist", architecture=MLP(depth=depth, width=512))
    net, ends = stacked(spec), (initialise(spec, 0), initialise(spec, 1))
    a, b = (net.layout.pack(weights) for weights in ends)
    loaders = {f"DataLoader, {workers} workers": plain.loaders(dataset, workers) for workers in plain.WORKERS}
    for pair in loaders.values():
        for loader in pair:
            next(iter(loader))
    seconds: dict[str, list[float]] = {name: [] for name in loaders}
    own: list[float] = []
    with Cores(torch.device("cpu")) as cores:
        splits = [Evaluator(net, 0.0, None, Samples(net, dataset, split, cores.device), cores) for split in ("train", "test")]
        splits[1].between(a, b, ALPHAS)
        for _ in range(repeats):
            begun = time.perf_counter()
            curves = [evaluator.between(a, b, ALPHAS) for evaluator in splits]
            own.append(time.perf_counter() - begun)
            for name, pair in loaders.items():
                module = plain.mlp(depth, 512)
                begun = time.perf_counter()
                for place in range(measured):
                    weights = interpolate(*ends, ALPHAS[place])
                    module.load_state_dict(dict(zip(module.state_dict(), weights.values(), strict=True)))
                    for loader, curve in zip(pair, curves, strict=True):
                        wrong, _ = plain.wrong_answers(module, loader)
                        images = len(loader.dataset)  # type: ignore[arg-type]
                        error = curve.error[place]
                        assert error is not None and abs(wrong / images - error) < UNDECIDED
                seconds[name].append((time.perf_counter() - begun) * len(ALPHAS) / measured)
    return seconds, own


if __name__ == "__main__":
    arguments = parser("Error and loss at 11 alphas over 60,000 + 10,000 images, 512 units a hidden layer.")
    arguments.add_argument("--whole", action="store_true", help="let the plain variants look at all 11 alphas")
    chosen = arguments.parse_args()
    measured = len(ALPHAS) if chosen.whole else 1
    scaled = "" if chosen.whole else f" The plain variants looked at one alpha; their time is multiplied by {len(ALPHAS)}."
    for depth, layers in ((2, "one hidden layer"), (4, "three hidden layers")):
        seconds, own = compare(mnist_shaped(chosen.data), depth, measured, chosen.repeats)
        print(table(f"11 alphas over 70,000 images, MLP with {layers} of 512", seconds, own, f"Both gave the same errors.{scaled}") + "\n")
