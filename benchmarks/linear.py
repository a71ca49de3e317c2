"""python -m benchmarks.linear: a step of table 1's 8-layer linear net at batch 30K, through its product and layer by layer."""

import time

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.setting import mnist_shaped, parser, table
from lmc_core.connectivity.spec import Measurement
from lmc_core.data.dataset import Dataset
from lmc_core.data.normalisation import normalise
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import LinearNet
from lmc_core.optim.spec import SGD
from lmc_core.training.run import train_twins

DEPTH, WIDTH, BATCH, LR, MOMENTUM = 8, 512, 30_000, 0.01, 0.9


def compare(dataset: Dataset, repeats: int) -> tuple[list[float], list[float]]:
    """Seconds of one optimiser step of both twins with plain torch on images in memory, and here; none measures the line.

    Args:
        dataset: of MNIST's shape.
        repeats: steps that are measured plain, and epochs here.
    """
    spec = TwinsSpec(
        dataset="mnist",
        architecture=LinearNet(depth=DEPTH, width=WIDTH),
        optimizer=SGD(lr=LR, momentum=MOMENTUM),
        batch_size=BATCH,
        epochs=repeats + 1,
        measurement=Measurement(alphas=3, every=0),
        device="cpu",
    )
    images = normalise(dataset.train_images, dataset.mean, dataset.std).flatten(1)
    sizes = [784, *[WIDTH] * (DEPTH - 1), 10]
    nets = [nn.Sequential(*(nn.Linear(sizes[layer], sizes[layer + 1]) for layer in range(DEPTH))) for _ in range(2)]
    optimizers = [torch.optim.SGD(net.parameters(), lr=LR, momentum=MOMENTUM) for net in nets]
    epochs = (event.train_seconds for event in train_twins(spec, dataset) if event.event == "epoch")
    before = next(epochs)
    plain: list[float] = []
    own: list[float] = []
    for turn in range(repeats + 1):
        begun = time.perf_counter()
        for net, optimizer in zip(nets, optimizers, strict=True):
            index = torch.randperm(len(images))[:BATCH]
            optimizer.zero_grad()
            F.cross_entropy(net(images[index]), dataset.train_labels[index]).backward()
            optimizer.step()
        if turn:
            plain.append(time.perf_counter() - begun)
            after = next(epochs)
            own.append((after - before) / spec.steps_per_epoch)
            before = after
    return plain, own


if __name__ == "__main__":
    chosen = parser("A step of twin linear nets 784-512-...-10 of 8 layers at batch 30K.").parse_args()
    plain, own = compare(mnist_shaped(chosen.data), chosen.repeats)
    title = "Twins, linear net of 8 layers 784-512-...-10, batch 30K, one step of both"
    print(table(title, {"plain torch, layer by layer, images in memory": plain}, own, "Both take the images of a batch from memory."))
