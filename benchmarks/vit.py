"""python -m benchmarks.vit: twins of ViT-Tiny against transformers' Trainer run twice, and 11 alphas against 11 state dicts.

The Trainer wants the package accelerate, which requirements-dev.txt brings. On a machine that others use at the same time,
`--processor-seconds` counts the time of the processor, with one thread for what one would write: a Trainer whose two threads
never waited for each other would be faster than that by their number, as the twins are, who train beside each other.
"""

import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from transformers import Trainer, TrainerCallback, TrainingArguments, ViTForImageClassification
from typing_extensions import override

from benchmarks.setting import parser, table
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.interpolation import equidistant, interpolate
from lmc_core.connectivity.spec import Measurement
from lmc_core.data import dataset as datasets
from lmc_core.data.crop_flip_jitter import STRENGTH, crop_side
from lmc_core.data.load import load
from lmc_core.experiment import TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.spec import ViT
from lmc_core.models.stacked import Samples
from lmc_core.models.vit import configuration
from lmc_core.optim.spec import AdamW
from lmc_core.training.networks import build, initialise, stacked
from lmc_core.training.run import train_twins

ALPHAS = equidistant(11)
TINY = {"patch": 16, "width": 192, "layers": 12, "heads": 3, "mlp": 768, "resample": "bicubic", "mean": (0.5,) * 3, "std": (0.5,) * 3}
"""ViT-Tiny, normalised as its pretrained weights want it."""
LR = 2e-4
"""The blog's."""

Ends = tuple[Mapping[str, Tensor], Mapping[str, Tensor]]
"""The weights of twins."""

Clock = Callable[[], float]
"""Gives seconds: of the wall, or of the processor."""


class Images(Dataset[dict[str, Tensor]]):
    """What a user hands to the Trainer: one image after the other through torchvision's transforms."""

    def __init__(self, images: Tensor, labels: Tensor, side: int, augmented: bool) -> None:
        crop = [v2.RandomCrop(crop_side(images.shape[-1])), v2.RandomHorizontalFlip(), v2.ColorJitter(*STRENGTH.values())]
        resized = v2.Resize((side, side), v2.InterpolationMode.BICUBIC)
        numbers = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(TINY["mean"], TINY["std"])]
        self._transform = v2.Compose([*(crop if augmented else []), resized, *numbers])
        self._images, self._labels = images, labels

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"pixel_values": self._transform(self._images[index]), "labels": self._labels[index]}


def few(folder: Path | None, train: int, test: int) -> datasets.Dataset:
    """So many images of CIFAR-10 in a folder, or random ones of its shape."""
    if folder is not None:
        whole = load("cifar10", folder)
        return datasets.Dataset.of(
            "cifar10", whole.train_images[:train], whole.train_labels[:train], whole.test_images[:test], whole.test_labels[:test]
        )
    source, tensors = torch.Generator().manual_seed(0), []
    for count in (train, test):
        tensors.append(torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=source))
        tensors.append(torch.randint(0, 10, (count,), generator=source))
    return datasets.Dataset.of("cifar10", *tensors)


def spec_of(side: int, batch_size: int, samples: int, precision: str) -> TwinsSpec:
    """The blog's training of ViT-Tiny on a part of CIFAR-10."""
    return TwinsSpec.model_validate(
        {
            "dataset": "cifar10",
            "train_samples": samples,
            "architecture": ViT.model_validate({"side": side, **TINY}),
            "optimizer": AdamW(lr=LR),
            "augmentation": "crop_flip_jitter",
            "batch_size": batch_size,
            "epochs": 100,
            "measurement": Measurement(alphas=3, every=0),
            "precision": precision,
        }
    )


def own_epochs(spec: TwinsSpec, data: datasets.Dataset, clock: Clock) -> Iterator[float]:
    """Seconds of both twins, epoch by epoch; the test error of so few images as there are is in them."""
    events = train_twins(spec, data)
    while True:
        begun = clock()
        next(event for event in events if event.event == "epoch")
        yield clock() - begun


class EpochClock(TrainerCallback):
    """Notes when each epoch ends."""

    def __init__(self, clock: Clock) -> None:
        self.ends: list[float] = []
        self._clock = clock

    @override
    def on_epoch_end(self, *_: object, **__: object) -> None:
        self.ends.append(self._clock())


def by_trainer(spec: TwinsSpec, data: datasets.Dataset, clock: Clock) -> float:
    """Seconds of an epoch of two networks by transformers' Trainer, one after the other, with the attention that it chooses itself.

    A first epoch of each is not counted: it starts accelerate and warms libraries up.
    """
    assert isinstance(spec.architecture, ViT)
    images, seconds = Images(data.train_images, data.train_labels, spec.architecture.side, augmented=True), 0.0
    for seed in (1, 2):
        config = configuration(spec.architecture.model_copy(update={"attention": "sdpa"}), 3, 10)
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                output_dir=folder,
                per_device_train_batch_size=spec.batch_size,
                learning_rate=LR,
                num_train_epochs=2,
                lr_scheduler_type="constant",
                max_grad_norm=0,
                seed=seed,
                bf16=spec.precision == "bfloat16",
                use_cpu=not torch.cuda.is_available(),
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
                dataloader_pin_memory=False,
            )
            epochs = EpochClock(clock)
            Trainer(ViTForImageClassification(config), arguments, train_dataset=images, callbacks=[epochs]).train()
            seconds += epochs.ends[1] - epochs.ends[0]
    return seconds


