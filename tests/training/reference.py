"""A plain loop: one torch.nn module, one torch.optim optimiser, one batch after the other. It shares no code with the engine."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lmc_core.data.augmentation import DRAWS
from lmc_core.data.dataset import Dataset
from lmc_core.data.noise import epoch_order
from lmc_core.data.resizing import resize
from lmc_core.experiment import TwinsSpec
from lmc_core.optim.spec import SGD, Adam
from lmc_core.training.networks import build, initialise


def plain_training(spec: TwinsSpec, dataset: Dataset, twin: int = 0, pair: int = 0) -> nn.Module:
    """The network of one twin (0 or 1) after its training."""
    net = build(spec)
    net.load_state_dict(initialise(spec, pair))
    optimizer = optimizer_of(spec, net)
    images, labels, step = dataset.train_images, dataset.train_labels, 0
    for epoch in range(spec.epochs):
        orders = [epoch_order(seed, pair, epoch, len(labels)) for seed in spec.seeds.order]
        kind = DRAWS[spec.augmentation]
        draws = [kind.of_epoch(seed, pair, epoch, len(labels), images.shape[-1]) for seed in spec.seeds.augmentation] if kind else []
        for start in range(0, len(labels), spec.batch_size):
            source = twin if step >= spec.spawn_step else 0
            index = orders[source][start : start + spec.batch_size]
            batch = images[index]
            if draws:
                batch = resize(draws[source][start : start + spec.batch_size].apply(batch), images.shape[-1])
            for group in optimizer.param_groups:
                group["lr"] = rate(spec, step)
            optimizer.zero_grad()
            F.cross_entropy(net(as_numbers(batch, dataset)), labels[index]).backward()
            if spec.optimizer.clip_norm:
                nn.utils.clip_grad_norm_(net.parameters(), spec.optimizer.clip_norm)
            optimizer.step()
            step += 1
    return net


WITHOUT_EFFECT = ("key.bias", "k_proj.bias")
"""Ends of the names of what adds the same number to all scores of a softmax: its gradient is rounding alone, which Adam makes
into full steps."""


def moved_apart(found: Mapping[str, Tensor], expected: Mapping[str, Tensor], start: Mapping[str, Tensor]) -> float:
    """Distance of two networks over the distance that the second has come from its start."""
    names = [name for name in start if not name.endswith(WITHOUT_EFFECT)]
    apart = sum(float((found[name] - expected[name]).double().square().sum()) for name in names)
    come = sum(float((expected[name] - start[name]).double().square().sum()) for name in names)
    return math.sqrt(apart / come)


def as_numbers(images: Tensor, dataset: Dataset) -> Tensor:
    mean, std = (torch.tensor(values)[:, None, None] for values in (dataset.mean, dataset.std))
    return (images / 255 - mean) / std


def rate(spec: TwinsSpec, step: int) -> float:
    warm, base = round(spec.schedule.warmup_epochs * spec.steps_per_epoch), spec.optimizer.lr
    if step < warm:
        return base * (step + 1) / warm
    if spec.schedule.name == "constant":
        return base
    return base * 0.5 * (1 + math.cos(math.pi * (step - warm) / (spec.total_steps - warm)))


def optimizer_of(spec: TwinsSpec, net: nn.Module) -> torch.optim.Optimizer:
    chosen = spec.optimizer
    if isinstance(chosen, SGD):
        return torch.optim.SGD(
            net.parameters(), lr=chosen.lr, momentum=chosen.momentum, nesterov=chosen.nesterov, weight_decay=chosen.weight_decay
        )
    kind = torch.optim.Adam if isinstance(chosen, Adam) else torch.optim.AdamW
    return kind(net.parameters(), lr=chosen.lr, weight_decay=chosen.weight_decay)
