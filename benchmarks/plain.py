"""What a user would write: torchvision's MNIST, its transforms, a DataLoader, one network after the other."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from lmc_core.data.dataset import Dataset

BATCH = 128
WORKERS = (0, 2)
"""Variants of the baseline; each benchmark takes the best. Workers are persistent, so that their start is not counted."""


class InMemoryMNIST(MNIST):  # type: ignore[misc]  # torchvision is not annotated
    """torchvision's MNIST, whose `__getitem__` it keeps (PIL image, transform), over tensors that are there already."""

    def __init__(self, images: Tensor, labels: Tensor, mean: Sequence[float], std: Sequence[float]) -> None:
        self.data = images.squeeze(1)
        self.targets = labels
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
        self.target_transform = None


Loader = DataLoader[tuple[Tensor, Tensor]]


def loaders(dataset: Dataset, workers: int, batch: int = BATCH) -> tuple[Loader, Loader]:
    """Loaders of the training split (shuffled) and of the test split."""
    train = InMemoryMNIST(dataset.train_images, dataset.train_labels, dataset.mean, dataset.std)
    test = InMemoryMNIST(dataset.test_images, dataset.test_labels, dataset.mean, dataset.std)
    stay = workers > 0
    return (
        DataLoader(train, batch_size=batch, shuffle=True, num_workers=workers, persistent_workers=stay),
        DataLoader(test, batch_size=batch, num_workers=workers, persistent_workers=stay),
    )


def mlp(depth: int, width: int) -> nn.Sequential:
    """A ReLU network for MNIST."""
    sizes = [784, *[width] * (depth - 1), 10]
    layers: list[nn.Module] = [nn.Flatten()]
    for position in range(depth):
        layers += [nn.Linear(sizes[position], sizes[position + 1]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train_epoch(net: nn.Module, optimizer: torch.optim.Optimizer, loader: Loader, device: str = "cpu") -> None:
    """One epoch of one network on a device."""
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
        optimizer.step()


@torch.no_grad()
def wrong_answers(net: nn.Module, loader: Loader) -> tuple[int, float]:
    """Wrong answers and the sum of the losses of one network over one split."""
    wrong, loss = 0, 0.0
    for images, labels in loader:
        logits = net(images)
        wrong += int((logits.argmax(1) != labels).sum())
        loss += float(F.cross_entropy(logits, labels, reduction="sum"))
    return wrong, loss


def in_turn(
    dataset: Dataset, epochs: Iterator[float], train: Callable[[Loader], None], share: float, repeats: int
) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of an epoch of all networks, for each plain variant and for this project, measured in turn.

    Args:
        dataset: of MNIST's shape.
        epochs: seconds of this project's epochs, one after the other; the first is a warm-up and not counted.
        train: one epoch of the networks that the plain variants really train.
        share: part of all networks that these are; their time is scaled to all, which come one after the other.
        repeats: epochs that are measured.
    """
    quiet()
    sources = {f"DataLoader, {workers} workers": loaders(dataset, workers)[0] for workers in WORKERS}
    next(epochs)
    for loader in sources.values():
        next(iter(loader))
    seconds: dict[str, list[float]] = {name: [] for name in sources}
    own: list[float] = []
    for _ in range(repeats):
        for name, loader in sources.items():
            begun = time.perf_counter()
            train(loader)
            seconds[name].append((time.perf_counter() - begun) / share)
        own.append(next(epochs))
    return seconds, own


def train_mlps(count: int, width: int, lr: float, momentum: float, loader: Loader) -> None:
    """One epoch of each of several new ReLU networks with a hidden layer of that width, one after the other, with SGD."""
    for _ in range(count):
        net = mlp(2, width)
        train_epoch(net, torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum), loader)


def quiet() -> None:
    """Python warns that threads and forked loader workers do not mix; the baseline does as its users do."""
    warnings.filterwarnings("ignore", message=".*fork.*")