def by_state_dicts(module: nn.Module, ends: Ends, data: datasets.Dataset, side: int, precision: str, clock: Clock) -> float:
    """Seconds of 11 alphas by 11 loads of a state dict, each with a pass of a DataLoader over the test images."""
    loader = DataLoader(Images(data.test_images, data.test_labels, side, augmented=False), batch_size=32)
    device = next(module.parameters()).device.type
    begun = clock()
    with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
        for alpha in ALPHAS:
            module.load_state_dict(interpolate(*ends, alpha))
            for batch in loader:
                module(batch["pixel_values"]).argmax(1).ne(batch["labels"]).sum().item()
    return clock() - begun


def own_line(spec: TwinsSpec, ends: Ends, data: datasets.Dataset, clock: Clock) -> float:
    """Seconds of the same curve here."""
    net = stacked(spec)
    with Cores(torch.device("cuda" if torch.cuda.is_available() else "cpu")) as cores:
        a, b = (net.layout.pack(weights).to(cores.device) for weights in ends)
        begun = clock()
        Evaluator(net, 1.0, None, Samples(net, data, "test", cores.device), cores).between(a, b, ALPHAS)
        return clock() - begun


def both_twins(specs: Mapping[str, TwinsSpec], data: datasets.Dataset, repeats: int, clock: Clock, shown: str, counted: str) -> None:
    """Prints what an epoch of twins takes in each precision, here and by the Trainer, measured in turn."""
    epochs = {word: own_epochs(spec, data, clock) for word, spec in specs.items()}
    own: dict[str, list[float]] = {word: [] for word in specs}
    plain: dict[str, list[float]] = {word: [] for word in specs}
    for each in epochs.values():
        next(each)
    for _ in range(repeats):
        for word, spec in specs.items():
            own[word].append(next(epochs[word]))
            plain[word].append(by_trainer(spec, data, clock))
    for word in specs:
        variants = {f"Trainer, twice, {other}": seconds for other, seconds in plain.items() if other in ("float32", word)}
        remarks = f"The Trainer's attention is sdpa, ours eager. {counted}"
        print(table(f"Twins of ViT-Tiny at {shown}, ours in {word}", variants, own[word], remarks) + "\n")


def both_lines(specs: Mapping[str, TwinsSpec], data: datasets.Dataset, repeats: int, clock: Clock, counted: str) -> None:
    """Prints what 11 alphas take in each precision, here and by state dicts, measured in turn."""
    first = specs["float32"]
    assert isinstance(first.architecture, ViT)
    side, images = first.architecture.side, len(data.test_images)
    ends, module = (initialise(first, 0), initialise(first, 1)), build(first).eval()
    own: dict[str, list[float]] = {word: [] for word in specs}
    plain: dict[str, list[float]] = {word: [] for word in specs}
    for _ in range(repeats):
        for word, spec in specs.items():
            own[word].append(own_line(spec, ends, data, clock))
            plain[word].append(by_state_dicts(module, ends, data, side, word, clock))
    for word in specs:
        variants = {f"11 state dicts, {other}": seconds for other, seconds in plain.items() if other in ("float32", word)}
        print(table(f"11 alphas over {images} images at {side} px, ours in {word}", variants, own[word], counted) + "\n")


if __name__ == "__main__":
    arguments = parser("ViT-Tiny on CIFAR-10: optimiser steps of twins, and the line between them.")
    arguments.add_argument("--only", choices=("twins", "line"), help="measure training, or the line, alone")
    arguments.add_argument("--side", type=int, default=224, help="pixels to which images are resized")
    arguments.add_argument("--samples", type=int, default=256, help="training images of an epoch")
    arguments.add_argument("--measured", type=int, default=256, help="test images on the line")
    arguments.add_argument("--batch-size", type=int, default=32)
    arguments.add_argument("--processor-seconds", action="store_true", help="count the processor's time, for a machine that others use")
    chosen = arguments.parse_args()
    warnings.simplefilter("ignore")
    clock, counted = time.perf_counter, "Seconds of the wall"
    if chosen.processor_seconds:
        clock, counted = time.process_time, "Seconds of the processor, those of all threads together"
        torch.set_num_threads(1)
    counted += f"; load average of the machine when it began {os.getloadavg()[0]:.1f}."
    specs = {word: spec_of(chosen.side, chosen.batch_size, chosen.samples, word) for word in ("float32", "bfloat16")}
    if chosen.only != "line":
        shown = f"{chosen.side} px, batch {chosen.batch_size}, {chosen.samples} images each"
        both_twins(specs, few(chosen.data, chosen.samples, 2), chosen.repeats, clock, shown, counted)
    if chosen.only != "twins":
        both_lines(specs, few(chosen.data, 2, chosen.measured), chosen.repeats, clock, counted)
