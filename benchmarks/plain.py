"""What a user would write: torchvision's MNIST, its transforms, a DataLoader, one network after the other."""

import warnings
from collections.abc import Sequence

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


def quiet() -> None:
    """Python warns that threads and forked loader workers do not mix; the baseline does as its users do."""
    warnings.filterwarnings("ignore", message=".*fork.*")
